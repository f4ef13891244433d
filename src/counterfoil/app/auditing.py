"""Asks a data directory whether its numbers are still true, and says what could be seen in one."""

from datetime import date
from pathlib import Path

import click

from counterfoil.app.directory import opened, viewer_of
from counterfoil.app.printed import Printed, terminal
from counterfoil.guard.audited import Audited, audit, audited_metrics
from counterfoil.guard.force import version
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.outlooks import SIZES, outlooks
from counterfoil.show.audited import audits, audits_json, powers, powers_json
from counterfoil.terms.audited import AuditAsk
from counterfoil.terms.ids import MetricId, UnitId
from counterfoil.terms.release import Refuse

FINDING, REFUSED = 1, 3


def run_audit(
    metric: str | None,
    since: date | None,
    unit: str | None,
    event: str | None,
    *,
    data: Path,
    role: str | None,
    secret: Path | None,
    as_json: bool,
) -> int:
    """Print what came of it; 1 where there is a finding, 3 where all of it was refused."""
    if event is not None and metric is None:
        raise click.UsageError("--event goes with the METRIC whose target came or went")
    with opened(data) as g:
        viewer = viewer_of(g, secret, role)
        asks = [
            AuditAsk(metric=name, since=since, unit=None if unit is None else UnitId(unit), event=event or "")
            for name in _metrics(g, metric)
        ]
        answered = [audit(g, ask, viewer) for ask in asks]
    told = [(one.ask, one.verdict, one.entry) for one in answered]
    look, printed = terminal(), Printed()
    printed.data(
        audits_json(told)
        if as_json
        else audits(told, width=look.width, color=look.color, unicode=look.unicode)
        if told
        else "no number of the programme can be audited"
    )
    return printed.done(None, _code(answered))


def run_power(people: int | None, *, as_json: bool) -> int:
    """Print what organisations of some sizes, or of one, can see."""
    power = outlooks(SIZES if people is None else (people,))
    look, printed = terminal(), Printed()
    printed.data(
        powers_json(power)
        if as_json
        else powers(power, width=look.width, color=look.color, unicode=look.unicode)
    )
    return printed.done(None)


def _metrics(g: Guarded, metric: str | None) -> list[MetricId]:
    if metric is not None:
        return [MetricId(metric)]
    force = version(g)
    # Without a programme one question is asked, so that it is refused in words.
    return [MetricId("tokens")] if force is None else list(audited_metrics(force.agreed()))


def _code(answered: list[Audited]) -> int:
    if answered and all(isinstance(one.verdict, Refuse) for one in answered):
        return REFUSED
    found = [one.verdict.answer for one in answered if not isinstance(one.verdict, Refuse)]
    return FINDING if any(one.is_finding for one in found) else 0
