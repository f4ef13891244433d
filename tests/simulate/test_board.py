"""The historical board has the reported size, and its places say nothing of who gamed."""

import numpy as np
import pytest

from counterfoil.simulate.board import META_TASK_TOKENS, SHOWN, historical_board
from counterfoil.simulate.company.cases import META
from counterfoil.simulate.company.days import person_days
from counterfoil.simulate.company.people import invent
from counterfoil.terms.board import HistoricalBoard


@pytest.fixture(scope="module")
def board() -> HistoricalBoard:
    people = invent(85_000, seed=1, weeks=0, median_task_tokens=META_TASK_TOKENS)
    return historical_board(person_days(people, META, days=30, seed=1))


def test_it_has_the_reported_size(board: HistoricalBoard) -> None:
    assert (board.people, board.days, len(board.shown)) == (85_000, 30, SHOWN)
    assert board.tokens == pytest.approx(60e12, rel=0.01)
    assert sum(size for _, size in board.tiers) == 85_000


def test_its_rows_stand_in_order(board: HistoricalBoard) -> None:
    tokens = [row.tokens for row in board.shown]
    assert tokens == sorted(tokens, reverse=True)
    assert [row.place for row in board.shown] == list(range(1, SHOWN + 1))


def test_each_title_is_held_once(board: HistoricalBoard) -> None:
    held = [title for row in board.shown for title in row.titles]
    assert sorted(held) == ["Cache Wizard", "Model Connoisseur", "Session Immortal", "Token Legend"]


def test_most_of_its_first_places_are_honest(board: HistoricalBoard) -> None:
    """Why no screen by volume may accuse anybody."""
    assert board.honest_places > SHOWN / 2
    assert 0.05 < board.gamed_share < 0.5


def test_it_is_the_sum_of_its_days() -> None:
    people = invent(300, seed=2, weeks=0)
    days = person_days(people, META, days=30, seed=2)
    board = historical_board(days, shown=300)
    sums = np.sort(days.tokens.sum(axis=1, dtype=np.float64))[::-1]
    assert [row.tokens for row in board.shown] == pytest.approx(sums.tolist(), rel=1e-5, abs=1)
    assert board.top_share == pytest.approx(1)
