"""Writes the notice of a programme, its impact assessment, and counts who has read it."""

from pathlib import Path

from counterfoil.app.asking import REFUSED
from counterfoil.app.directory import opened, secret_in, viewer_of
from counterfoil.app.judging import loaded_programme
from counterfoil.app.printed import Printed
from counterfoil.guard.acknowledged import acknowledge
from counterfoil.guard.dpia import assessment
from counterfoil.guard.policy import shipped
from counterfoil.programme.lint import case_of
from counterfoil.programme.notice import duties_in, notice
from counterfoil.show.deed import acknowledged, assessment_text, nobody_works_there, refusal
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
        printed.words(nobody_works_there(jurisdiction))
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
    printed.data(written(lines) if as_json else assessment_text(lines))
    return printed.done(None)


def run_acknowledge(*, data: Path, secret: Path, as_json: bool) -> int:
    """Count whoever has a secret among those who have read the programme in force."""
    with opened(data) as g:
        viewer_of(g, secret, None)
        done = acknowledge(g, secret_in(secret))
    printed = Printed()
    if isinstance(done, Refuse):
        printed.data(refusal(done, as_json=as_json))
        return printed.done(None, REFUSED)
    printed.data(written({"about": done}) if as_json else acknowledged(done))
    return printed.done(None)
