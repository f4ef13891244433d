"""Schemathesis asks the API whatever its description allows, and what it does not: nothing is a 500."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from app.standing import Standing, standing
from counterfoil.app.door.limit import Limit
from counterfoil.guard.tokens import Scope, issue

EXAMPLES = int(os.environ.get("COUNTERFOIL_FUZZ", "15"))
"""How many questions of each kind; `COUNTERFOIL_FUZZ=2000` looks for longer."""
PATHS = (
    "/api/v1/ask",
    "/api/v1/audits",
    "/api/v1/metrics",
    "/api/v1/programme",
    "/api/v1/ledger/checkpoint",
    "/healthz",
    "/metrics",
)
NOTHING_WRONG = ("/healthz", GenerationMode.NEGATIVE)
"""It takes nothing, so nothing about it can be wrong."""


@pytest.fixture(scope="module")
def s(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Limit, "wait", lambda *_: 0)
        with standing(tmp_path_factory.mktemp("fuzz"), people=120, full=True) as found:
            yield found


@pytest.mark.parametrize(
    ("path", "mode"),
    [(path, mode) for path in PATHS for mode in GenerationMode if (path, mode) != NOTHING_WRONG],
)
def test_whatever_is_asked_is_answered_as_described(s: Standing, path: str, mode: GenerationMode) -> None:
    described: Any = schemathesis.openapi.from_asgi("/api/openapi.json", s.site)
    assert {one.ok().path for one in described.get_all_operations()} == set(PATHS)
    token = issue(s.g, Scope.METRICS if path == "/metrics" else Scope.READ, "fuzz")
    asked: list[int] = []

    @given(case=described[path]["GET"].as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=EXAMPLES < 100,
        suppress_health_check=list(HealthCheck),
    )
    def answered(case: Any) -> None:
        shown = {"Authorization": f"Bearer {token}"}
        answer = case.call_and_validate(headers=shown, excluded_checks=[positive_data_acceptance])
        asked.append(answer.status_code)

    answered()
    assert asked and all(status < 500 for status in asked)
