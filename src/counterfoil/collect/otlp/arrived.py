"""One request of a model, or one count of tokens, as telemetry reported it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from counterfoil.collect.git.likely import address
from counterfoil.collect.otlp.allowed import IDENTITY
from counterfoil.collect.otlp.group import ABSENT, WRONG, Group, Ints
from counterfoil.terms.arrived import Rank

COUNTS = ("input_uncached", "cache_read", "cache_write", "output", "reasoning", "cost")
TEXTS = ("source", "key", "session", "trace", "raw_identity", "tool", "model", "trigger", "workload")
PLACES = ("repository", "commit")
SCHEMA = pa.schema(
    [
        ("request", pa.int64()),
        ("place", pa.int64()),
        ("at", pa.int64()),
        ("rank", pa.int64()),
        *((name, pa.string()) for name in (*TEXTS, *PLACES)),
        ("requests", pa.int64()),
        *((name, pa.int64()) for name in COUNTS),
        ("began", pa.int64()),
    ]
)
TRIGGERS = ("human", "schedule", "event", "agent")


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that were kept, and which of the requests' records could not be read."""

    batch: pa.RecordBatch
    wrong: Ints
    """The request of each record that claims usage and can't be read. Shape: (wrong,)."""


def rows(
    group: Group,
    *,
    source: str,
    rank: Rank,
    key: pa.StringArray,
    session: pa.StringArray,
    tool: pa.StringArray,
    model: pa.StringArray,
    trigger: pa.StringArray,
    counts: Mapping[str, Ints],
    trace: pa.StringArray | None = None,
    commit: pa.StringArray | None = None,
    requests: Ints | None = None,
    began: Ints | None = None,
) -> Rows:
    """A group as rows; what has a count that is none is left out and counted."""
    length = len(group)
    wrong = np.zeros(length, np.bool_)
    for name, values in counts.items():
        wrong |= values == WRONG
        if name not in {"reasoning", "cost"}:
            wrong |= values < ABSENT
    nothing = pa.repeat(pa.scalar(""), length)
    none = np.zeros(length, np.int64)
    absent = np.full(length, ABSENT, np.int64)
    columns: dict[str, Any] = {
        "request": group.request,
        "place": group.place,
        "at": group.at,
        "rank": np.full(length, int(rank), np.int64),
        "source": pa.repeat(pa.scalar(source), length),
        "key": key,
        "session": session,
        "trace": nothing if trace is None else trace,
        "raw_identity": group.text(*IDENTITY),
        "tool": tool,
        "model": model,
        "trigger": stated_trigger(group, trigger),
        "workload": group.text("counterfoil.workload"),
        "repository": repository(group),
        "commit": nothing if commit is None else commit,
        "requests": np.ones(length, np.int64) if requests is None else requests,
        **{
            name: np.maximum(counts.get(name, none), 0) if name in COUNTS[:4] else counts.get(name, absent)
            for name in COUNTS
        },
        "began": none if began is None else began,
    }
    batch = pa.RecordBatch.from_arrays([_array(columns[field.name]) for field in SCHEMA], schema=SCHEMA)
    if wrong.any():
        batch = batch.filter(pa.array(~wrong))
    return Rows(batch, group.request[wrong])


def stated_trigger(group: Group, known: pa.StringArray) -> pa.StringArray:
    """What set a request off: as somebody stated it, else as its tool tells; nothing where neither does."""
    stated = group.text("counterfoil.trigger")
    return pc.if_else(pc.is_in(stated, value_set=pa.array(TRIGGERS)), stated, known)


def tool_of(group: Group, name: str) -> pa.StringArray:
    """The tool under its one name, whatever its version."""
    return pa.repeat(pa.scalar(name), len(group))


def repository(group: Group) -> pa.StringArray:
    """The key of the repository a record states, as host/owner/name in small letters."""
    if any(key in group for key in ("vcs.repository.url.full", "github.copilot.git.repository")):
        return mapped(group.text("vcs.repository.url.full", "github.copilot.git.repository"), repository_key)
    if len(group.resources) == 1:
        return pa.repeat(pa.scalar(_shared_key(group.resources[0])), len(group))
    found = pa.array([_shared_key(resource) for resource in group.resources], pa.string())
    return found.take(pa.array(group.resource))


def _shared_key(resource: Mapping[str, Any]) -> str:
    url = resource.get("vcs.repository.url.full")
    return repository_key(url) if isinstance(url, str) else ""


def repository_key(url: str) -> str:
    """The key of a repository: host/owner/name, in small letters, without any credential.

    Example:
        >>> repository_key("git@GitHub.com:Acme/Shop.git")
        'github.com/acme/shop'
    """
    found = address(url)
    host, slash, path = found.partition("/")
    return found if host and slash and path and found.isprintable() and " " not in found else ""


def mapped(texts: pa.StringArray, change: Any) -> pa.StringArray:
    """Each different text changed once."""
    coded = texts.dictionary_encode()
    changed = pa.array([change(text) for text in coded.dictionary.to_pylist()], pa.string())
    return changed.take(coded.indices)


def joined(*parts: pa.StringArray | str) -> pa.StringArray:
    """Texts with a space between them, record by record."""
    return pc.binary_join_element_wise(*parts, " ")


def digits(counts: Ints) -> pa.StringArray:
    """Counts as text."""
    return pc.cast(pa.array(counts), pa.string())


def together(parts: Sequence[Rows]) -> Rows:
    """The rows of several groups."""
    if len(parts) == 1:
        return parts[0]
    empty = pa.RecordBatch.from_arrays([pa.array([], field.type) for field in SCHEMA], schema=SCHEMA)
    batches = [part.batch for part in parts if len(part.batch)]
    batch = pa.concat_batches(batches) if batches else empty
    wrong = [part.wrong for part in parts]
    return Rows(batch, np.concatenate(wrong) if wrong else np.zeros(0, np.int64))


def _array(values: Any) -> pa.Array:
    return pa.array(values) if isinstance(values, np.ndarray) else values
