"""Idle seats: their holders are asked and answer for themselves; others are told counts, once a week."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from counterfoil.guard.guarded import KEYS_AWAY, Guarded
from counterfoil.guard.person import erase, object_to, own_record
from counterfoil.guard.roles import give, roles_given
from counterfoil.guard.seats import IDLE_DAYS, answer_seat, own_seats, seat_counts, take_seats
from counterfoil.guard.tokens import Scope, issue, token_of
from counterfoil.ledger.entry import EntryKind, read_entry
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import Role
from counterfoil.terms.error import StoreError
from counterfoil.terms.ids import MicroUsd, Pseudonym
from counterfoil.terms.organisation import NEVER_USED, Seat
from counterfoil.terms.release import Refuse, Released
from counterfoil.terms.seat import OwnSeat, SeatAnswer, ToolSeats
from guard.organisation import NOW, gate, put

TODAY = NOW.date()
LONG_AGO = TODAY - timedelta(days=200)


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Guarded]:
    with gate(tmp_path) as opened:
        yield opened


def later(g: Guarded, days: int) -> Guarded:
    return replace(g, now=g.now + timedelta(days=days))


def people(g: Guarded, count: int) -> list[Pseudonym]:
    return list(g.keys.pseudonyms([f"p{n}" for n in range(count)]))


def seat(
    who: Pseudonym, *, used: int | None = None, tool: str = "copilot", assigned: date = LONG_AGO
) -> Seat:
    last = NEVER_USED if used is None else TODAY - timedelta(days=used)
    return Seat(who=who, tool=tool, assigned=assigned, last_active=last)


def mine(g: Guarded, who: Pseudonym) -> dict[str, OwnSeat]:
    told = own_seats(g, who)
    assert isinstance(told, Released)
    return {one.tool: one for one in told.answer.seats}


def counts(g: Guarded) -> dict[str, ToolSeats]:
    told = seat_counts(g)
    assert isinstance(told, Released)
    return {one.tool: one for one in told.answer.tools}


def test_a_seat_is_idle_when_it_was_there_and_not_used_for_sixty_days(g: Guarded) -> None:
    (who, other) = people(g, 2)
    put(
        g,
        seat(who, used=IDLE_DAYS - 1, tool="a"),
        seat(who, used=IDLE_DAYS, tool="b"),
        seat(who, tool="c"),
        seat(who, tool="d", assigned=TODAY - timedelta(days=IDLE_DAYS - 1)),
        seat(other, tool="e"),
        replace(seat(who, tool="f"), ended=TODAY),
        seat(who, tool="g", assigned=TODAY + timedelta(days=1)),
    )
    assert {tool: one.is_idle for tool, one in mine(g, who).items()} == {
        "a": False, "b": True, "c": True, "d": False,
    }  # fmt: skip


def test_a_holder_answers_for_their_own_idle_seat_and_nobody_else_does(g: Guarded) -> None:
    who, other = people(g, 2)
    put(g, seat(who), seat(other, used=1), seat(other, tool="b"))
    answer_seat(g, other, "b", SeatAnswer.LEAVE)
    before = len(g.log)
    assert answer_seat(g, who, "copilot", SeatAnswer.KEEP) is None
    assert isinstance(answer_seat(g, other, "copilot", SeatAnswer.KEEP), Refuse)
    assert isinstance(answer_seat(g, who, "none", SeatAnswer.KEEP), Refuse)
    assert mine(g, who)["copilot"].answer is SeatAnswer.KEEP
    # The log says that somebody answered, on which day, and neither who nor what.
    (entry,) = (read_entry(g.log.entry(n)) for n in range(before, len(g.log)) if g.log.entry(n)[0] != 1)
    assert entry == (
        EntryKind.RULE,
        {"rule": "seat", "did": "answered", "tool": "copilot", "at": str(TODAY)},
    )
    answer_seat(g, who, "copilot", SeatAnswer.RETURN)
    assert mine(g, who)["copilot"].answer is SeatAnswer.RETURN


def test_looking_at_ones_own_seats_is_an_entry_about_oneself(g: Guarded) -> None:
    (who,) = people(g, 1)
    put(g, seat(who))
    mine(g, who)
    secret = g.keys.secret_of("p0")  # type: ignore[attr-defined]
    record = own_record(g, who, secret)
    assert isinstance(record, Released)
    assert "read their seats" in {read.did for read in record.answer.reads}


@pytest.mark.parametrize(("answer", "days"), [(SeatAnswer.KEEP, 60), (SeatAnswer.LEAVE, 180)])
def test_after_a_while_somebody_is_asked_again(g: Guarded, answer: SeatAnswer, days: int) -> None:
    (who,) = people(g, 1)
    put(g, seat(who))
    answer_seat(g, who, "copilot", answer)
    assert mine(later(g, days - 1), who)["copilot"].answer is answer
    assert isinstance(mine(later(g, days), who)["copilot"].answer, Unknown)


def test_an_answer_is_over_once_the_seat_is_used_or_given_anew(g: Guarded) -> None:
    (who,) = people(g, 1)
    put(g, seat(who))
    answer_seat(g, who, "copilot", SeatAnswer.RETURN)
    put(g, replace(seat(who), last_active=TODAY + timedelta(days=1)))
    assert isinstance(mine(later(g, 90), who)["copilot"].answer, Unknown)
    put(g, replace(seat(who), assigned=TODAY + timedelta(days=2)))
    assert isinstance(mine(later(g, 90), who)["copilot"].answer, Unknown)


def company(
    g: Guarded, seats: int, *, idle: int, answers: Sequence[tuple[SeatAnswer, int]]
) -> list[Pseudonym]:
    who = people(g, seats)
    put(g, *(seat(one, used=None if n < idle else 3) for n, one in enumerate(who)))
    first = 0
    for answer, count in answers:
        for one in who[first : first + count]:
            answer_seat(g, one, "copilot", answer)
        first += count
    return who


def test_counts_are_told_to_the_nearest_five_and_few_are_fewer_than_five(g: Guarded) -> None:
    answers = ((SeatAnswer.KEEP, 6), (SeatAnswer.RETURN, 9), (SeatAnswer.LEAVE, 4))
    company(g, 83, idle=23, answers=answers)
    told = counts(g)["copilot"]
    assert (told.assigned, told.used, told.asked, told.keep, told.give_back) == (85, 60, 25, 5, 10)
    assert told.on_leave == told.returned == Unknown("fewer than 5")


def test_of_few_seats_it_is_not_told_how_many_are_used(g: Guarded) -> None:
    company(g, 49, idle=20, answers=())
    told = counts(g)["copilot"]
    assert (told.assigned, told.used, told.asked) == (
        50,
        Unknown("fewer than 50 people have one"),
        Unknown("fewer than 50 people have one"),
    )


def test_nothing_of_one_week_can_be_compared_with_another_day_of_it(g: Guarded) -> None:
    who = company(g, 60, idle=30, answers=((SeatAnswer.KEEP, 10),))
    first = seat_counts(g)
    for one in who[10:25]:
        answer_seat(g, one, "copilot", SeatAnswer.RETURN)
    assert seat_counts(later(g, 4)) == first
    after = counts(later(g, 5))["copilot"]
    assert (after.keep, after.give_back) == (10, 15)
    assert len(g.lake.registry.all_kept("seat-counts")) == 1


def test_returned_are_those_that_ended_after_their_holder_said_so(g: Guarded) -> None:
    who = company(g, 60, idle=30, answers=((SeatAnswer.RETURN, 12), (SeatAnswer.KEEP, 6)))
    take_seats(g, "copilot", [seat(one, used=3) for one in who[20:]], is_whole=True)
    told = counts(g)["copilot"]
    assert (told.assigned, told.returned, told.give_back) == (40, 10, Unknown("fewer than 5"))


def test_who_objects_is_in_no_count(g: Guarded) -> None:
    for one in company(g, 60, idle=30, answers=())[:12]:
        object_to(g, one, objects=True)
    assert counts(g)["copilot"].assigned == 50


def test_no_count_and_no_entry_names_anybody(g: Guarded) -> None:
    who = company(g, 60, idle=30, answers=((SeatAnswer.RETURN, 12),))
    told = seat_counts(g)
    assert isinstance(told, Released)
    kept = str(asdict(told.answer)) + str(g.lake.registry.all_kept("seat-counts"))
    entries = b"".join(g.log.entry(n) for n in range(len(g.log)))
    assert not any(one in kept or one.encode() in entries for one in who)


def test_what_a_vendor_says_keeps_what_was_known_before(g: Guarded) -> None:
    one, two = people(g, 2)
    early, late = TODAY - timedelta(days=90), TODAY - timedelta(days=9)
    first: dict[str, Any] = {"activated": early, "cost": MicroUsd(5)}
    take_seats(g, "copilot", [replace(seat(one), **first), seat(two)], is_whole=True)
    take_seats(g, "copilot", [replace(seat(one), activated=late)], is_whole=False)
    assert set(mine(g, two)) == {"copilot"}
    take_seats(g, "copilot", [replace(seat(one), activated=late)], is_whole=True)
    told = mine(g, one)["copilot"]
    assert (told.activated, told.cost) == (early, 5)
    assert mine(g, two) == {}
    # Another tool's seats are another list.
    take_seats(g, "cursor", [seat(two, tool="cursor")], is_whole=True)
    assert set(mine(g, one)) == {"copilot"}


def test_without_the_keys_nothing_is_told(g: Guarded) -> None:
    (who,) = people(g, 1)

    def away() -> str:
        raise StoreError("keyholder-down", "it can't be reached", hint="start it")

    g.keys.name = away  # type: ignore[method-assign]
    assert (own_seats(g, who), seat_counts(g)) == (KEYS_AWAY, KEYS_AWAY)


def test_who_is_erased_leaves_no_answer_no_role_and_no_token(g: Guarded) -> None:
    one, two = people(g, 2)
    put(g, seat(one), seat(two))
    for who in (one, two):
        answer_seat(g, who, "copilot", SeatAnswer.KEEP)
        give(g, Role.COUNCIL, who)
    tokens = [issue(g, Scope.INGEST, "laptop", who=who) for who in (one, two)]
    erase(g, one)
    assert list(g.lake.registry.all_kept("seat-answer")) == [f"{two}/copilot"]
    assert [token_of(g, token, Scope.INGEST) is None for token in tokens] == [True, False]
    assert not roles_given(g, one)
    assert roles_given(g, two) == {Role.COUNCIL}
