"""The pages of one's own agents: what each may do, its runs, its memory, and the switches."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from counterfoil.agents.office import Office
from counterfoil.agents.wire import Asker
from counterfoil.app.door.session import SignedIn, Who
from counterfoil.app.server.agents import told
from counterfoil.app.server.agents.caller import HERE, asker, refusing, sentence, talk
from counterfoil.app.server.agents.talk import AgentsAway
from counterfoil.app.server.agents.written import day_of, definition_of
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.framed import answer, frame
from counterfoil.show.server.agent_words import grant_line, standing_line, stop_line
from counterfoil.show.server.agents import AgentPage, AgentsPage, NewAgent, NotesPage, RunPage
from counterfoil.terms.agent import AgentId, RunId
from counterfoil.terms.ask import Role
from counterfoil.terms.effect import RunState
from counterfoil.terms.error import SourceError

DONE = {
    "made": "It is there, and does nothing before you let it.",
    "kept": "The new version is kept. What it grants holds from now on.",
    "begun": "It has begun; its record is below.",
    "off": "It is switched off. Nothing that it had begun goes on.",
    "on": "Your switch is on again.",
    "still-off": "Your switch is on again; another one keeps it off.",
    "granted": "It is granted, from the next call on.",
    "revoked": "It is taken back, from the next call on.",
    "ended": "The rule no longer answers for you.",
    "gone": "It is taken away. What it did stays known.",
    "note": "The note is kept.",
    "erased": "Nothing of the note is left.",
    "back": "The note is back. It is as foreign as it was.",
    "settled": "It is kept as you found it.",
    "stopped": "The run goes no step further.",
    "resumed": "The run goes on.",
}
WATCHING = frozenset({Role.OPERATOR, Role.ADMIN, Role.DPO})
GOES_ON = frozenset({RunState.QUEUED, RunState.RUNNING, RunState.WAITING})
RESUMES = frozenset({RunState.FAILED, RunState.STOPPED, RunState.OUT_OF_BUDGET})


def router(desk: Desk) -> APIRouter:
    """The pages."""
    pages = APIRouter()
    _listing(pages, desk)
    _switching(pages, desk)
    _keeping(pages, desk)
    _granting(pages, desk)
    _running(pages, desk)
    _remembering(pages, desk)
    return pages


def _listing(pages: APIRouter, desk: Desk) -> None:
    @pages.get("/agents")
    @refusing
    def agents(request: Request, signed: Who, done: str = "") -> Response:
        """One's own agents, or counts of all."""
        return answer(_agents(desk, request, signed, done=DONE.get(done, "")))

    @pages.get("/agents/{name}")
    @refusing
    def agent(request: Request, signed: Who, name: str, done: str = "") -> Response:
        """One agent, to its owner."""
        return answer(_agent(desk, request, signed, AgentId(name), done=DONE.get(done, "")))


def _switching(pages: APIRouter, desk: Desk) -> None:
    @pages.post("/agents/stop")
    @refusing
    def stop(
        request: Request,
        signed: Who,
        what: Annotated[str, Form()],
        why: Annotated[str, Form()] = "",
        of: Annotated[str, Form()] = "",
    ) -> Response:
        """Switch something off, at once."""
        who = asker(desk, signed)
        talk(request).turn("stop", who, {"what": _switch(who, what), "why": why})
        return _back(of, "off")

    @pages.post("/agents/resume")
    @refusing
    def resume(
        request: Request, signed: Who, what: Annotated[str, Form()], of: Annotated[str, Form()] = ""
    ) -> Response:
        """Switch something on again."""
        who = asker(desk, signed)
        talk(request).turn("resume", who, {"what": _switch(who, what)})
        still = any(one.what == what for one in talk(request).ask(Office.stops, who))
        return _back(of, "still-off" if still else "on")


