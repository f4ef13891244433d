"""How what a test found is written out."""


def percent(share: float) -> str:
    """A share in whole hundredths.

    Example:
    >>> percent(0.056)
    '6 %'
    """
    return f"{share * 100:.0f} %"
