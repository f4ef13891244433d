"""Shows what came of an audit: the verdict in words, what it rests on, and what follows; as text or JSON."""

import textwrap
from collections.abc import Iterator, Sequence

from counterfoil.show.exported import written
from counterfoil.show.paint import BOLD, DIM, encodable, painter
from counterfoil.show.server.figure import label
from counterfoil.show.server.seen import named
from counterfoil.show.words import counted, safe
from counterfoil.terms.absent import Unknown
from counterfoil.terms.audit import Audit, AuditAsk, PowerSeen
from counterfoil.terms.release import Refuse, Released

Told = Sequence[tuple[AuditAsk, Released[Audit] | Refuse, int]]
"""Each question with what came of it and its entry in the log."""


def audits(told: Told, *, width: int, color: bool, unicode: bool) -> str:
    """What came of each question, the verdict first."""
    paint = painter(color)
    lines: list[str] = []
    for ask, verdict, entry in told:
        cut = "" if ask.unit is None else f", unit {ask.unit}"
        lines.append(paint(safe(f"{label(ask.metric)}{cut}"), BOLD))
        body = _refused(verdict) if isinstance(verdict, Refuse) else _audit(verdict.answer)
        for line in body:
            lines += textwrap.wrap(safe(line), width, initial_indent="  ", subsequent_indent="    ")
        lines += [paint(f"  entry {entry} of the log", DIM), ""]
    return encodable("\n".join(lines).rstrip("\n") + "\n", unicode)


def audits_json(told: Told) -> str:
    """The same as JSON."""
    return written(
        [
            {"metric": ask.metric, "unit": ask.unit or "", "entry": entry, **_verdict(verdict)}
            for ask, verdict, entry in told
        ]
    )


def powers(power: Sequence[PowerSeen], *, width: int, color: bool, unicode: bool) -> str:
    """What an organisation of some size can see, and how soon."""
    paint = painter(color)
    head = ("people", "make it up", "seen in half a year", "after, in the median")
    rows = [head, *(_power(one) for one in power)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    lines[0] = paint(lines[0], BOLD)
    note = (
        "Where it is mostly not seen, samples of outcomes and the list experiment say more: they need no "
        "number to move. What landed has to stand for 31 days before it counts, which comes on top."
    )
    return encodable("\n".join([*lines, "", *textwrap.wrap(note, width)]) + "\n", unicode)


def powers_json(power: Sequence[PowerSeen]) -> str:
    """The same as JSON."""
    return written(list(power))


def _verdict(verdict: Released[Audit] | Refuse) -> dict[str, object]:
    if isinstance(verdict, Refuse):
        return {"verdict": "refused", "clause": verdict.clause, "why": verdict.why}
    return {"verdict": verdict.answer.verdict, "clause": verdict.clause, "audit": verdict.answer}


def _refused(verdict: Refuse) -> Iterator[str]:
    yield f"refused ({verdict.clause}): {verdict.why}"


def _audit(audit: Audit) -> Iterator[str]:
    since = f" Since {named(audit.since)}." if audit.since else ""
    yield f"{audit.says}{since}"
    if audit.lever:
        yield f"It points at {audit.lever}: {audit.lever_says}"
    if audit.suspended:
        yield audit.suspended
    for check in audit.checks:
        yield f"{check.name}: {'can not tell: ' if check.abstains else ''}{check.says}"
    for effect in audit.effects:
        yield f"{effect.figure}: {effect.says} {effect.against}".rstrip()
    for one in audit.power:
        yield ", ".join((f"{one.people:,} people", *_power(one)[1:]))
    if audit.declared:
        yield audit.declared
    if audit.first:
        units = counted(audit.units, "unit")
        yield f"{units}, about {audit.people:,} people, {named(audit.first)} to {named(audit.last)}"


def _power(one: PowerSeen) -> tuple[str, str, str, str]:
    weeks = "mostly not seen" if isinstance(one.weeks, Unknown) else f"{one.weeks:.0f} weeks"
    return f"{one.people:,}", f"{one.gaming * 100:.0f} %", f"{one.seen * 100:.0f} %", weeks