def _keeping(pages: APIRouter, desk: Desk) -> None:
    @pages.post("/agents/new")
    @refusing
    def new(
        request: Request,
        signed: Who,
        name: Annotated[str, Form()],
        purpose: Annotated[str, Form()],
        instructions: Annotated[str, Form()],
        model: Annotated[str, Form()],
        grants: Annotated[str, Form()] = "",
        schedule: Annotated[str, Form()] = "",
        day_usd: Annotated[str, Form()] = "2",
    ) -> Response:
        """Make an agent of what was put into the form."""
        form = NewAgent(
            name=name.strip(),
            purpose=purpose,
            instructions=instructions,
            model=model.strip(),
            grants=grants,
            schedule=schedule,
            day_usd=day_usd,
        )
        try:
            talk(request).ask(Office.keep, asker(desk, signed), definition_of(form))
        except SourceError as error:
            return answer(_agents(desk, request, signed, new=form, wrong=sentence(error)), 422)
        return _back(form.name, "made")

    @pages.post("/agents/{name}/keep")
    @refusing
    def keep(request: Request, signed: Who, name: str, definition: Annotated[str, Form()]) -> Response:
        """Keep a changed file as a new version."""
        who, text = asker(desk, signed), definition.replace("\r\n", "\n")
        try:
            kept = talk(request).ask(Office.keep, who, text)
        except SourceError as error:
            page = _agent(desk, request, signed, AgentId(name), wrong=sentence(error), definition=text)
            return answer(page, 422)
        return _back(kept.of, "kept")

    @pages.post("/agents/{name}/retire")
    @refusing
    def retire(request: Request, signed: Who, name: str, word: Annotated[str, Form()]) -> Response:
        """Take an agent away."""
        if word.strip() != name:
            raise SourceError("not-meant", "that is not its name, so it stays", hint="type its name")
        talk(request).ask(Office.retire, asker(desk, signed), AgentId(name))
        return _back("", "gone")


def _granting(pages: APIRouter, desk: Desk) -> None:
    @pages.post("/agents/{name}/grant")
    @refusing
    def grant(
        request: Request,
        signed: Who,
        name: str,
        tool: Annotated[str, Form()],
        to: Annotated[str, Form()] = "",
        until: Annotated[str, Form()] = "",
    ) -> Response:
        """Let an agent use a tool."""
        day = day_of(until) if until else None
        who, where = asker(desk, signed), tuple(to.split())
        talk(request).ask(Office.grant, who, AgentId(name), tool.strip(), where, day)
        return _back(name, "granted")

    @pages.post("/agents/{name}/revoke")
    @refusing
    def revoke(request: Request, signed: Who, name: str, tool: Annotated[str, Form()]) -> Response:
        """Take a grant back."""
        talk(request).ask(Office.revoke, asker(desk, signed), AgentId(name), tool)
        return _back(name, "revoked")

    @pages.post("/agents/{name}/standing")
    @refusing
    def standing(request: Request, signed: Who, name: str, rule: Annotated[str, Form()]) -> Response:
        """Let a rule stand no longer."""
        talk(request).ask(Office.end_standing, asker(desk, signed), rule)
        return _back(name, "ended")


def _running(pages: APIRouter, desk: Desk) -> None:
    @pages.post("/agents/{name}/run")
    @refusing
    def begin(request: Request, signed: Who, name: str, said: Annotated[str, Form()] = "") -> Response:
        """Begin a run by hand."""
        done = talk(request).ask(Office.begin, asker(desk, signed), AgentId(name), said)
        return RedirectResponse(f"{_run_at(name, done.of)}?done=begun", 303)

    @pages.get("/agents/{name}/runs/{run}")
    @refusing
    def run(request: Request, signed: Who, name: str, run: str, done: str = "", replay: str = "") -> Response:
        """The record of one run."""
        who = asker(desk, signed)
        found = talk(request).ask(Office.run, who, RunId(run))
        again = talk(request).ask(Office.replay, who, RunId(run)) if replay else ()
        page = RunPage(
            frame=frame(request, signed, HERE),
            title=f"A run of {found.run.agent}",
            done=DONE.get(done, ""),
            agent=found.run.agent,
            scripted=found.scripted,
            run=run,
            facts=told.run_facts(found.run),
            said=found.said,
            steps=[told.step_line(one) for one in found.steps],
            effects=[told.effect_line(one, found) for one in found.effects],
            goes_on=found.run.state in GOES_ON,
            may_resume=found.run.state in RESUMES,
            replayed=again,
            was_replayed=bool(replay),
        )
        return answer(page)

    @pages.post("/agents/{name}/runs/{run}/{deed}")
    @refusing
    def deed(
        request: Request,
        signed: Who,
        name: str,
        run: str,
        deed: str,
        key: Annotated[str, Form()] = "",
        happened: Annotated[str, Form()] = "",
    ) -> Response:
        """Stop a run, let it go on, or say what became of an effect."""
        who = asker(desk, signed)
        if deed == "stop":
            talk(request).ask(Office.stop_run, who, RunId(run))
        elif deed == "resume":
            talk(request).ask(Office.resume_run, who, RunId(run))
        elif deed == "settle" and happened in ("yes", "no"):
            talk(request).ask(Office.settle, who, key, happened=happened == "yes")
        else:
            raise HTTPException(404)
        done = {"stop": "stopped", "resume": "resumed", "settle": "settled"}[deed]
        return RedirectResponse(f"{_run_at(name, run)}?done={done}", 303)


