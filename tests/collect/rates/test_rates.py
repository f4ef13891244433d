"""Prices: the list as the library says it, own rates before it, unpriced as absent."""

import tomllib
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from genai_prices import Usage, calc_price

from counterfoil.collect.rates.card import rate_card
from counterfoil.collect.rates.listed import listed_rates
from counterfoil.collect.rates.own import OwnRates, read_own_rates
from counterfoil.terms.error import SourceError
from counterfoil.terms.rate import Rate

DAY = "2026-11-01"


def price(rate: Rate, *, fresh: int, read: int, write: int, out: int) -> Decimal:
    tier = [t for t in rate.tiers if fresh + read + write > t.over or t.over == 0][-1]
    pico = fresh * tier.input_uncached + read * tier.cache_read + write * tier.cache_write + out * tier.output
    return Decimal(pico) / Decimal(10**12)


@pytest.mark.parametrize(
    ("source", "model", "provider"),
    [
        ("claude-code", "claude-sonnet-4-5-20250929", "anthropic"),
        ("claude-code", "claude-opus-4-6[1m]", "anthropic"),
        ("codex", "gpt-5-codex", "openai"),
        ("gemini-cli", "gemini-2.5-flash", "google"),
        ("gemini-cli", "gemini-2.5-pro", "google"),
    ],
)
@pytest.mark.parametrize("fresh", [10, 1_200, 150_000, 250_000])
def test_list_prices_are_those_of_the_library(source: str, model: str, provider: str, fresh: int) -> None:
    rate = listed_rates({(source, model, DAY)})[model, DAY]
    theirs = calc_price(
        Usage(
            input_tokens=fresh + 900 + 300, cache_read_tokens=900, cache_write_tokens=300, output_tokens=57
        ),
        model,
        provider_id=provider,
        genai_request_timestamp=datetime(2026, 11, 1, 12, tzinfo=UTC),
    )
    assert price(rate, fresh=fresh, read=900, write=300, out=57) == theirs.total_price


@pytest.mark.parametrize(
    "hosted",
    [
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "anthropic/claude-sonnet-4-5",
        "claude-sonnet-4-5@20250929",
    ],
)
def test_a_hosts_spelling_of_a_model_has_the_models_price(hosted: str) -> None:
    rates = listed_rates({("claude-code", hosted, DAY), ("claude-code", "claude-sonnet-4-5", DAY)})
    assert rates[hosted, DAY] == rates["claude-sonnet-4-5", DAY]


def test_an_unknown_model_has_no_price() -> None:
    assert listed_rates({("claude-code", "no-such-model", DAY)}) == {}


def test_own_rates_come_first_from_their_day_on(tmp_path: Path) -> None:
    file = tmp_path / "rates.toml"
    file.write_text(
        '[[rate]]\nmodel = "gpt-5-codex"\nsince = 2026-11-01\ninput = 1\noutput = "2.5"\n'
        '[[rate]]\nmodel = "in-house"\ninput = 0.5\ncache_read = 0.05\noutput = 1\n'
    )
    own = read_own_rates(file)
    card = rate_card(
        {("codex", "gpt-5-codex", "2026-10-31"), ("codex", "gpt-5-codex", DAY), ("codex", "in-house", DAY)},
        own=own,
    )
    assert card.rates["gpt-5-codex", DAY].tiers[0].output == 2_500_000
    assert card.rates["gpt-5-codex", "2026-10-31"].tiers[0].output == 10_000_000
    assert card.rates["in-house", DAY].tiers[0].cache_read == 50_000
    assert card.basis.startswith("own rates, else list price, genai-prices ")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[[rate]]\ninput = 1\noutput = 1", "rates-no-model"),
        ('[[rate]]\nmodel = "m"\ninput = 1', "rates-no-price"),
        ('[[rate]]\nmodel = "m"\ninput = -1\noutput = 1', "rates-no-number"),
        ('[[rate]]\nmodel = "m"\ninput = true\noutput = 1', "rates-no-number"),
        ('[[rate]]\nmodel = "m"\ninput = "x"\noutput = 1', "rates-no-number"),
        ('[[rate]]\nmodel = "m"\ninput = 1\noutput = 1\nprompt = 3', "rates-unknown-field"),
        ('[[rate]]\nmodel = "m"\ninput = 1\noutput = 1\nsince = 3', "rates-no-date"),
    ],
)
def test_a_wrong_rate_says_what_and_where(text: str, code: str) -> None:
    with pytest.raises(SourceError) as caught:
        OwnRates(tomllib.loads(text))
    assert caught.value.code == code
    assert caught.value.hint


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    file = tmp_path / "rates.toml"
    file.write_text("not toml")
    with pytest.raises(SourceError, match="is not TOML"):
        read_own_rates(file)
    with pytest.raises(SourceError, match="can't read"):
        read_own_rates(tmp_path / "absent.toml")
