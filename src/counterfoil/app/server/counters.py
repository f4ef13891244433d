"""Counts what the server does, under few labels, for whoever keeps it up; nothing here is about people."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from threading import Lock

MOST_SERIES = 200
"""Label sets of one name; what comes after them is counted under `other`."""
BOUNDS = (0.005, 0.02, 0.05, 0.1, 0.5, 2.0, 10.0)
OTHER = "other"
RECORDS = "counterfoil_otlp_records_total"
"""Records of telemetry, by what became of them."""
Labels = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Spread:
    """How often each bound was kept, and the sum of all."""

    within: list[int] = field(default_factory=lambda: [0] * len(BOUNDS))
    count: int = 0
    total: float = 0.0


class Counters:
    """Every count of this process since it began, by name and labels.

    Example:
        >>> counters = Counters()
        >>> counters.count("counterfoil_batches_total", source="otlp")
        >>> print(*counters.written())
        # TYPE counterfoil_batches_total counter counterfoil_batches_total{source="otlp"} 1
    """

    def __init__(self) -> None:
        self._counts: dict[str, dict[Labels, float]] = {}
        self._spreads: dict[str, dict[Labels, _Spread]] = {}
        self._lock = Lock()

    def count(self, name: str, by: float = 1, /, **labels: str) -> None:
        """Add to a count; labels are from a few words that are known beforehand, never a name of anybody."""
        with self._lock:
            series = self._counts.setdefault(name, {})
            key = _bounded(series, labels)
            series[key] = series.get(key, 0) + by

    def total(self, name: str, /, **labels: str) -> float:
        """What a count came to so far."""
        with self._lock:
            return self._counts.get(name, {}).get(tuple(sorted(labels.items())), 0)

    def observe(self, name: str, seconds: float, /, **labels: str) -> None:
        """Note how long something took."""
        with self._lock:
            series = self._spreads.setdefault(name, {})
            spread = series.setdefault(_bounded(series, labels), _Spread())
            spread.count += 1
            spread.total += seconds
            for place, bound in enumerate(BOUNDS):
                spread.within[place] += seconds <= bound

    def written(self) -> Iterator[str]:
        """Each line of the text exposition.

        Source: Prometheus text exposition format 0.0.4.
        """
        with self._lock:
            counts = {name: dict(series) for name, series in self._counts.items()}
            spreads = {
                name: {key: (list(s.within), s.count, s.total) for key, s in series.items()}
                for name, series in self._spreads.items()
            }
        for name, counted in sorted(counts.items()):
            yield f"# TYPE {name} counter"
            yield from (line(name, value, key) for key, value in sorted(counted.items()))
        for name, spread in sorted(spreads.items()):
            yield f"# TYPE {name} histogram"
            for key, (within, count, total) in sorted(spread.items()):
                for bound, kept in zip(BOUNDS, within, strict=True):
                    yield line(f"{name}_bucket", kept, (*key, ("le", f"{bound:g}")))
                yield line(f"{name}_bucket", count, (*key, ("le", "+Inf")))
                yield line(f"{name}_sum", total, key)
                yield line(f"{name}_count", count, key)


def line(name: str, value: float, labels: Sequence[tuple[str, str]] = ()) -> str:
    """One figure of the text exposition.

    Example:
        >>> line("rows", 3, [("table", "seat")])
        'rows{table="seat"} 3'
    """
    inside = ",".join(f'{label}="{_escaped(said)}"' for label, said in labels)
    return f"{name}{{{inside}}} {value:.15g}" if inside else f"{name} {value:.15g}"


def _bounded(series: dict[Labels, float] | dict[Labels, _Spread], labels: dict[str, str]) -> Labels:
    key = tuple(sorted(labels.items()))
    if key in series or len(series) < MOST_SERIES:
        return key
    return tuple((label, OTHER) for label, _ in key)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
