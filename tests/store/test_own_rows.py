"""One's own rows are read once from the same files, and never from files that are gone."""

from pathlib import Path
from typing import Any

import numpy as np

from counterfoil.store.own_rows import MOST, OwnRows


def test_the_same_files_are_read_once_and_others_anew() -> None:
    read: list[str] = []

    def rows(name: str) -> Any:
        def now() -> Any:
            read.append(name)
            return {"day": np.array([name], object)}

        return now

    own, one, two = OwnRows(), [Path("a")], [Path("a"), Path("b")]
    for _ in range(2):
        assert own.of("anna", "usage", one, rows("a"))["day"][0] == "a"
    assert own.of("anna", "usage", two, rows("b"))["day"][0] == "b"
    assert own.of("boris", "usage", two, rows("c"))["day"][0] == "c", "nobody gets another one's"
    own.forget()
    own.of("anna", "usage", two, rows("d"))
    assert read == ["a", "b", "c", "d"]

    def gone_meanwhile() -> Any:
        own.forget()
        return rows("late")()

    own.of("anna", "usage", one, gone_meanwhile)
    own.of("anna", "usage", one, rows("again"))
    assert read[-2:] == ["late", "again"]
    for person in range(MOST):
        own.of(str(person), "usage", two, rows("e"))
    own.of("anna", "usage", two, rows("f"))
    assert read[-1] == "f"
