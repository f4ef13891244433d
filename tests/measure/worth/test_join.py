"""Which session made which change: content first, then its own commits, then time, then nothing."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.measure.fate.match import Matcher
from counterfoil.measure.worth.join import join
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import LineKey, SessionId, SourceId
from counterfoil.terms.mark import Written
from counterfoil.terms.usage import Session

NOBODY = Unknown("nobody")


def session(name: str, began: datetime) -> Session:
    return Session(
        source=SourceId("claude-code"),
        id=SessionId(name),
        parent=NOBODY,
        began=began,
        ended=began + timedelta(days=60),
        directories=("/shop",),
        branches=("main",),
        repository=NOBODY,
        human_turns=1,
        client="",
    )


def matcher(writers: Sequence[str], number: dict[SessionId, int], at: datetime) -> Matcher:
    """Sessions that wrote a line each that never landed."""
    written = [
        Written(
            source=SourceId("claude-code"), session=SessionId(w), at=at, path="/shop/a.py", directory="/shop",
            added=[LineKey(n)], removed=[],
        )
        for n, w in enumerate(writers)
    ]  # fmt: skip
    return Matcher(written, [], number=number, roots=["/shop"])


def told(story: Callable[[], Any], lines: Sequence[tuple[int, int, int]], changes: int = 4) -> Any:
    """A history of so many changes; each (change, session, evidence) lands two counted lines."""
    history = story()
    for n in range(changes):
        history.change(n, mine=True)
    for change, _, evidence in lines:
        history.write(2, change, evidence=evidence)
    fates = history.fates()
    fates.session[:] = np.repeat([s for _, s, _ in lines], 2) if lines else 0
    return fates


def by(
    fates: Any,
    names: Sequence[str],
    began: datetime,
    writers: Sequence[str] = (),
    *,
    asked: Mapping[str, Sequence[datetime]] = {},
) -> Any:
    """The join of sessions of which some wrote when they began, and asked a model when it is told."""
    sessions = [session(name, began) for name in names]
    number = {s.id: n for n, s in enumerate(sessions)}
    moments = {number[SessionId(s)]: [int(at.timestamp()) for at in of] for s, of in asked.items()}
    return join(fates, matcher(writers, number, began), sessions, moments)


def landing(fates: Any, change: int, *, hours: float = 0) -> datetime:
    return datetime.fromtimestamp(int(fates.landed_at[change]), UTC) + timedelta(hours=hours)


def test_content_comes_first_and_a_commit_of_its_own_second(story: Callable[[], Any]) -> None:
    fates = told(story, [(0, 0, 4), (0, 0, 4), (1, 0, 4), (2, 1, 2), (3, 0, 2)])
    found = by(fates, ["a", "b", "c"], datetime(2026, 1, 1, tzinfo=UTC))
    assert list(zip(found.session.tolist(), found.change.tolist(), found.weight.tolist(), strict=True)) == [
        (0, 0, 4),
        (0, 1, 2),
        (1, 2, 2),
    ]
    assert found.by == ["content", "commit", "none"]


@pytest.mark.parametrize(("writers", "how"), [(["a"], "time"), ([], "none")])
def test_time_joins_only_a_session_that_wrote_something(
    story: Callable[[], Any], writers: list[str], how: str
) -> None:
    fates = told(story, [])
    found = by(fates, ["a"], landing(fates, 2, hours=-0.5), writers)
    assert found.by == [how]
    assert found.change.tolist() == ([2] if how == "time" else [])


def test_time_never_takes_what_content_gave_to_another(story: Callable[[], Any]) -> None:
    fates = told(story, [(2, 1, 4)])
    assert by(fates, ["a", "b"], landing(fates, 2, hours=-0.5), ["a"]).by == ["none", "content"]


@pytest.mark.parametrize(
    ("asked", "joined"),
    [([], []), ([-2.1], []), ([-1.9], [3]), ([0.1], []), ([-71], []), ([-72, -70, -25, -1], [0, 2, 3])],
)
def test_time_joins_only_commits_near_what_a_session_did(
    story: Callable[[], Any], asked: list[float], joined: list[int]
) -> None:
    fates = told(story, [])
    began = landing(fates, 0, hours=-2.5)
    moments = [landing(fates, 3, hours=h) for h in asked]
    found = by(fates, ["a"], began, ["a"], asked={"a": moments})
    assert found.change.tolist() == joined


def test_time_never_joins_a_commit_from_before_the_session_wrote(story: Callable[[], Any]) -> None:
    fates = told(story, [])
    found = by(
        fates, ["a"], landing(fates, 1, hours=1), ["a"], asked={"a": [landing(fates, 1), landing(fates, 2)]}
    )
    assert found.change.tolist() == [2]


@pytest.mark.parametrize(
    ("a", "b", "has"), [(-1, -0.5, "b"), (-0.5, -1, "a"), (-1, -1, "a"), (-1, 0.5, "a"), (-3, -1, "b")]
)
def test_a_commit_near_two_sessions_goes_to_the_one_that_did_something_last(
    story: Callable[[], Any], a: float, b: float, has: str
) -> None:
    fates = told(story, [])
    asked = {"a": [landing(fates, 3, hours=a)], "b": [landing(fates, 3, hours=b)]}
    for names in (["a", "b"], ["b", "a"]):
        found = by(fates, names, landing(fates, 0, hours=3), ["a", "b"], asked=asked)
        assert [(names[n], c) for n, c in zip(found.session, found.change, strict=True)] == [(has, 3)]


def test_time_never_takes_a_deletion_that_another_sessions_edits_account_for(
    story: Callable[[], Any],
) -> None:
    fates = told(story, [])
    sessions = [session(name, landing(fates, 2, hours=-1)) for name in "ab"]
    found = matcher(["a"], {s.id: n for n, s in enumerate(sessions)}, sessions[0].began)
    found.removed_lines[fates.commits[2].id][1] = 3
    joined = join(fates, found, sessions, {})
    assert joined.by == ["none", "content"]
    assert (joined.session.tolist(), joined.change.tolist(), joined.weight.tolist()) == ([1], [2], [3])


@given(
    lines=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.sampled_from([0, 2, 4])), max_size=12)
)
def test_laws_of_a_join(story: Callable[[], Any], lines: list[tuple[int, int, int]]) -> None:
    began = datetime(2020, 1, 1, tzinfo=UTC)
    fates = told(story, lines)
    found = by(fates, ["a", "b", "c"], began)
    pairs = list(zip(found.session.tolist(), found.change.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)
    assert all(found.weight > 0)
    assert [how == "none" for how in found.by] == [n not in {s for s, _ in pairs} for n in range(3)]
    more = by(fates, ["a", "b", "c", "stranger"], began)
    assert more.change.tolist() == found.change.tolist() and more.by == [*found.by, "none"]
    turned = told(story, [(change, 2 - number, evidence) for change, number, evidence in lines])
    other = by(turned, ["c", "b", "a"], began)
    there = {
        (2 - s, c, w)
        for s, c, w in zip(other.session.tolist(), other.change.tolist(), other.weight.tolist(), strict=True)
    }
    assert there == set(
        zip(found.session.tolist(), found.change.tolist(), found.weight.tolist(), strict=True)
    )
