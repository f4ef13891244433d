"""What commands about the promise and its log did, or would not do, in words or as JSON."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

from counterfoil.show.exported import written
from counterfoil.terms.release import Refuse


class Assessed(Protocol):
    """A line of an impact assessment."""

    @property
    def section(self) -> str:
        """Under which heading it stands."""

    @property
    def says(self) -> str:
        """What is kept, or may be asked."""

    @property
    def rests_on(self) -> str:
        """What allows it."""


def refusal(refused: Refuse, *, as_json: bool) -> str:
    """What is not done, with its clause."""
    return written(refused) if as_json else f"refused ({refused.clause}): {refused.why}"


def assessment_text(lines: Sequence[Assessed]) -> str:
    """An impact assessment as Markdown."""
    told = [
        "# Data protection impact assessment",
        "",
        "A description of what the program does; no legal advice.",
    ]
    for section, some in groupby(lines, lambda line: line.section):
        told += ["", f"## {section}", "", "| What | Rests on |", "|---|---|"]
        told += [f"| {line.says} | {line.rests_on} |" for line in some]
    return "\n".join(told) + "\n"


def nobody_works_there(jurisdiction: str) -> str:
    """That a notice is for a place which the programme does not name."""
    return f"the programme does not say that anybody works in {jurisdiction.upper()}"


def acknowledged(about: int) -> str:
    """How many have read a programme; 0 is fewer than five."""
    counted = f"About {about}" if about else "Fewer than five"
    return f"{counted} people have read the programme in force; who they are, nobody can list."


def made_key(party: str, key: Path) -> str:
    """That a party has a key from now on."""
    return f"made a key for {party} in {key}: whoever has it can agree in its name; keep it safe"


def published(name: str, state: str, *, weaker: Sequence[str], missing: Sequence[str], cooling: int) -> str:
    """How far a programme is; while it waits, for what, and that it cools for so many days."""
    lines = [f"{state.replace('-', ' ')}: {name}"]
    lines += [f"may protect people less: {where}" for where in weaker]
    lines += [f"waits for {what}" for what in missing]
    if missing:
        lines.append(f"Until then what was in force stays; publish it again in {cooling} days or later.")
    return "\n".join(lines)


def cosigned(witness: str, size: int) -> str:
    """That a witness saw the log."""
    return f"{witness} cosigned {size:,} entries"


def log_written(size: int, files: int, out: Path) -> str:
    """That the log was published, and how it is checked."""
    new = f"{files:,} files of them new"
    return f"{size:,} entries are in {out}, {new}; check them with: counterfoil verify {out}"


def drawn(entries: Sequence[Mapping[str, Any]], *, about_people: int, sealed: int) -> str:
    """Entries that chance drew for an auditor, and how much that tells."""
    right = 0.99 ** len(entries) * 100
    return "\n".join(
        [
            *(f"{one['entry']:>8}  {one['kind']}: {one['says']}" for one in entries),
            f"{len(entries):,} drawn by chance; if 1 % were filed wrongly, all of them would be right in "
            f"{right:.0f} % of draws",
            f"entries about single people: {about_people:,} in the log, "
            f"{sealed:,} sealed by whoever holds the keys",
        ]
    )
