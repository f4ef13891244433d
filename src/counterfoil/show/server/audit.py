"""The page about audits: of each number that is made up easily, whether it is still true, and since when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from counterfoil.show.audited import TESTS, evidence
from counterfoil.show.server.figure import label
from counterfoil.show.server.frame import Frame, FramedPage
from counterfoil.show.server.log import when
from counterfoil.show.server.seen import Drawn, Heights, day_of, drawn, heights, named
from counterfoil.show.table import Table
from counterfoil.show.words import counted
from counterfoil.terms.absent import Unknown
from counterfoil.terms.audit import Outlook
from counterfoil.terms.audited import AuditTold, LeverSeen, SignSeen
from counterfoil.terms.release import Released
from counterfoil.terms.workload import Workload, WorkloadKind

KINDS: Mapping[WorkloadKind, str] = {
    WorkloadKind.EVALUATION: "evaluation",
    WorkloadKind.CI: "CI",
    WorkloadKind.MIGRATION: "migration",
    WorkloadKind.SERVICE: "a service",
    WorkloadKind.BEST_OF_N: "best of several tries",
}
NOT_YET = "Not audited yet: a job does it once a day, and counterfoil audit at once."


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditShown:
    """One number, whether it is still true, and what that rests on."""

    id: str
    name: str
    verdict: str
    """Chooses how it is set off."""
    says: str
    since: str
    levers: Sequence[tuple[str, LeverSeen]]
    """What it points at, each with where that is shown."""
    variant: str
    follows: str
    looked: str
    """At whom and which weeks it looks, and when it did."""
    signs: Sequence[tuple[str, SignSeen]]
    """Each test in words, with what it says."""
    together: Drawn | None
    alarm: Drawn | None
    heights: Heights | None
    notes: Sequence[str]
    entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage(FramedPage):
    """Every number that can be audited."""

    template: ClassVar[str] = "server_audit.html.j2"
    audits: Sequence[AuditShown]
    waiting: Sequence[tuple[str, str]]
    """Numbers that are not audited yet, each with why."""
    checks: str
    """Which checks the programme has, in words."""
    on_break: str
    register: Table | None
    has_register: bool
    power: Table | None
    """What could be seen of any number in an organisation of this size."""
    advice: str


def audit_page(
    frame: Frame,
    *,
    audits: Sequence[Released[AuditTold]],
    names: Mapping[str, str],
    waiting: Sequence[str],
    checks: str,
    on_break: str,
    workloads: Sequence[Workload],
    has_register: bool,
) -> AuditPage:
    """The page; `names` is what the programme calls each number."""
    outlook = next((one.answer.outlook for one in audits if one.answer.outlook is not None), None)
    return AuditPage(
        frame=frame,
        title="Is the number still true?",
        audits=[_shown(one.answer, names) for one in audits],
        waiting=[(_called(name, names), NOT_YET) for name in waiting],
        checks=checks,
        on_break=on_break,
        register=register(workloads) if workloads else None,
        has_register=has_register,
        power=None if outlook is None else power_table(outlook, title="What could be seen, and how soon"),
        advice="" if outlook is None else outlook.advice,
    )


def register(workloads: Sequence[Workload]) -> Table:
    """The register of workloads as a table."""
    rows = tuple(
        (
            one.name,
            KINDS[one.kind],
            one.says,
            str(one.since),
            "still" if isinstance(one.until, Unknown) else str(one.until),
        )
        for one in workloads
    )
    columns = ("workload", "what it is", "what it is for", "declared since", "until")
    return Table(title="Declared workloads", columns=columns, rows=rows)


def _called(metric: str, names: Mapping[str, str]) -> str:
    name = names.get(metric, label(metric))
    return name[:1].upper() + name[1:]


def _shown(audit: AuditTold, names: Mapping[str, str]) -> AuditShown:
    name = _called(audit.metric, names)
    return AuditShown(
        id=audit.metric,
        name=name,
        verdict="told" if audit.is_finding else "",
        says=audit.says,
        since=day_of(audit.since) if audit.since else "",
        levers=[(_shown_at(lever), lever) for lever in audit.levers],
        variant=audit.variant,
        follows=audit.follows,
        looked=_looked(audit),
        signs=[(TESTS.get(sign.test, sign.test), sign) for sign in audit.signs],
        together=drawn(audit, "together", f"{name}: how far it goes with outcomes, over units"),
        alarm=drawn(audit, "alarm", f"{name}: what has added up, and the line of the alarm"),
        heights=heights(audit, name),
        notes=[note for note in (audit.usual, audit.declared) if note],
        entry=audit.entry,
    )


def _shown_at(lever: LeverSeen) -> str:
    """Where what a lever is about is shown."""
    field, _, name = lever.field.partition(".")
    if field == "targets":
        return f"/targets#target-{name}"
    return "/targets#boards" if field == "displays" else "/programme"


def _looked(audit: AuditTold) -> str:
    if not audit.first:
        return f"Audited on {when(audit.at)}."
    return (
        f"{counted(audit.units, 'unit')} with about {audit.people:,} people, {named(audit.first)} to "
        f"{named(audit.last)}; audited on {when(audit.at)}."
    )


def power_table(outlook: Outlook, *, title: str) -> Table:
    """What an organisation of some size can see, and how soon."""
    rows = [(evidence(one), one.says) for one in outlook.foresights]
    return Table(title=title, columns=("evidence", "what it would say"), rows=tuple(dict.fromkeys(rows)))
