"""One request of a model, or one count of tokens, as telemetry reported it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from counterfoil.collect.git.likely import address
from counterfoil.collect.otlp.allowed import IDENTITY
from counterfoil.collect.otlp.group import ABSENT, WRONG, Group, Ints, Text
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


Whole: TypeAlias = "pa.Array | Ints | str | int"
"""A column: a value for each row, or the one that all have."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that were kept, and which of the requests' records could not be read."""

    columns: Mapping[str, Whole]
    """By the names of the schema."""
    length: int
    wrong: Ints
    """The request of each record that claims usage and can't be read. Shape: (wrong,)."""

    def __len__(self) -> int:
        return self.length


def rows(
    group: Group,
    *,
    source: str,
    rank: Rank,
    key: pa.StringArray,
    session: Text,
    tool: Text,
    model: Text,
    trigger: Text,
    counts: Mapping[str, Ints],
    trace: Text = "",
    commit: Text = "",
    requests: Whole = 1,
) -> Rows:
    """A group as rows; what has a count that is none is left out and counted."""
    length = len(group)
    wrong = np.zeros(length, np.bool_)
    for name, values in counts.items():
        if values.min(initial=0) < 0:
            wrong |= values == WRONG
            if name not in {"reasoning", "cost"}:
                wrong |= values < ABSENT
    columns: dict[str, Whole] = {
        "request": group.request,
        "place": group.place,
        "at": group.at,
        "rank": int(rank),
        "source": source,
        "key": key,
        "session": session,
        "trace": trace,
        "raw_identity": group.word(*IDENTITY),
        "tool": tool,
        "model": model,
        "trigger": stated_trigger(group, trigger),
        "workload": group.word("counterfoil.workload"),
        "repository": repository(group),
        "commit": commit,
        "requests": requests,
        **{name: np.maximum(counts[name], 0) if name in counts else 0 for name in COUNTS[:4]},
        **{name: counts.get(name, ABSENT) for name in COUNTS[4:]},
        "began": 0,
    }
    if not wrong.any():
        return Rows(columns, length, np.zeros(0, np.int64))
    return Rows(chosen(columns, ~wrong), length - int(wrong.sum()), group.request[wrong])


def chosen(columns: Mapping[str, Whole], which: NDArray[np.bool_]) -> dict[str, Whole]:
    """Of some columns, the rows that are chosen."""
    mask = pa.array(which)
    return {
        name: whole.filter(mask)
        if isinstance(whole, pa.Array)
        else whole[which]
        if isinstance(whole, np.ndarray)
        else whole
        for name, whole in columns.items()
    }


def stated_trigger(group: Group, known: Text) -> Text:
    """What set a request off: as somebody stated it, else as its tool tells; nothing where neither does."""
    stated = group.word("counterfoil.trigger")
    if isinstance(stated, str):
        return stated if stated in TRIGGERS else known
    return pc.if_else(pc.is_in(stated, value_set=pa.array(TRIGGERS)), stated, known)


def repository(group: Group) -> Text:
    """The key of the repository a record states, as host/owner/name in small letters."""
    if any(key in group for key in ("vcs.repository.url.full", "github.copilot.git.repository")):
        return mapped(group.text("vcs.repository.url.full", "github.copilot.git.repository"), repository_key)
    found = [_shared_key(resource) for resource in group.resources]
    if len(set(found)) <= 1:
        return found[0] if found else ""
    return pa.array(found, pa.string()).take(pa.array(group.resource))


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


def mapped(texts: Text, change: Callable[[str], str]) -> Text:
    """Each different text changed once."""
    if isinstance(texts, str):
        return change(texts)
    coded = texts.dictionary_encode()
    changed = pa.array([change(text) for text in coded.dictionary.to_pylist()], pa.string())
    return changed.take(coded.indices)


def joined(*parts: Text) -> pa.StringArray:
    """Texts with a space between them, record by record."""
    return pc.binary_join_element_wise(*parts, " ")


def digits(counts: Ints) -> pa.StringArray:
    """Counts as text."""
    return pc.cast(pa.array(counts), pa.string())
