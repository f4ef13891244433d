"""Notes of agents: Markdown that their owner reads and changes, each never more trusted than when it was written."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from counterfoil.agents.connectors.connector import Answer, NotDone
from counterfoil.store.agents import notes
from counterfoil.store.agents.database import Database
from counterfoil.store.agents.notes import Note
from counterfoil.terms.agent import AgentId, RunId
from counterfoil.terms.label import OWNERS, Label

NAME = re.compile(r"[\w][\w .-]{0,79}")
MOST_NOTE, MOST_NOTES = 20_000, 200
BY_OWNER = RunId("")
CONSOLIDATE = (
    "These are your notes of earlier runs. Read them, join what belongs together, keep what is still of use, and "
    "put the rest aside. Write nothing that is not in them."
)
"""What an agent is told when it tidies its notes at night; only its notes are within reach then."""


@dataclass(frozen=True, slots=True)
class Notebook:
    """The notes of one agent."""

    database: Database
    agent: AgentId
    now: Callable[[], datetime]

    def all(self, *, gone: bool = False) -> Sequence[Note]:
        """Every note, or those that were put aside."""
        with self.database.read() as db:
            return notes.notes(db, self.agent, gone=gone)

    def read(self, name: str) -> Note | None:
        """One note."""
        with self.database.read() as db:
            return notes.one(db, self.agent, name)

    def write(self, name: str, text: str, *, label: Label, run: RunId) -> None:
        """Keep a note with the label of everything that its run had seen.

        Raises: NotDone where it has no name, or is too large.
        """
        if not NAME.fullmatch(name) or len(text) > MOST_NOTE:
            hint = f"use letters, digits and spaces in the name, and at most {MOST_NOTE} characters"
            raise NotDone("note-wrong", "the note has no name, or is too large", hint=hint)
        with self.database.write() as db:
            known = {note.name for note in notes.notes(db, self.agent)}
            if name not in known and len(known) >= MOST_NOTES:
                hint = "put some aside first"
                raise NotDone("notes-full", f"there are {MOST_NOTES} notes already", hint=hint)
            notes.put(db, Note(agent=self.agent, name=name, text=text, label=label, run=run, at=self.now()))

    def put_aside(self, name: str) -> bool:
        """Put a note aside; it can be brought back."""
        with self.database.write() as db:
            return notes.put_aside(db, self.agent, name)

    # What the owner does by hand.

    def change(self, name: str, text: str) -> None:
        """The owner writes a note, or changes one. A changed one keeps its label: foreign words may have stayed.

        Raises: NotDone as for `write`.
        """
        self.write(name, text, label=OWNERS, run=BY_OWNER)

    def bring_back(self, name: str) -> bool:
        """Bring back a note that was put aside."""
        with self.database.write() as db:
            return notes.put_aside(db, self.agent, name, gone=False)

    def erase(self, name: str) -> bool:
        """Let nothing be left of a note."""
        with self.database.write() as db:
            return notes.erase(db, self.agent, name)


def remembered(
    notebook: Notebook, tool: str, values: Mapping[str, Any], *, label: Label, run: RunId
) -> tuple[Answer, Label | None]:
    """What a call to the notes answers, and the label of what was read.

    Raises: NotDone where there is nothing of that name.
    """
    name = str(values.get("name", ""))
    if tool == "list":
        kept = notebook.all()
        found = reduce(or_, (note.label for note in kept), OWNERS)
        return Answer([note.name for note in kept]), found
    if tool == "read":
        note = notebook.read(name)
        if note is None:
            raise NotDone("no-note", "there is no note of that name", hint="ask for the list first")
        return Answer({"name": note.name, "text": note.text}), note.label
    if tool == "write":
        notebook.write(name, str(values.get("text", "")), label=label, run=run)
        return Answer("kept", ref=name), None
    if tool == "remove" and (
        notebook.put_aside(name) or any(one.name == name for one in notebook.all(gone=True))
    ):
        return Answer("put aside", ref=name), None
    raise NotDone("no-note", "there is no note of that name", hint="ask for the list first")
