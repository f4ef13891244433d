"""The page about targets and boards: what is asked of people, shown of them, and what speaks against it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import ClassVar

from counterfoil.show.judged import grouped
from counterfoil.show.server.figure import FigureShown, called, figure_of
from counterfoil.show.server.frame import Frame, FramedPage
from counterfoil.show.server.trend import Trend, trend
from counterfoil.show.site import SeverityShown
from counterfoil.show.table import Table
from counterfoil.terms.absent import Unknown
from counterfoil.terms.aim import Audience, Display, Eligible, Exemption, Target
from counterfoil.terms.ask import NOBODY_SAID, Answered
from counterfoil.terms.finding import Change, Finding, RuleText
from counterfoil.terms.ids import RuleId
from counterfoil.terms.metric import Level
from counterfoil.terms.period import Block
from counterfoil.terms.programme import Programme

WHOSE = {
    Level.PERSON: "each person",
    Level.TEAM: "each team",
    Level.UNIT: "each unit",
    Level.COMPANY: "the whole company",
}
SEES: Mapping[Audience, str] = {
    Audience.SELF: "each their own",
    Audience.LINE_MANAGERS: "line managers",
    Audience.LEADERS: "leaders",
    Audience.FINANCE: "finance",
    Audience.STEWARDS: "stewards of the data",
    Audience.PARTIES: "the parties to the agreement",
    Audience.EVERYONE: "everyone",
}
COUNTS = {
    Eligible.EVERYONE: "everyone",
    Eligible.NAMED_ROLES: "named roles",
    Eligible.SUITABLE_TASKS: "tasks that it suits",
}
LEFT_OUT = {
    Exemption.LEAVE: "leave",
    Exemption.PART_TIME: "part-time work",
    Exemption.DISABILITY: "disability",
    Exemption.ROLE: "roles that it does not suit",
}
NOT_SAID = "the programme does not say"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetShown:
    """What somebody is asked to reach, with where it stands."""

    id: str
    metric: str
    name: str
    lead: str
    facts: Sequence[tuple[str, str]]
    denominator: str
    """Of whom the share is, as of which day, and who is left out; empty where it is no share of people."""
    figure: FigureShown | None
    when: str
    trend: Trend | None
    groups: Sequence[SeverityShown]
    """What the linter says of it."""
    units: str
    """Where the units are, each with its own figure; empty where they are not shown to whoever asks."""
    audit: str
    """What its audit says that has to be read here; empty where there is nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetsPage(FramedPage):
    """Targets and boards, as the programme declares them."""

    template: ClassVar[str] = "server_targets.html.j2"
    targets: Sequence[TargetShown]
    boards: Table
    board_groups: Sequence[SeverityShown]
    """What the linter says of boards."""
    proposed: Sequence[tuple[str, str]]
    """What would change about whom figures are shown to: the direction and what."""
    announced: Sequence[tuple[str, str]]
    """When a programme came into force or was proposed, newest first."""


def targets_page(
    frame: Frame,
    *,
    programme: Programme,
    answered: Mapping[str, Sequence[Answered]],
    abouts: Mapping[str, str],
    findings: Sequence[Finding],
    texts: Mapping[RuleId, RuleText],
    changes: Sequence[Change],
    announced: Sequence[tuple[str, str]],
    by_unit: Collection[str],
    audits: Mapping[str, str],
    suspended: Collection[str],
) -> TargetsPage:
    """The page; `answered` has the company's figure over some periods, by target.

    `by_unit` are figures that are shown of units to whoever asks; `audits` has what is to be read of audits,
    and `suspended` the numbers that the programme withdrew itself.
    """
    return TargetsPage(
        frame=frame,
        title="Targets and boards",
        targets=[
            replace(
                _target(
                    programme, t, answered.get(t.id, ()), abouts, _of(findings, texts, f"targets.{t.id}")
                ),
                units=f"/units?figure={t.metric}" if t.metric in by_unit else "",
                audit=audits.get(t.metric, ""),
            )
            for t in programme.targets
        ],
        boards=_boards(programme, suspended),
        board_groups=grouped([f for f in findings if f.where.startswith("displays.")], texts),
        proposed=[
            (change.direction, change.says)
            for change in changes
            if change.where.startswith(("displays.", "targets."))
        ],
        announced=announced,
    )


def _of(findings: Sequence[Finding], texts: Mapping[RuleId, RuleText], where: str) -> Sequence[SeverityShown]:
    return grouped([f for f in findings if f.where == where or f.where.startswith(f"{where}.")], texts)


