"""Every example in a docstring runs."""

import doctest
import importlib
import pkgutil

import pytest

import counterfoil

NAMES = [
    m.name for m in pkgutil.walk_packages(counterfoil.__path__, "counterfoil.") if "__main__" not in m.name
]


@pytest.mark.parametrize("name", NAMES)
def test_examples_in_docstrings_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
