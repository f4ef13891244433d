"""Asks the holders of idle seats what is to become of them; others are told counts, and never of whom."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

from counterfoil.guard.dominance import rounded_count
from counterfoil.guard.force import version
from counterfoil.guard.guarded import Guarded, without_keys
from counterfoil.guard.members import OBJECTED
from counterfoil.guard.person import SEAT_ANSWER, own_entry
from counterfoil.ledger.entry import Body, EntryKind, open_entry
from counterfoil.store.lake import Appended
from counterfoil.terms.absent import Unknown
from counterfoil.terms.batch import batches
from counterfoil.terms.ids import MicroUsd, Pseudonym
from counterfoil.terms.organisation import NEVER_USED, STILL_HELD, Seat
from counterfoil.terms.record import OwnRecord
from counterfoil.terms.release import Refuse, Released
from counterfoil.terms.seat import OwnSeat, OwnSeats, SeatAnswer, SeatCounts, ToolSeats
from counterfoil.terms.usage import NOT_STATED

IDLE_DAYS = 60
"""Days without use after which the holder of a seat is asked."""
HOLDS: Mapping[SeatAnswer, int] = {SeatAnswer.KEEP: 60, SeatAnswer.LEAVE: 180, SeatAnswer.RETURN: 36_500}
"""Days after which somebody is asked again."""
COUNTS = "seat-counts"
LEAST, LEAST_OF_USE = 5, 50
"""The fewest people of whom a count is told, and of whom it is told who of them used something."""
FEWER = Unknown("fewer than 5")
FEW_SEATS = Unknown("fewer than 50 people have one")
NO_ANSWER = Unknown("nothing was answered")


@dataclass(frozen=True, slots=True)
class _Answered:
    says: SeatAnswer
    day: date


def own_seats(g: Guarded, who: Pseudonym) -> Released[OwnSeats] | Refuse:
    """The seats of whoever asks, and which of them are idle; reading it is an entry about them.

    Raises: StoreError where it can't be logged or read; then nothing is shown.
    """
    if (away := without_keys(g)) is not None:
        return away
    own_entry(g, who, "read their seats")
    return Released(_own(g, who, _seats(g, who=who)), "own-data")


def asked_back(g: Guarded, who: Pseudonym, record: Released[OwnRecord]) -> Released[OwnSeats]:
    """The idle seats of whoever read their record, from what they read: there is no other entry for it."""
    seats = [
        Seat(
            who=who,
            tool=row["tool"],
            assigned=date.fromisoformat(row["assigned"]),
            last_active=_day(row["last_active"] or None, NEVER_USED),
            ended=_day(row["ended"] or None, STILL_HELD),
        )
        for row in record.answer.rows.get("seat", ())
    ]
    own = _own(g, who, seats)
    return Released(replace(own, seats=[seat for seat in own.seats if seat.is_idle]), record.clause)


def _own(g: Guarded, who: Pseudonym, seats: Sequence[Seat]) -> OwnSeats:
    answers, day = _answers(g, who), g.now.date()
    own = [
        OwnSeat(
            tool=seat.tool,
            assigned=seat.assigned,
            last_active=seat.last_active,
            activated=seat.activated,
            cost=seat.cost,
            is_idle=_is_idle(seat, day),
            answer=_standing(answers.get((who, seat.tool)), seat, day),
        )
        for seat in seats
        if _is_held(seat, day)
    ]
    return OwnSeats(seats=own, idle_days=IDLE_DAYS)


def answer_seat(g: Guarded, who: Pseudonym, tool: str, answer: SeatAnswer) -> Refuse | None:
    """Keep what the holder of an idle seat says of it; the log has that somebody did, and not who or what."""
    day = g.now.date()
    mine = [seat for seat in _seats(g, who=who, tool=tool) if _is_held(seat, day) and _is_idle(seat, day)]
    if not mine:
        return Refuse("own-data", "You have no seat of that tool, or it is in use.")
    body: Body = {"rule": "seat", "did": "answered", "tool": tool, "at": str(day)}
    g.log.append([open_entry(EntryKind.RULE, body)])
    with g.lake.registry.change() as change:
        told = json.dumps({"says": answer, "day": str(day)})
        change.keep(SEAT_ANSWER, f"{who}/{tool}", told.encode())
    return None


def seat_counts(g: Guarded) -> Released[SeatCounts] | Refuse:
    """The seats of the company by tool, for those who look after them; logged first.

    They are counted once a week, and to the nearest five: what one person did can't be seen from one day,
    or one question, to the next.

    Raises: StoreError where it can't be logged or read; then nothing is told.
    """
    if (away := without_keys(g)) is not None:
        return away
    day, force = g.now.date(), version(g)
    week = str(day - timedelta(days=day.weekday()))
    digest = None if force is None else force.digest
    g.log.append(
        [
            open_entry(
                EntryKind.RELEASE, {"verdict": "seats", "week": week, "at": g.minute, "programme": digest}
            )
        ]
    )
    kept = g.lake.registry.kept(COUNTS, week)
    if kept is None:
        told = _told(SeatCounts(as_of=day, idle_days=IDLE_DAYS, tools=list(_counted(g, day))))
        with g.lake.registry.change() as change:
            for old in g.lake.registry.all_kept(COUNTS):
                change.forget(COUNTS, old)
            change.keep(COUNTS, week, kept := json.dumps(told).encode())
    return Released(_counts(json.loads(kept)), "seats")


def take_seats(g: Guarded, tool: str, seats: Sequence[Seat], *, is_whole: bool) -> Appended:
    """Take in what a vendor says of the seats of a tool; one that it no longer lists has ended.

    `is_whole` says whether it is known whose each of them is: else one that seems to be missing may not be.
    Raises: StoreError where they can't be written.
    """
    kept = {seat.who: seat for seat in _seats(g, tool=tool)}
    now = {seat.who: _with(kept.get(seat.who), seat) for seat in seats}
    missing = [seat for who, seat in kept.items() if who not in now and _is_held(seat, g.now.date())]
    ended = [replace(seat, ended=g.now.date()) for seat in missing] if is_whole else []
    told = g.lake.append(batches(Seat, [*now.values(), *ended]))
    return told.get("seat", Appended())


def _with(kept: Seat | None, seat: Seat) -> Seat:
    """A seat with what was known of it before: when it was first used, and what it costs."""
    if kept is None:
        return seat
    days = [day for day in (kept.activated, seat.activated) if not isinstance(day, Unknown)]
    cost = kept.cost if isinstance(seat.cost, Unknown) else seat.cost
    return replace(seat, activated=min(days, default=NOT_STATED), cost=cost)


def _counted(g: Guarded, day: date) -> Iterator[ToolSeats]:
    answers, objected = _answers(g), g.lake.registry.all_kept(OBJECTED)
    seats = [seat for seat in _seats(g) if seat.who not in objected]
    for tool in sorted({seat.tool for seat in seats}):
        mine = [seat for seat in seats if seat.tool == tool]
        held = [seat for seat in mine if _is_held(seat, day)]
        idle = [seat for seat in held if _is_idle(seat, day)]
        said = Counter(str(_standing(answers.get((seat.who, tool)), seat, day)) for seat in idle)
        given_back = [
            seat
            for seat in mine
            if not _is_held(seat, day)
            and (last := answers.get((seat.who, tool))) is not None
            and last.says is SeatAnswer.RETURN
        ]
        used = sum(_is_used(seat, day) for seat in held)
        yield ToolSeats(
            tool=tool,
            assigned=_count(len(held)),
            used=_count(used) if len(held) >= LEAST_OF_USE else FEW_SEATS,
            asked=_count(len(idle)) if len(held) >= LEAST_OF_USE else FEW_SEATS,
            keep=_count(said[SeatAnswer.KEEP]),
            give_back=_count(said[SeatAnswer.RETURN]),
            on_leave=_count(said[SeatAnswer.LEAVE]),
            returned=_count(len(given_back)),
        )


def _count(people: int) -> int | Unknown:
    return FEWER if people < LEAST else rounded_count(people)


def _is_held(seat: Seat, day: date) -> bool:
    return seat.assigned <= day and (isinstance(seat.ended, Unknown) or seat.ended > day)


def _is_used(seat: Seat, day: date) -> bool:
    return not isinstance(seat.last_active, Unknown) and (day - seat.last_active).days < IDLE_DAYS


def _is_idle(seat: Seat, day: date) -> bool:
    """Whether a seat that was there long enough was not used."""
    return (day - seat.assigned).days >= IDLE_DAYS and not _is_used(seat, day)


def _standing(answered: _Answered | None, seat: Seat, day: date) -> SeatAnswer | Unknown:
    """What somebody answered, unless that was long ago, or the seat was used or given to them anew since."""
    if answered is None or (day - answered.day).days >= HOLDS[answered.says]:
        return NO_ANSWER
    is_used = not isinstance(seat.last_active, Unknown) and seat.last_active > answered.day
    return NO_ANSWER if is_used or seat.assigned > answered.day else answered.says


def _answers(g: Guarded, who: Pseudonym | None = None) -> Mapping[tuple[Pseudonym, str], _Answered]:
    found: dict[tuple[Pseudonym, str], _Answered] = {}
    for name, kept in g.lake.registry.all_kept(SEAT_ANSWER).items():
        whose, _, tool = name.partition("/")
        if who in {None, whose}:
            told = json.loads(kept)
            found[Pseudonym(whose), tool] = _Answered(
                SeatAnswer(told["says"]), date.fromisoformat(told["day"])
            )
    return found


def _seats(g: Guarded, *, who: Pseudonym | None = None, tool: str | None = None) -> list[Seat]:
    found = g.lake.run("seats", ["seat"], {"who": who, "tool": tool})
    names = ("who", "tool", "assigned", "last_active", "activated", "ended", "cost")
    return [
        Seat(
            who=Pseudonym(str(one)),
            tool=str(name),
            assigned=date.fromisoformat(str(assigned)[:10]),
            last_active=_day(last, NEVER_USED),
            activated=_day(activated, NOT_STATED),
            ended=_day(ended, STILL_HELD),
            cost=NOT_STATED if cost is None else MicroUsd(int(cost)),
        )
        for one, name, assigned, last, activated, ended, cost in zip(
            *(found[column] for column in names), strict=True
        )
    ]


def _day(told: Any, absent: Unknown) -> date | Unknown:
    """The day of a column; what has none is written in more than one way."""
    return absent if told is None or str(told) == "NaT" else date.fromisoformat(str(told)[:10])


def _told(counts: SeatCounts) -> Mapping[str, Any]:
    """Counts as they are kept; one that is not told is its reason."""
    tools = [
        {name: value["why"] if isinstance(value, dict) else value for name, value in asdict(tool).items()}
        for tool in counts.tools
    ]
    return {"as_of": str(counts.as_of), "idle_days": counts.idle_days, "tools": tools}


def _counts(told: Mapping[str, Any]) -> SeatCounts:
    tools = [
        ToolSeats(
            tool=row["tool"],
            **{
                name: Unknown(value) if isinstance(value, str) else value
                for name, value in row.items()
                if name != "tool"
            },
        )
        for row in told["tools"]
    ]
    return SeatCounts(as_of=date.fromisoformat(told["as_of"]), idle_days=told["idle_days"], tools=tools)
