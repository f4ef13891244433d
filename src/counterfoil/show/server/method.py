"""The page about one figure: what it is, how it is computed, how it is gamed, and when it breaks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from counterfoil.show.server.figure import label
from counterfoil.show.server.frame import Frame, FramedPage

HOW = {
    "total": "The sum over people, each capped at the company's 95th percentile of the period before. The "
    "company's own total is not capped. The interval is that of a total of as many such people: "
    "X ± 1.96 · √n · s (Cochran 1977, 2).",
    "share-of-people": "People with a day of their own, of everybody who was there on the first day of the "
    "block. It is told as a band of a fifth, and so without an interval.",
    "ratio": "A part over its whole, with people drawn whole for the interval, since the work of one person "
    "shares its luck (Cochran 1977, 6). With fewer than ten people no interval is given.",
    "rate": "How much there is of one thing for each of another, with people drawn whole for the interval, "
    "since the work of one person shares its luck (Cochran 1977, 6). With fewer than ten people no "
    "interval is given.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodPage(FramedPage):
    """How one figure is made."""

    template: ClassVar[str] = "server_method.html.j2"
    says: str
    facts: Sequence[tuple[str, str]]
    how: str
    breaks_when: Sequence[str]


def method_page(
    frame: Frame,
    *,
    metric: str,
    says: str,
    unit: str,
    kind: str,
    shape: str,
    follow_up_days: int,
    filters: Sequence[str],
    floor: int,
    counter: str,
    breaks_when: Sequence[str],
) -> MethodPage:
    """The page about one figure."""
    later = f"{follow_up_days} days after its period is over" if follow_up_days else "when its period is over"
    return MethodPage(
        frame=frame,
        title=label(metric),
        says=f"{says[:1].upper()}{says[1:]}.",
        facts=[
            ("Name", metric),
            ("Unit", unit),
            ("Kind", kind),
            ("Can be said", later),
            ("Read beside it", label(counter) if counter else "nothing is named"),
            ("Fewest other people behind a figure of a unit", str(floor)),
            ("Rows can be chosen by one of", ", ".join(filters)),
        ],
        how=HOW[shape],
        breaks_when=breaks_when,
    )
