"""How a figure is worded: money, shares, counts, intervals, and names that are safe to print."""

from datetime import datetime

from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.ids import MicroUsd
from counterfoil.terms.report import Figure
from counterfoil.terms.work import SpendPart

MICRO = 1_000_000
CENT = MICRO // 100
STEPS = ((10**12, " T"), (10**9, " B"), (10**6, " M"), (10**3, " k"))

PARTS: dict[str, str] = {
    SpendPart.STANDING: "still standing",
    SpendPart.CORRECTED: "corrected later",
    SpendPart.REVERTED: "reverted",
    SpendPart.REPLACED: "replaced by design",
    SpendPart.TOO_YOUNG: "too young to tell",
    SpendPart.NOTHING_FOUND: "no change found",
    SpendPart.NOT_EXAMINED: "not examined",
    SpendPart.UNKNOWN: "unknown",
}
"""Label of each part of the spend, in the order in which they are shown."""

PART_MEANS: dict[str, str] = {
    SpendPart.STANDING: "Made a change that is at least 30 days old and was never corrected or replaced.",
    SpendPart.CORRECTED: "Made a change that a later fix rewrote, or named, within 30 days.",
    SpendPart.REVERTED: "Made a change that was taken back.",
    SpendPart.REPLACED: "Made a change that was rewritten or removed for a reason other than a fix.",
    SpendPart.TOO_YOUNG: "Made a change less than 30 days ago that has not been corrected so far.",
    SpendPart.NOTHING_FOUND: "Spent in an examined repository without a change; exploring is not waste.",
    SpendPart.NOT_EXAMINED: "Spent in a folder or repository that could not be examined.",
    SpendPart.UNKNOWN: "The log does not say where it was spent.",
}
"""What each part of the spend means, as one sentence."""

TIERS: dict[str, str] = {
    "5": "logged",
    "4": "matched",
    "3": "by agent",
    "2": "marked",
    "1": "assisted",
    "0": "none",
}
"""Label of each evidence tier, strongest first."""

TIER_MEANS = (
    "logged: an edit-time log names the lines. matched: the lines a session wrote are the lines that landed. "
    "by agent: an agent is author or committer. marked: the commit names an agent or session. "
    "assisted: only an assist mark. none: no evidence, which means unknown, never human."
)
"""What each tier means."""

REWRITERS: dict[str, str] = {
    "same_person": "the same person",
    "other": "someone else",
    "agent": "an agent",
}
"""Label of each class of who rewrote a line; never a name."""


def dollars(amount: MicroUsd) -> str:
    """An amount to the cent; what is under a cent says so instead of rounding to nothing.

    Example:
    >>> dollars(MicroUsd(1_234_567_890)), dollars(MicroUsd(12)), dollars(MicroUsd(0))
    ('$1,234.57', 'under $0.01', '$0.00')
    """
    if 0 < amount < CENT:
        return "under $0.01"
    sign, size = ("-", -amount) if amount < 0 else ("", amount)
    cents = (size + CENT // 2) // CENT
    return f"{sign}${cents // 100:,}.{cents % 100:02d}"


def dollars_exact(amount: MicroUsd) -> str:
    """An amount to the micro-dollar, as a JSON number.

    Example:
    >>> dollars_exact(MicroUsd(1_234_567_890)), dollars_exact(MicroUsd(-5))
    ('1234.567890', '-0.000005')
    """
    whole, rest = divmod(abs(amount), MICRO)
    return f"{'-' if amount < 0 else ''}{whole}.{rest:06d}"


def known_dollars(amount: MicroUsd | Unknown) -> str:
    """An amount, or why there is none."""
    return unknown(amount) if isinstance(amount, Unknown) else dollars(amount)


def unknown(absent: Unknown) -> str:
    """What stands where a number can't be known."""
    return f"unknown: {safe(absent.why)}"


def compact(number: int) -> str:
    """A large count in two or three digits.

    Example:
    >>> compact(950), compact(12_345), compact(240_000), compact(4_560_000), compact(999_999_999)
    ('950', '12.3 k', '240 k', '4.6 M', '1.0 B')
    """
    for step, name in STEPS:
        if number >= step - step // 2000:
            size = number / step
            return f"{size:.0f}{name}" if size >= 99.95 else f"{size:.1f}{name}"
    return str(number)


def counted(number: int, one: str, many: str = "") -> str:
    """A count with its noun.

    Example:
    >>> counted(1, "change"), counted(1_200, "change")
    ('1 change', '1,200 changes')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def percent(share: float) -> str:
    """A share in per cent; only a true zero is written 0 and only a true whole 100.

    Example:
    >>> percent(0.0612), percent(0.65), percent(0.0001), percent(0.9999), percent(0.0), percent(1.0)
    ('6.1 %', '65 %', 'under 0.1 %', 'over 99.9 %', '0 %', '100 %')
    """
    if 0 < share < 0.0005:
        return "under 0.1 %"
    if 0.9995 <= share < 1:
        return "over 99.9 %"
    return f"{points(share)} %"


def points(share: float) -> str:
    """A share in per cent without its sign, with a decimal near 0 and 100."""
    hundredths = share * 100
    near_an_end = 0 < hundredths < 9.95 or 99 < hundredths < 100
    return f"{hundredths:.1f}" if near_an_end else f"{hundredths:.0f}"


def share(figure: Figure, unit: str = "") -> str:
    """A share with its 95 % interval and the number of units it rests on, or why there is none.

    Example:
    >>> share(Estimate(value=.061, low=.03, high=.092, n=131, coverage=.8, method="m"), "change")
    '6.1 % [3.0, 9.2], 131 changes'
    """
    if isinstance(figure, Unknown):
        return unknown(figure)
    rests_on = f", {counted(figure.n, unit)}" if unit else ""
    return f"{percent(figure.value)}{interval(figure)}{rests_on}"


def interval(figure: Estimate) -> str:
    """The 95 % interval of a share in per cent, empty where there is none."""
    if isinstance(figure.low, Unknown) or isinstance(figure.high, Unknown):
        return ""
    return f" [{points(figure.low)}, {points(figure.high)}]"


def safe(text: str) -> str:
    r"""A name from outside that can't steer a terminal: control and undecodable characters are escaped.

    Example:
    >>> safe("caf\u00e9\x1b[2J\udcff")
    'café\\x1b[2J\\udcff'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def period(first: str | Unknown, last: str | Unknown) -> str:
    """The days that logs cover, empty where that can't be known."""
    if isinstance(first, Unknown) or isinstance(last, Unknown):
        return ""
    return first if first == last else f"{first} to {last}"


def when(at: datetime) -> str:
    """A moment, to the minute."""
    return f"{at:%Y-%m-%d %H:%M} UTC"
