"""What decoding some requests came to, and the form in which the reference decoder and JSON hand it on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from counterfoil.collect.otlp.allowed import ALLOWED, CONTENT
from counterfoil.collect.otlp.group import Attributes, Column, Group
from counterfoil.terms.error import SourceError

WANTED = frozenset(ALLOWED)
WRITTEN = frozenset(CONTENT)
TYPES = {str: "strings", int: "ints", float: "doubles", bool: "bools"}
ARROW = {"strings": pa.string(), "ints": pa.int64(), "doubles": pa.float64(), "bools": pa.bool_()}
Value = str | int | float | bool


class Malformed(SourceError):
    """A request that is no OTLP; its place among those that were decoded together."""

    def __init__(self, place: int) -> None:
        super().__init__(
            "otlp-malformed", "the body is no OTLP export request", hint="send what an OTLP exporter writes"
        )
        self.place = place


@dataclass(slots=True)
class Decoded:
    """Records by their layout, and what was met in each request."""

    groups: list[Group]
    records: np.ndarray[tuple[int], np.dtype[np.int64]]
    """How many records each request has. Shape: (requests,)."""
    content: dict[int, str] = field(default_factory=dict)
    """Of requests that brought what somebody wrote: the attribute that did."""


@dataclass(frozen=True, slots=True)
class Walked:
    """One record as a loop over objects meets it."""

    request: int
    resource: int
    place: int
    name: str
    at: int
    """Unit: microseconds since 1970."""
    attributes: Mapping[str, Value]
    ids: tuple[str, str] = ("", "")


def grouped(records: Iterable[Walked], resources: Sequence[Attributes]) -> Iterator[Group]:
    """Records by name and layout, in the order in which each layout was met first."""
    layouts: dict[tuple[str, tuple[str, ...]], list[Walked]] = {}
    for record in records:
        layouts.setdefault((record.name, tuple(record.attributes)), []).append(record)
    for (name, keys), mine in layouts.items():
        yield Group(
            name=name,
            at=np.array([record.at for record in mine], np.int64),
            resource=np.array([record.resource for record in mine], np.int64),
            request=np.array([record.request for record in mine], np.int64),
            place=np.array([record.place for record in mine], np.int64),
            resources=resources,
            columns={key: column([record.attributes[key] for record in mine]) for key in keys},
            ids={
                "trace": pa.array([record.ids[0] for record in mine], pa.string()),
                "span": pa.array([record.ids[1] for record in mine], pa.string()),
            },
        )


def column(values: Sequence[Value]) -> Column:
    """Values of any type as a column."""
    kinds = {type(value) for value in values}
    return Column(
        {
            TYPES[kind]: pa.array(
                [value if type(value) is kind else None for value in values], ARROW[TYPES[kind]]
            )
            for kind in kinds
        }
    )


def allowed(pairs: Iterable[tuple[str, Value | None]]) -> dict[str, Value]:
    """Of some attributes, those that are looked at."""
    return {key: value for key, value in pairs if key in WANTED and value is not None}
