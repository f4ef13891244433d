"""The copied prices are those of the list, for every model and day."""

import json
import os
from pathlib import Path
from typing import Any

import genai_prices
import pytest
from genai_prices import data_snapshot

from counterfoil.collect.rates import copied, listed
from counterfoil.collect.rates.copied import FILE, copied_rates

DATED = {
    "claude-code": (
        "claude-3-5-haiku-20241022",
        "claude-3-5-sonnet-20241022",
        "claude-3-7-sonnet-20250219",
        "claude-haiku-4-5-20251001",
        "claude-opus-4-1-20250805",
        "claude-opus-4-20250514",
        "claude-opus-4-5-20251101",
        "claude-sonnet-4-20250514",
        "claude-sonnet-4-5-20250929",
    ),
    "codex": (),
    "gemini-cli": (),
}
"""Names with a date, as the clients log them."""
DAYS = ("2025-06-01", "2026-01-15", "2026-11-25")


def row(tier: Any) -> list[int]:
    return [
        tier.over,
        tier.input_uncached,
        tier.cache_read,
        tier.cache_write,
        tier.cache_write_1h,
        tier.output,
    ]


def whole() -> dict[str, Any]:
    """Every model of the three vendors whose price depends on no date or hour."""
    snapshot = data_snapshot.get_snapshot()
    models: dict[str, dict[str, list[list[int]]]] = {}
    for source, vendor in listed.PROVIDERS.items():
        provider = next(p for p in snapshot.providers if p.id == vendor)
        names = {m.id for m in provider.models if not isinstance(m.prices, list)} | set(DATED[source])
        rates = listed.from_list({(source, name, DAYS[0]) for name in names})
        found = {name: [row(t) for t in rate.tiers] for (name, _), rate in sorted(rates.items())}
        models[source] = {name: rows for name, rows in found.items() if steady(source, name)}
    return {"version": genai_prices.__version__, "models": models}


def steady(source: str, name: str) -> bool:
    rates = listed.from_list({(source, name, day) for day in DAYS})
    return len(rates) == len(DAYS) and len(set(rates.values())) == 1


def test_golden_copy_is_that_of_the_list() -> None:
    if os.environ.get("COUNTERFOIL_GOLDENS") == "write":
        text = json.dumps(whole(), indent=0, separators=(",", ":"), sort_keys=True)
        Path(FILE).write_text(text + "\n", encoding="utf-8")
    assert json.loads(Path(FILE).read_text("utf-8")) == whole()
    assert len(copied_rates()["claude-code"]) > 15


@pytest.mark.parametrize("source", sorted(listed.PROVIDERS))
def test_the_copy_and_the_list_say_the_same_of_each_model(source: str) -> None:
    models = copied_rates()[source]
    wanted = {(source, model, DAYS[-1]) for model in models}
    assert {(model, DAYS[-1]): rate for model, rate in models.items()} == listed.from_list(wanted)


def test_another_version_of_the_list_is_asked_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "copied.json"
    other.write_text(
        json.dumps({"version": "0.0.0", "models": {"codex": {"gpt-5": [[0, 1, 1, 1, 1, 1]]}}}), "utf-8"
    )
    monkeypatch.setattr(copied, "FILE", str(other))
    copied_rates.cache_clear()
    try:
        assert copied_rates() == {}
        assert listed.listed_rates({("codex", "gpt-5", DAYS[0])})["gpt-5", DAYS[0]].tiers[0].output > 1
    finally:
        copied_rates.cache_clear()
