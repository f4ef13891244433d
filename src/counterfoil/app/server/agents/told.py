"""Puts what the agents' process answers into the words of pages."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from counterfoil.agents.card import Card
from counterfoil.agents.own_tools import COMPLETE
from counterfoil.agents.shown import (
    AgentLine,
    CardLine,
    Counts,
    NoteShown,
    RunLine,
    RunShown,
    Spent,
    StepShown,
    TroubleShown,
)
from counterfoil.show.server import agents as shown
from counterfoil.show.server.agent_words import EFFECTS, FATES, STATES, VERDICTS, cause, span, usd
from counterfoil.show.words import counted, when
from counterfoil.terms.effect import Approver, Effect, EffectState
from counterfoil.terms.ids import MicroUsd

LONG = 80
"""Letters from which a value gets a field of several lines."""
STANDS = timedelta(days=30)


def agent_line(one: AgentLine) -> shown.AgentShown:
    """One agent in a list."""
    waits = f"{one.waiting} call{'s' if one.waiting != 1 else ''} of it wait{'s' if one.waiting == 1 else ''}"
    return shown.AgentShown(
        name=one.id,
        purpose=one.purpose,
        scripted=one.scripted,
        state="Switched off" if one.is_stopped else "On",
        waiting=f"{waits} for a yes" if one.waiting else "",
        last="It has not run yet" if one.last is None else f"It ran last on {when(one.last)}",
    )


def counts(told: Counts) -> Sequence[tuple[str, str]]:
    """How all agents are doing."""
    lines = [
        ("Agents", f"{told.agents:,}"),
        ("Runs under way", f"{told.under_way:,}"),
        ("Calls that wait for a yes", f"{told.waiting:,}"),
        ("Effects of which nobody knows whether they happened", f"{told.unconfirmed:,}"),
    ]
    if told.attention is None:
        return [*lines, ("How people answer", "not told: too few people answered last month")]
    month = told.attention
    share = month.canaries_approved_share
    planted = "not told: too few people answered one" if share is None else f"{share:.0%}"
    return [
        *lines,
        (f"Answers that were yes, of about {month.answers:,} last month", f"{month.approved_share:.0%}"),
        ("Half of all answers came within", span(month.within_seconds)),
        ("Yeses without a look at the card", f"{month.unopened_share:.0%}"),
        ("Yeses to planted questions, of all answers to them", planted),
    ]


def run_line(one: RunLine) -> shown.RunInList:
    """One run in a list."""
    return shown.RunInList(
        id=one.id,
        state=STATES[one.state],
        cause=cause(one.cause),
        began=when(one.began),
        spent=usd(one.spent, is_floor=one.is_floor),
    )


def run_facts(one: RunLine) -> Sequence[tuple[str, str]]:
    """What is known of a run."""
    found = [
        ("State", STATES[one.state] + (f": {one.why}" if one.why else "")),
        ("Because of", cause(one.cause)),
        ("Began", when(one.began)),
        ("Ended", "not yet" if one.ended is None else when(one.ended)),
        ("Spent on models", usd(one.spent, is_floor=one.is_floor)),
    ]
    return found


def step_line(one: StepShown) -> shown.StepLine:
    """One step of a run."""
    said = VERDICTS.get(one.verdict, one.verdict)
    again = f", {counted(one.times, 'time')}" if one.times > 1 else ""
    why = f"{one.why}" if one.verdict != "permit" else ""
    return shown.StepLine(
        number=str(one.number) if one.number else "",
        what=f"{one.tool or one.kind}{again}",
        to="" if one.tool == COMPLETE.id else ", ".join(one.to),
        verdict=one.verdict if one.verdict in VERDICTS else "",
        said=said,
        why=why,
        seen=one.label,
        spent=usd(one.spent) if one.spent else "",
    )


def effect_line(one: Effect, told: RunShown) -> shown.EffectLine:
    """Something that was done, or may have been."""
    fate = told.fates.get(one.key, "")
    return shown.EffectLine(
        key=one.key,
        what=one.tool,
        to=", ".join(one.to),
        state=EFFECTS[one.state],
        unconfirmed=one.state is EffectState.UNCONFIRMED,
        fate=FATES.get(fate, fate.replace("_", " ")),
        cause=cause(one.cause),
    )


def asked(one: CardLine) -> shown.Asked:
    """Something that waits for a yes."""
    return shown.Asked(id=one.approval, agent=one.agent, tool=one.tool, why=one.why, until=when(one.expires))


def arguments(card: Card) -> Sequence[shown.ArgumentShown]:
    """The arguments of a call, as they will be sent."""
    return [
        shown.ArgumentShown(
            name=line.name,
            is_where=line.is_where,
            value=line.value,
            is_long=len(line.value) > LONG or "\n" in line.value,
            pieces=[shown.PieceShown(text=p.text, comes=p.comes, foreign=p.foreign) for p in line.pieces],
        )
        for line in card.lines
    ]


def edited(card: Card, written: Mapping[str, str]) -> Mapping[str, object]:
    """The arguments that a person changed; what was no text stays what it was.

    Raises: ValueError where a value is none of its kind.
    """
    changed: dict[str, object] = {}
    for line in card.lines:
        value = written.get(line.name)
        if value is None or _lines(value) == _lines(line.value):
            continue
        changed[line.name] = json.loads(value) if _is_data(line.value) else _lines(value)
    return changed


def note_line(one: NoteShown) -> shown.NoteLine:
    """A note of an agent."""
    return shown.NoteLine(name=one.name, text=one.text, comes=one.comes, since=when(one.at))


def trouble(one: TroubleShown) -> str:
    """Why nothing is heard of an account."""
    place = f", {one.place}" if one.place else ""
    return f"{one.connector}{place}, since {when(one.since)}: {one.says}"


def needs_other(card: Card) -> bool:
    """Whether somebody else than the owner is asked."""
    return card.needs is Approver.OTHER


def stands_until(today: date) -> str:
    """Until when a rule stands where nothing else is said."""
    return str(today + STANDS)


def money(today: Spent, month: Spent, run: MicroUsd) -> Sequence[tuple[str, str]]:
    """What was spent, and what may be."""
    return [
        ("A run", f"at most {usd(run)}"),
        ("Today", _of(today)),
        ("This month", _of(month)),
    ]


def _of(one: Spent) -> str:
    return f"{usd(one.spent, is_floor=one.is_floor)} of {usd(one.may)}"


def _lines(text: str) -> str:
    """As a browser sends line breaks, and as they were."""
    return text.replace("\r\n", "\n")


def _is_data(value: str) -> bool:
    """Whether a value is no text, but a list, a number or the like."""
    try:
        return not isinstance(json.loads(value), str)
    except ValueError:
        return False
