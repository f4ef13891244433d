"""Single requests come to the days they are of, and each manner leaves its own trace."""

from dataclasses import fields, replace

import numpy as np
import pytest
from genai_prices import Usage, calc_price

from counterfoil.simulate.company.cases import NOTHING
from counterfoil.simulate.company.days import Days, person_days
from counterfoil.simulate.company.design import Design
from counterfoil.simulate.company.events import Events, events, joined
from counterfoil.simulate.company.live import Behaviour
from counterfoil.simulate.company.manner import CREDENTIALS, FIRST_TACTIC, MANNERS, TRIGGERS, Manner
from counterfoil.simulate.company.models import BUCKETS, MODELS, PRICES
from counterfoil.simulate.company.parameters import FITTED
from counterfoil.simulate.company.people import People, Workload, invent
from counterfoil.simulate.company.portions import Habits, Portions, each, habits, portions
from counterfoil.terms.usage import Credential, Trigger

PRESSED = Design(
    target=20, visibility=1, ranked=1, credibility=0.8, managers_look=0.6, outcome_paired=0, transparency=0
)
TEMPTED = replace(FITTED, maximise=-5.5)
"""People who pad and burn in every way there is."""
DAYS = 14


@pytest.fixture(scope="module")
def crew() -> People:
    return invent(6_000, seed=4, weeks=2, median_task_tokens=60_000)


@pytest.fixture(scope="module")
def fortnight(crew: People) -> Days:
    return person_days(crew, PRESSED, days=DAYS, seed=4, p=TEMPTED)


@pytest.fixture(scope="module")
def usual(crew: People, fortnight: Days) -> Habits:
    return habits(crew, fortnight, seed=4)


@pytest.fixture(scope="module")
def some(crew: People, fortnight: Days, usual: Habits) -> Portions:
    return portions(crew, fortnight, usual, slice(0, len(crew)))


@pytest.fixture(scope="module")
def told(some: Portions, usual: Habits) -> Events:
    return joined(events(some, usual, seed=4))


@pytest.fixture(scope="module")
def manner(some: Portions) -> np.ndarray:
    return np.repeat(some.manner, some.requests)


def tokens(told: Events) -> np.ndarray:
    whole: np.ndarray = np.stack([getattr(told, bucket) for bucket in BUCKETS]).sum(axis=0, dtype=np.int64)
    return whole


def same(one: Events, two: Events) -> bool:
    return all((getattr(one, f.name) == getattr(two, f.name)).all() for f in fields(Events))


def test_requests_come_to_their_person_days_to_the_token(told: Events, crew: People, fortnight: Days) -> None:
    cell = told.who.astype(np.int64) * DAYS + told.day
    sums = np.bincount(cell, tokens(told), minlength=len(crew) * DAYS)
    assert (sums == np.rint(fortnight.tokens).ravel()).all()


def test_requests_come_to_their_portions_in_every_column(told: Events, some: Portions) -> None:
    of = np.repeat(np.arange(len(some)), some.requests)
    for name in (*BUCKETS, "cost"):
        parts = getattr(told, name)
        assert parts.min() >= 0
        assert (np.bincount(of, parts, minlength=len(some)) == getattr(some, name)).all(), name
    assert len(np.unique(told.session)) == some.sessions.sum()
    pairs = np.unique(np.stack([of, told.session]), axis=1)
    assert pairs.shape[1] == some.sessions.sum()


def test_a_request_costs_what_its_buckets_cost(told: Events) -> None:
    buckets = np.stack([getattr(told, bucket) for bucket in BUCKETS], axis=1)
    exact = (buckets * PRICES[told.model]).sum(axis=1)
    assert np.abs(told.cost - exact).max() <= 1


def test_prices_are_those_of_the_list() -> None:
    for model in MODELS:
        for bucket, name in zip(BUCKETS, ("input", "cache_read", "cache_write", "output"), strict=True):
            if bucket == "cache_write" and not model.writes:
                continue
            counts = {"input_tokens": 1_000} if name != "output" else {"output_tokens": 1_000}
            if name.startswith("cache"):
                counts[f"{name}_tokens"] = 1_000
            listed = calc_price(Usage(**counts), model_ref=model.name).total_price
            assert float(listed) * 1e3 == pytest.approx(getattr(model, bucket)), (model.name, bucket)


def test_the_same_seed_gives_the_same_requests_whatever_stands_beside(
    told: Events, some: Portions, crew: People, fortnight: Days, usual: Habits
) -> None:
    assert same(told, joined(events(some, usual, seed=4)))
    piece = portions(crew, fortnight, usual, slice(700, 900), first=3, until=9)
    chosen = (told.who >= 700) & (told.who < 900) & (told.day >= 3) & (told.day < 9)
    part = Events(**{f.name: getattr(told, f.name)[chosen] for f in fields(Events)})
    assert same(joined(events(piece, usual, seed=4)), part)
    assert not same(joined(events(piece, usual, seed=5)), part)
    blocks = list(each(crew, fortnight, seed=4, at_once=1_000))
    assert (np.concatenate([b.output for b in blocks]) == some.output).all()


