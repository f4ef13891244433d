"""What was planted on the machines of some people, beside the other truth."""

from collections.abc import Mapping
from pathlib import Path

from counterfoil.simulate.machines.write import MachinesWritten
from counterfoil.simulate.tables.sheet import PERSON, TEXT, WHOLE, Sheet
from counterfoil.simulate.tables.truth import TRUTH

BUCKETS = ("requests", "input_uncached", "cache_read", "cache_write", "output")


def write_machine_truth(folder: Path, written: MachinesWritten) -> Mapping[str, int]:
    """What the transcripts of each machine add up to, and the fate of each change from it."""
    usage, changes = f"{TRUTH}/machines.csv", f"{TRUTH}/machine_changes.csv"
    columns = {"person": PERSON, "unit": TEXT, "part": TEXT, **dict.fromkeys(BUCKETS, WHOLE)}
    with Sheet(folder / usage, columns) as sheet:
        for machine in written.machines:
            unit = machine.repository.name
            parts = {"logged": machine.usage, "exported": machine.exported, "gamed": machine.gamed}
            for part, of in parts.items():
                sheet.add([[machine.person], [unit], [part], *([getattr(of, b)] for b in BUCKETS)])
    rows = {usage: sheet.rows}
    fates = {"person": PERSON, "unit": TEXT, "commit": TEXT, "fate": TEXT, "sessions": WHOLE}
    with Sheet(folder / changes, fates) as sheet:
        for machine in written.machines:
            for change in machine.changes:
                unit, sessions = machine.repository.name, len(change.sessions)
                sheet.add([[machine.person], [unit], [change.commit], [change.fate.value], [sessions]])
    return rows | {changes: sheet.rows}
