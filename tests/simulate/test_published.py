"""The table of published figures is whole, its arithmetic is right, and the documentation has it."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from counterfoil.simulate.published.table import published
from counterfoil.terms.forecast import Moment, Standing

PAGE = Path(__file__).parents[2] / "docs" / "methods" / "simulated-company.md"
BEGIN, END = "<!-- table: `make goldens` renews it -->\n", "<!-- end of table -->\n"


def test_every_published_figure_is_there() -> None:
    assert {moment.id for moment in published()} == {f"C{n}" for n in range(1, 15)}


def test_every_row_is_whole() -> None:
    for moment in published():
        assert moment.says
        assert moment.target
        assert moment.model
        assert moment.gap
        assert moment.source


def test_each_standing_occurs() -> None:
    assert {moment.standing for moment in published()} == set(Standing)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("C1", "= 23.5 million"),
        ("C1", "= 398"),
        ("C2", "= 69"),
        ("C2", "= 0.38 million"),
        ("C2", "= 508"),
        ("C2", "= 0.59"),
        ("C3", "= 2.31"),
        ("C3", "= 2.27"),
        ("C4", "= 3.7"),
        ("C4", "= 2.7"),
        ("C9", "= 0.30"),
        ("C10", "= 0.12"),
        ("C12", "= 1.06 %"),
        ("C13", "= 0.16"),
        ("C14", "= 12,000"),
        ("C14", "= 1,961"),
    ],
)
def test_the_arithmetic_is_right(name: str, value: str) -> None:
    """The published numbers, each computed from others that were published with it."""
    assert any(value in moment.arithmetic for moment in published() if moment.id == name)


def test_what_was_fitted_is_hit() -> None:
    for moment in published():
        if moment.standing is Standing.FITTED:
            assert moment.model.removesuffix(".0 %").removesuffix(" %") in moment.target


def test_golden_the_page_has_this_table() -> None:
    page = PAGE.read_text("utf-8")
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    wanted = f"{head}{BEGIN}{moments_table(published())}{END}{tail}"
    if os.environ.get("COUNTERFOIL_GOLDENS") == "write":
        PAGE.write_text(wanted, "utf-8")
    assert PAGE.read_text("utf-8") == wanted


def moments_table(moments: Sequence[Moment]) -> str:
    """The table of published figures as the documentation has it."""
    head = ("", "Figure", "Published", "Model", "How it stands", "Gap", "Recomputed", "Source")
    rows = [head, ("---",) * len(head)]
    rows += [(m.id, m.says, m.target, m.model, m.standing, m.gap, m.arithmetic, m.source) for m in moments]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