def _remembering(pages: APIRouter, desk: Desk) -> None:
    @pages.get("/agents/{name}/memory")
    @refusing
    def memory(request: Request, signed: Who, name: str, done: str = "") -> Response:
        """What an agent remembers."""
        notes = talk(request).ask(Office.memory, asker(desk, signed), AgentId(name))
        page = NotesPage(
            frame=frame(request, signed, HERE),
            title=f"The memory of {name}",
            done=DONE.get(done, ""),
            agent=name,
            notes=[told.note_line(one) for one in notes if not one.aside],
            aside=[told.note_line(one) for one in notes if one.aside],
        )
        return answer(page)

    @pages.post("/agents/{name}/memory")
    @refusing
    def write(
        request: Request,
        signed: Who,
        name: str,
        note: Annotated[str, Form(alias="name")],
        text: Annotated[str, Form()] = "",
        deed: Annotated[str, Form()] = "keep",
    ) -> Response:
        """Write, change or erase a note, or bring one back."""
        who, agent, asked = asker(desk, signed), AgentId(name), talk(request)
        done = {"erase": "erased", "back": "back"}.get(deed, "note")
        if done == "erased":
            asked.ask(Office.forget, who, agent, note)
        elif done == "back":
            asked.ask(Office.bring_back, who, agent, note)
        else:
            asked.ask(Office.remember, who, agent, note, text.replace("\r\n", "\n"))
        return RedirectResponse(f"{HERE}/{quote(name, safe='')}/memory?done={done}", 303)


def _agents(
    desk: Desk,
    request: Request,
    signed: SignedIn,
    *,
    done: str = "",
    new: NewAgent | None = None,
    wrong: str = "",
) -> AgentsPage:
    who, trouble = asker(desk, signed), ""
    asked, there = talk(request), True
    try:
        health = asked.ask(Office.health, who)
        trouble = "" if health.live else health.trouble or "The server was not heard of just now."
    except AgentsAway as error:
        there, trouble = False, sentence(error)
    mine = asked.ask(Office.agents, who) if there and who.who is not None else ()
    waits = asked.ask(Office.waiting, who) if there and who.who is not None else None
    watching = not WATCHING.isdisjoint(who.roles)
    return AgentsPage(
        frame=frame(request, signed, HERE),
        title="Agents",
        done=done,
        trouble=trouble,
        says=asked.says,
        same_user=asked.same_user,
        ceiling=_ceiling(health.ceiling if there else 0, there=there),
        is_owner=who.who is not None,
        agents=[told.agent_line(one) for one in mine],
        waiting=len(waits.as_owner) + len(waits.as_other) if waits is not None else 0,
        counts=told.counts(asked.ask(Office.counts, who)) if there and watching else (),
        may_stop_all=watching,
        stops=[stop_line(one) for one in asked.ask(Office.stops, who)] if there else (),
        new=new or NewAgent(),
        wrong=wrong,
    )


def _agent(
    desk: Desk,
    request: Request,
    signed: SignedIn,
    name: AgentId,
    *,
    done: str = "",
    wrong: str = "",
    definition: str = "",
) -> AgentPage:
    who = asker(desk, signed)
    found = talk(request).ask(Office.agent, who, name)
    runs = talk(request).ask(Office.runs, who, name)
    return AgentPage(
        frame=frame(request, signed, HERE),
        title=name,
        done=done,
        name=name,
        scripted=found.scripted,
        stops=[stop_line(one) for one in found.stops],
        is_off=any(one.what == f"agent:{name}" for one in found.stops),
        definition=definition or found.definition,
        version=found.version,
        wrong=wrong,
        grants=[grant_line(one) for one in found.grants],
        standing=[standing_line(one) for one in found.standing],
        money=told.money(found.today, found.month, found.budget.run),
        notes=found.notes,
        ceilings=found.ceilings,
        runs=[told.run_line(one) for one in runs],
    )


def _ceiling(version: int, *, there: bool) -> str:
    if not there:
        return "What the organisation allows is not known here just now."
    if not version:
        return "The organisation has not said what agents may do, so they do nothing."
    return f"The ceiling of the organisation is in force, as version {version}."


def _switch(who: Asker, what: str) -> str:
    return f"owner:{who.who}" if what == "mine" and who.who is not None else what


def _run_at(name: str, run: str) -> str:
    return f"{HERE}/{quote(name, safe='')}/runs/{quote(run, safe='')}"


def _back(name: str, done: str) -> Response:
    where = f"{HERE}/{quote(name, safe='')}" if name else HERE
    return RedirectResponse(f"{where}?done={done}", 303)