@pytest.mark.parametrize("name", [m.name for m in MANNERS])
def test_each_manner_leaves_its_trace(name: str, told: Events, some: Portions, manner: np.ndarray) -> None:
    place = next(i for i, m in enumerate(MANNERS) if m.name == name)
    look: Manner = MANNERS[place]
    mine = manner == place
    count = int(mine.sum())
    assert count > 100
    error = 4 / np.sqrt(count) + 4 / np.sqrt((some.manner == place).sum())
    hours = told.at[mine] / 3_600
    night = ((hours < 6) | (hours >= 22)).mean()
    assert night == pytest.approx(look.night, abs=0.6 * error + 0.01)
    assert told.repeated[mine].mean() == pytest.approx(look.repeat, abs=error)
    assert told.human_turns[mine].mean() == pytest.approx(look.human_turns, abs=error)
    assert told.tool_calls[mine].mean() == pytest.approx(look.tool_calls, abs=error)
    whole = tokens(told)[mine]
    full = np.repeat(some.requests > 5, some.requests)[mine]
    if full.sum() > 500:
        assert whole[full].mean() == pytest.approx(look.request_tokens, rel=0.12)
        assert whole[full].std() / whole[full].mean() == pytest.approx(look.spread, abs=0.15)
        share = told.output[mine][full].sum() / whole[full].sum()
        assert share == pytest.approx(look.output_share, rel=0.05)


def varying(told: Events, some: Portions, place: int) -> np.ndarray:
    """How much the gaps of each portion vary, leaving out the longest one: a pause is no gap."""
    ends = np.cumsum(some.requests)
    found = []
    for at in np.flatnonzero((some.manner == place) & (some.requests >= 12))[:40].tolist():
        gaps = np.sort(np.diff(told.at[ends[at] - some.requests[at] : ends[at]]))[:-1]
        found.append(gaps.std() / gaps.mean())
    return np.array(found)


def test_timers_have_regular_gaps_and_people_have_not(told: Events, some: Portions) -> None:
    for place, look in enumerate(MANNERS):
        spread = varying(told, some, place)
        if len(spread) and look.metronomic:
            assert np.median(spread) < 0.1, look.name
        elif len(spread) > 5:
            assert np.median(spread) > 0.3, look.name
    timed = {look.name for look in MANNERS if look.metronomic}
    assert timed == {"pipeline", "runaway", "idle-loop", "burner", "pinger"}


def test_times_of_a_portion_go_on(told: Events) -> None:
    assert told.at.min() >= 0
    assert told.at.max() < 86_400
    ended = told.session[1:] != told.session[:-1]
    assert (np.diff(told.at)[~ended] >= 0).all()


def test_only_registered_machines_have_a_key_of_their_own(some: Portions, crew: People) -> None:
    service = some.credential == CREDENTIALS.index(Credential.SERVICE)
    assert (service == some.registered).all()
    assert set(crew.workload[some.who[service]].tolist()) == {
        Workload.EVALUATION,
        Workload.PIPELINE,
        Workload.MIGRATION,
    }
    tricks = some.trigger[some.manner >= FIRST_TACTIC]
    assert {TRIGGERS[t] for t in np.unique(tricks).tolist()} == {Trigger.HUMAN, Trigger.AGENT}


def test_a_model_is_one_that_the_day_had_or_the_dearest(some: Portions, fortnight: Days) -> None:
    had = (fortnight.models[some.who, some.day] >> some.model.astype(np.uint8)) & 1
    dear = np.array([MANNERS[m].name == "dearest-model" for m in some.manner])
    week = np.stack([w.behaviour for w in fortnight.weeks], axis=1)[some.who, some.day // 7]
    assert had[week != Behaviour.MAXIMISE].all()
    assert {MODELS[m].name for m in np.unique(some.model[dear]).tolist()} == {"claude-opus-4-5"}


def test_a_design_that_asks_nothing_leaves_no_trick(crew: People) -> None:
    calm = person_days(crew, NOTHING, days=7, seed=4)
    usual = habits(crew, calm, seed=4)
    found = portions(crew, calm, usual, slice(0, len(crew)))
    assert (found.manner >= FIRST_TACTIC).mean() < 0.08


def test_an_average_active_day_costs_what_it_is_known_to_cost() -> None:
    """Source: Claude Code documentation, costs: $13 on an average active day (read 2026-11)."""
    people = invent(4_000, seed=1, weeks=4)
    days = person_days(people, NOTHING, days=28, seed=1)
    dollars = sum(
        float((getattr(some, bucket) * PRICES[some.model, place]).sum()) / 1e6
        for some in each(people, days, seed=1)
        for place, bucket in enumerate(BUCKETS)
    )
    assert dollars / (days.tokens > 0).sum() == pytest.approx(13, rel=0.1)
