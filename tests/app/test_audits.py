"""Audits from the command line, on the page and over HTTP; no person is in any of it, wherever it is told."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.standing import Standing
from counterfoil.app.auditing import run_audit, run_power
from counterfoil.app.run import run
from counterfoil.guard.audited import OPERATOR, audit, audits_due
from counterfoil.guard.tokens import Scope, issue
from guard.audited_company import lived_for_long, with_target
from guard.organisation import put_in_force
from app.standing import standing

PEOPLE = 300


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """A server of a company whose tokens have come apart, audited as its job would."""
    with standing(tmp_path_factory.mktemp("audited"), people=PEOPLE) as found:
        put_in_force(found.g, with_target())
        lived_for_long(found.g, found.who, gamed_from=20, share=0.4)
        for ask in audits_due(found.g):
            audit(found.g, ask, OPERATOR)
        yield found


@pytest.fixture(scope="module")
def shown(there: Standing) -> str:
    return there.inside(13).get("/audit").text