def _target(
    p: Programme,
    t: Target,
    answered: Sequence[Answered],
    abouts: Mapping[str, str],
    groups: Sequence[SeverityShown],
) -> TargetShown:
    metric = p.metric(t.metric)
    is_share = not isinstance(metric.unit, Unknown) and metric.unit.startswith("share")
    aim = _aim(t, is_share=is_share)
    over = [(one.ask.period, one.answers[0]) for one in answered]
    last = over[-1] if over else None
    beside = ", ".join(p.metric(name).called for name in t.beside)
    return TargetShown(
        id=t.id,
        metric=t.metric,
        name=metric.called[:1].upper() + metric.called[1:],
        lead=f"{WHOSE[t.level][:1].upper()}{WHOSE[t.level][1:]} is to reach {aim}{_window(t)}.",
        facts=[
            ("Who or what counts", NOT_SAID if isinstance(t.eligible, Unknown) else COUNTS[t.eligible]),
            ("Left out, without a disadvantage", ", ".join(LEFT_OUT[e] for e in t.exempt) or "nobody"),
            ("Being just short", _cliff(t)),
            ("Read in the same decision", beside or "nothing else"),
            ("Ends", _day(t.expires)),
        ],
        denominator=_denominator(t, answered) if metric.unit == "share of people" else "",
        figure=None
        if last is None
        else figure_of(t.metric, abouts.get(t.metric, ""), last[1], counter=beside or "nothing else"),
        when="" if last is None else called(last[0]),
        trend=trend(
            f"target-{t.id}",
            f"{metric.called[:1].upper()}{metric.called[1:]}, against {aim}",
            over,
            aim=t.threshold if is_share and not isinstance(t.threshold, Unknown) else None,
        )
        if over
        else None,
        groups=groups,
        units="",
        audit="",
    )


def _denominator(t: Target, answered: Sequence[Answered]) -> str:
    """Of whom a share of people is, with its day."""
    if not answered:
        return ""
    block = Block.of(answered[-1].ask.period.since)
    said = ", ".join(LEFT_OUT[e] for e in t.exempt)
    exempt = f" The programme leaves out {said}. {_exempt(answered[-1].left_out)}" if said else ""
    return (
        f"Of everybody who was there on {block.since.day} {block.since:%B %Y}, the first day of the block "
        f"{block}: whoever joined later is not in it, whoever left since is. Whoever objected is in no "
        "figure. Only use that a person set off counts: a timer, an event or an agent makes nobody active."
        + exempt
    )


def _exempt(left_out: int | Unknown) -> str:
    """How many are left out, as far as it may be told."""
    if left_out == NOBODY_SAID:
        return (
            "No table said who that is when the block was first told of: nobody was left out of the figure "
            "for it, and the share is not quite the one that the programme means."
        )
    who = "Whoever is exempt in a whole working week of the block is in neither part of the share"
    why = "why somebody is exempt is not kept"
    if isinstance(left_out, Unknown):
        return f"{who}: {left_out.why}; {why}."
    return f"{who}: about {left_out:,} people, in fifties; {why}."


def _aim(t: Target, *, is_share: bool) -> str:
    if isinstance(t.threshold, Unknown):
        return "more, with no line stated"
    return f"{t.threshold * 100:.10g} %" if is_share else f"{t.threshold:,.10g}"


def _window(t: Target) -> str:
    if isinstance(t.window, Unknown):
        return ""
    weeks = t.window / timedelta(weeks=1)
    days = t.window / timedelta(days=1)
    span = f"{weeks:.0f} weeks" if weeks > 1 else "a week" if weeks == 1 else f"{days:.10g} days"
    return f", counted over {span}"


def _cliff(t: Target) -> str:
    if isinstance(t.cliff, Unknown):
        return NOT_SAID
    return "counts as nothing" if t.cliff else "counts as being near"


def _day(day: date | Unknown) -> str:
    return "never, as far as the programme says" if isinstance(day, Unknown) else f"{day.day} {day:%B %Y}"


def _boards(p: Programme, suspended: Collection[str]) -> Table:
    """Every display, by its name in the file."""
    return Table(
        title="What is shown, and to whom",
        columns=("board", "shows", "of", "seen by", "others behind a figure", "read beside it", "ends"),
        rows=tuple(_board(p, d, suspended) for d in sorted(p.displays, key=lambda d: d.id)),
    )


def _board(p: Programme, d: Display, suspended: Collection[str]) -> tuple[str, ...]:
    floor = "as the floors say" if isinstance(d.floor, Unknown) else f"at least {d.floor}"
    return (
        d.id,
        ", ".join(p.metric(m).called + (" (suspended)" if m in suspended else "") for m in d.metrics),
        "each person" if d.is_own_view else WHOSE[d.level],
        ", ".join(SEES[a] for a in d.audience),
        "their own" if d.is_own_view else floor,
        ", ".join(p.metric(name).called for name in d.beside) or "nothing",
        "never" if isinstance(d.ends, Unknown) else str(d.ends),
    )
