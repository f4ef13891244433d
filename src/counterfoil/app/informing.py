"""Writes the notice of a programme, its impact assessment, and counts who has read it."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from counterfoil.app.asking import REFUSED
from counterfoil.app.directory import opened, secret_in, viewer_of
from counterfoil.app.judging import loaded_programme
from counterfoil.app.printed import Printed
from counterfoil.guard.acknowledged import acknowledge
from counterfoil.guard.dpia import Line, assessment
from counterfoil.guard.policy import shipped
from counterfoil.programme.lint import case_of
from counterfoil.programme.notice import duties_in, notice
from counterfoil.show.exported import written
from counterfoil.show.paper import paper_text
from counterfoil.terms.release import Refuse


def run_notice(file: Path, *, jurisdiction: str, as_json: bool) -> int:
    """Print the notice of a programme for those who work in one place."""
    case = case_of(loaded_programme(file))
    paper = notice(case, jurisdiction)
    printed = Printed()
    covered = {place.upper() for place in case.programme.about.jurisdictions}
    if not {duty.where for duty in duties_in(jurisdiction)} & covered:
        printed.words(f"the programme does not say that anybody works in {jurisdiction.upper()}")
    if as_json:
        known = [
            {**_fields(duty), "since": str(duty.since), "checked": str(duty.checked)}
            for duty in duties_in(jurisdiction)
        ]
        printed.data(written({"notice": paper_text(paper), "duties": known}))
    else:
        printed.data(paper_text(paper))
    return printed.done(None)


def _fields(duty: object) -> dict[str, object]:
    return {name: getattr(duty, name) for name in ("id", "where", "law", "duty", "when", "source", "certain")}


def run_dpia(file: Path, *, as_json: bool) -> int:
    """Print what is kept and may be asked under a programme, each line with what it rests on."""
    lines = assessment(loaded_programme(file).programme, shipped())
    printed = Printed()
    printed.data(written(lines) if as_json else _assessed(lines))
    return printed.done(None)


def _assessed(lines: Sequence[Line]) -> str:
    """The assessment as Markdown."""
    told = [
        "# Data protection impact assessment",
        "",
        "A description of what the program does; no legal advice.",
    ]
    for section, some in groupby(lines, lambda line: line.section):
        told += ["", f"## {section}", "", "| What | Rests on |", "|---|---|"]
        told += [f"| {line.says} | {line.rests_on} |" for line in some]
    return "\n".join(told) + "\n"


def run_acknowledge(*, data: Path, secret: Path, as_json: bool) -> int:
    """Count whoever has a secret among those who have read the programme in force."""
    with opened(data) as g:
        viewer_of(g, secret, None)
        done = acknowledge(g, secret_in(secret))
    printed = Printed()
    if isinstance(done, Refuse):
        printed.data(written(done) if as_json else f"refused ({done.clause}): {done.why}")
        return printed.done(None, REFUSED)
    counted = f"About {done}" if done else "Fewer than five"
    says = f"{counted} people have read the programme in force; who they are, nobody can list."
    printed.data(written({"about": done}) if as_json else says)
    return printed.done(None)
