"""Reports of what AI got wrong: about an artefact and a tool, by nobody, told as kinds over at least ten."""

import hashlib
import json
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from counterfoil.guard.dominance import rounded_count
from counterfoil.guard.force import version
from counterfoil.guard.guarded import Guarded
from counterfoil.ledger.entry import Body, EntryKind, open_entry
from counterfoil.terms.period import Block
from counterfoil.terms.release import Released

REPORT, SALT = "report", "report-salt"
FLOOR = 10
"""The fewest reports of a kind that are told."""


class ErrorKind(StrEnum):
    """What was wrong."""

    WRONG = "wrong"
    """It stated or computed something that is not so."""
    MADE_UP = "made-up"
    """A source, a name or a function that does not exist."""
    LEFT_OUT = "left-out"
    """Something that was asked for is missing."""
    UNSAFE = "unsafe"
    """A hole, a secret, or a dangerous action."""
    UNFAIR = "unfair"
    """It treats people differently without a reason."""
    PRIVATE = "private"
    """It shows what was not to be shown."""
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """How many reports of each tool and kind there are, to the nearest five, of at least ten."""

    by: Mapping[str, Mapping[str, int]]
    """By tool and kind."""
    fewer: int
    """Tools and kinds with fewer reports, which are not told."""


def file_report(g: Guarded, *, artefact: str, tool: str, kind: ErrorKind) -> None:
    """Keep one report. Of the artefact only a salted hash is kept, by which the same one counts once."""
    salt = g.lake.registry.kept(SALT, "") or secrets.token_bytes(32)
    name = hashlib.sha256(salt + f"{tool}|{kind}|{artefact}".encode()).hexdigest()
    told = {"tool": tool, "kind": kind, "block": str(Block.of(g.now.date()))}
    if g.lake.registry.kept(REPORT, name) is not None:
        return
    with g.lake.registry.change() as change:
        change.keep(SALT, "", salt)
        change.keep(REPORT, name, json.dumps(told).encode())


def kinds_of_errors(g: Guarded) -> Released[Kinds]:
    """What was reported before this block began, once the log has it: a new report can't be watched for.

    Raises: StoreError where it can't be logged; then nothing is told.
    """
    force, block = version(g), Block.of(g.now.date())
    body: Body = {
        "verdict": "errors",
        "before": str(block),
        "at": g.minute,
        "programme": None if force is None else force.digest,
    }
    g.log.append([open_entry(EntryKind.RELEASE, body)])
    told: Sequence[Mapping[str, str]] = [json.loads(k) for k in g.lake.registry.all_kept(REPORT).values()]
    counts = Counter((one["tool"], one["kind"]) for one in told if one["block"] < str(block))
    by: dict[str, dict[str, int]] = {}
    for (tool, kind), count in sorted(counts.items()):
        if count >= FLOOR:
            by.setdefault(tool, {})[kind] = rounded_count(count)
    return Released(Kinds(by=by, fewer=sum(count < FLOOR for count in counts.values())), "errors")
