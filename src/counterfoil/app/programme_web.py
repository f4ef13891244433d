"""The local page about a programme: parses answers or a file, asks the rules, hands to show."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePath
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData, UploadFile

from counterfoil.app.guarded import HANDLERS
from counterfoil.app.period import today
from counterfoil.programme.annex import annex
from counterfoil.programme.answered import programme_of, wanting
from counterfoil.programme.letter import letter
from counterfoil.programme.lint import case_of, lint
from counterfoil.programme.load import Loaded, loaded
from counterfoil.programme.questions import ASSUMED, GROUPS, questions, safe_answers
from counterfoil.programme.reading import decoded
from counterfoil.programme.repair import repair
from counterfoil.programme.rule import Case
from counterfoil.programme.rules import RULES
from counterfoil.programme.says import says
from counterfoil.programme.written import written
from counterfoil.show.judged import questions_page, result_page
from counterfoil.show.paper import paper_page, paper_text
from counterfoil.show.site import Page, rendered, sheet
from counterfoil.terms.error import SourceError
from counterfoil.terms.paper import Paper
from counterfoil.terms.question import Answers

PASTED = "The text"
WRONG = 422
PAPERS: Mapping[str, Callable[[Case], Paper]] = {
    "letter": letter,
    "annex": lambda case: annex(case.programme),
}
TEXTS = {name: rule.text for name, rule in RULES.items()}
OWN_STYLE = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


async def _form(request: Request) -> AsyncIterator[FormData]:
    """The form; a file in it stays in memory, since it is smaller than what is spooled."""
    async with request.form(max_files=1, max_fields=2_000) as form:
        yield form


Form = Annotated[FormData, Depends(_form)]


def site() -> FastAPI:
    """The site; it keeps nothing between two requests."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, exception_handlers=HANDLERS)
    app.get("/")(begin)
    app.get("/style.css")(styled)
    app.post("/answers")(answered)
    app.post("/file")(brought)
    app.post("/check")(brought)
    app.post("/change")(changing)
    app.post("/programme.toml")(programme_file)
    for kind in PAPERS:
        app.post(f"/{kind}")(partial(alone, kind))
        app.post(f"/{kind}.txt")(partial(as_text, kind))
        app.post(f"/{kind}.html")(partial(as_page, kind))
    return app


async def begin() -> Response:
    """The questions with the safe answers."""
    return _shown(questions_page(GROUPS, safe_answers()))


async def styled() -> Response:
    """The style sheet."""
    return Response(sheet(), media_type="text/css")


async def answered(form: Form) -> Response:
    """What the programme does that was described."""
    answers = _answers(form)
    if wants := wanting(answers):
        return _shown(questions_page(GROUPS, answers, wanting=wants), WRONG)
    return _judged(written(programme_of(answers, today())), PASTED, answers)


async def brought(form: Form) -> Response:
    """What the programme does that was uploaded or pasted."""
    text = ""
    try:
        text, name = await _text(form)
        left = [str(step) for step in form.getlist("to_do")]
        return _judged(text, name, _answers(form) if "name" in form else {}, left)
    except SourceError as error:
        return _refused(form, text, error)


async def changing(form: Form) -> Response:
    """The questions with the answers that were given, or the text that was."""
    if "name" in form:
        return _shown(questions_page(GROUPS, _answers(form)))
    return _shown(questions_page(GROUPS, safe_answers(), pasted=str(form.get("before", ""))))


async def programme_file(form: Form) -> Response:
    """The programme as a file to keep."""
    try:
        text, _ = await _text(form)
    except SourceError as error:
        return _refused(form, "", error)
    return _file(text, "programme.toml", "text/plain")


async def alone(kind: str, form: Form) -> Response:
    """A letter or an annex alone, to be printed."""
    paper = await _paper(kind, form)
    if isinstance(paper, Response):
        return paper
    return HTMLResponse(paper_page(paper), headers={"Content-Security-Policy": OWN_STYLE})


async def as_text(kind: str, form: Form) -> Response:
    """A letter or an annex as plain text to keep."""
    paper = await _paper(kind, form)
    if isinstance(paper, Response):
        return paper
    return _file(paper_text(paper), f"{kind}.txt", "text/plain")


async def as_page(kind: str, form: Form) -> Response:
    """A letter or an annex as a page to keep."""
    paper = await _paper(kind, form)
    if isinstance(paper, Response):
        return paper
    return _file(paper_page(paper), f"{kind}.html", "text/html")


def _judged(text: str, name: str, answers: Answers, left: Sequence[str] = ()) -> Response:
    """The page about a text.

    Raises: SourceError where it is no programme.
    """
    read = _loaded(text, name)
    repaired = repair(read.programme, day=read.day)
    after = replace(read, programme=repaired.programme)
    return _shown(
        result_page(
            name=read.programme.about.name,
            answers=answers,
            before=text,
            told=says(case_of(read)),
            findings=lint(read),
            texts=TEXTS,
            steps=repaired.steps,
            left=left,
            assumed=ASSUMED,
            text=written(repaired.programme) if repaired.steps else text,
            letter=letter(case_of(after)),
            annex=annex(repaired.programme),
        )
    )


async def _paper(kind: str, form: FormData) -> Paper | Response:
    """A paper about the text of a form, or the page on why there is none."""
    text = ""
    try:
        text, name = await _text(form)
        read = _loaded(text, name)
    except SourceError as error:
        return _refused(form, text, error)
    return PAPERS[kind](case_of(read))


async def _text(form: FormData) -> tuple[str, str]:
    """The text that was uploaded, else the one that was pasted, with what it is called.

    Raises: SourceError where it is too long, empty or not UTF-8.
    """
    upload, text = form.get("file"), form.get("text")
    if isinstance(upload, UploadFile) and upload.filename:
        name = PurePath(upload.filename).name
        return decoded(await upload.read(), Path(name)), name
    plain = text.replace("\r\n", "\n") if isinstance(text, str) else ""
    return decoded(plain.encode("utf-8", "replace"), Path(PASTED)), PASTED


def _loaded(text: str, name: str) -> Loaded:
    return loaded(text, name=name, today=today(), rules=RULES)


def _answers(form: FormData) -> Answers:
    return {q.id: tuple(str(value) for value in form.getlist(q.id)) for q in questions()}


def _refused(form: FormData, text: str, error: SourceError) -> Response:
    """The questions again, with what was wrong about a text and the text itself."""
    answers = _answers(form) if "name" in form else safe_answers()
    return _shown(questions_page(GROUPS, answers, refused=error, pasted=text), WRONG)


def _shown(page: Page, status: int = 200) -> Response:
    return HTMLResponse(rendered(page), status)


def _file(text: str, name: str, kind: str) -> Response:
    kept = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=f"{kind}; charset=utf-8", headers=kept)
