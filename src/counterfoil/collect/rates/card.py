"""The prices that a reading needs, from one's own file first, then from the list."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from counterfoil.collect.rates.listed import list_version, listed_rates
from counterfoil.terms.rate import Rate, RateCard

if TYPE_CHECKING:
    from counterfoil.collect.rates.own import OwnRates


def rate_card(wanted: Iterable[tuple[str, str, str]], *, own: "OwnRates | None") -> RateCard:
    """Prices for each (source, model, day)."""
    asked = set(wanted)
    rates: dict[tuple[str, str], Rate] = {}
    if own is not None:
        for _, model, day in asked:
            if (rate := own.on(model, day)) is not None:
                rates[model, day] = rate
    listed = {(source, model, day) for source, model, day in asked if (model, day) not in rates}
    basis = ["own rates"] if rates else []
    if listed:
        rates |= listed_rates(listed)
        basis.append(f"list price, {list_version()}")
    return RateCard(rates=rates, basis=", else ".join(basis) or "no request needed a price")
