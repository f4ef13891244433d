"""Which session made which change: content first, then its own commits, then time, then nothing."""

from collections.abc import Callable, Sequence
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


def session(name: str, began: datetime, hours: float = 1) -> Session:
    return Session(
        source=SourceId("claude-code"),
        id=SessionId(name),
        parent=NOBODY,
        began=began,
        ended=began + timedelta(hours=hours),
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


def by(fates: Any, names: Sequence[str], began: datetime, writers: Sequence[str] = ()) -> Any:
    sessions = [session(name, began) for name in names]
    number = {s.id: n for n, s in enumerate(sessions)}
    return join(fates, matcher(writers, number, began), sessions)


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
    began = datetime.fromtimestamp(int(fates.landed_at[2]), UTC) - timedelta(minutes=30)
    found = by(fates, ["a"], began, writers)
    assert found.by == [how]
    assert found.change.tolist() == ([2] if how == "time" else [])


def test_time_never_takes_what_content_gave_to_another(story: Callable[[], Any]) -> None:
    fates = told(story, [(2, 1, 4)])
    began = datetime.fromtimestamp(int(fates.landed_at[2]), UTC) - timedelta(minutes=30)
    assert by(fates, ["a", "b"], began, ["a"]).by == ["none", "content"]


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
