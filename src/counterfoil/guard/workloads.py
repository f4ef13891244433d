"""The register of workloads: what an organisation declares of its automation, in the log's sight."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from counterfoil.guard.force import version
from counterfoil.guard.guarded import Guarded, without_keys
from counterfoil.guard.worded import names_somebody
from counterfoil.ledger.entry import EntryKind, open_entry
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import WorkloadName
from counterfoil.terms.release import Refuse
from counterfoil.terms.workload import STILL_DECLARED, Workload, WorkloadKind

KEPT = "workload"
NAME = re.compile(r"[a-z0-9][a-z0-9._/:-]{0,63}", re.ASCII)
MOST_SAID = 200
NO_PROGRAMME = Refuse("no-programme", "No programme is in force, and nothing is measured without one.")
NO_REGISTER = Refuse("no-register", "The programme in force has no register of workloads.")
A_PERSON = Refuse("names-a-person", "That is how a person is known here; a workload is what runs, not who.")
NO_NAME = Refuse("no-name", "A workload's name is up to 64 small letters, digits, and any of . _ / : - .")
NO_WORDS = Refuse("no-words", f"Say in up to {MOST_SAID} letters what it is for, and name nobody.")
DECLARED = Refuse("declared", "A workload of this name is declared; retire it first.")
NOT_DECLARED = Refuse("not-declared", "No workload of this name is declared.")


def workloads(g: Guarded) -> Sequence[Workload]:
    """Every entry that there is or was, by name and then by day."""
    kept = g.lake.registry.all_kept(KEPT)
    return [_from(json.loads(kept[name])) for name in sorted(kept)]


def declare(g: Guarded, workload: Workload) -> Refuse | None:
    """Enter a workload; that it was, with every word, is in the log first."""
    if (refused := _undeclarable(g, workload)) is not None:
        return refused
    _keep(g, workload, "declared")
    return None


def retire_workload(g: Guarded, name: str, day: date) -> Refuse | None:
    """Let a workload end on a day; what it did before stays understood."""
    found = next((one for one in workloads(g) if one.name == name and _holds(one)), None)
    if found is None:
        return NOT_DECLARED
    _keep(g, replace(found, until=max(day, found.since)), "retired")
    return None


def _holds(workload: Workload) -> bool:
    return isinstance(workload.until, Unknown)


def _undeclarable(g: Guarded, workload: Workload) -> Refuse | None:
    force = version(g)
    if force is None:
        return NO_PROGRAMME
    if force.agreed().gaming.workload_register is not True:
        return NO_REGISTER
    if NAME.fullmatch(workload.name) is None:
        return NO_NAME
    if not 0 < len(workload.says.strip()) <= MOST_SAID or "@" in workload.says:
        return NO_WORDS
    if (away := without_keys(g)) is not None:
        return away
    if names_somebody(g, workload.name) or names_somebody(g, workload.says):
        return A_PERSON
    same = [one for one in workloads(g) if one.name == workload.name]
    if any(_holds(one) or one.since == workload.since for one in same):
        return DECLARED
    return None


def _keep(g: Guarded, workload: Workload, did: str) -> None:
    told = {
        "name": workload.name,
        "kind": workload.kind,
        "says": workload.says,
        "since": str(workload.since),
        "until": None if isinstance(workload.until, Unknown) else str(workload.until),
    }
    body = {"rule": KEPT, "did": did, **told, "at": g.minute}
    g.log.append([open_entry(EntryKind.RULE, body)])
    with g.lake.registry.change() as change:
        change.keep(KEPT, f"{workload.name}@{workload.since}", json.dumps(told).encode())


def _from(told: dict[str, str | None]) -> Workload:
    until = told["until"]
    return Workload(
        name=WorkloadName(str(told["name"])),
        kind=WorkloadKind(str(told["kind"])),
        says=str(told["says"]),
        since=date.fromisoformat(str(told["since"])),
        until=STILL_DECLARED if until is None else date.fromisoformat(until),
    )
