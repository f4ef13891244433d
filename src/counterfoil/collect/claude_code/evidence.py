"""What a transcript shows was written and committed, and how often a person spoke: hashes and counts only."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from counterfoil.collect.claude_code.place import session_of
from counterfoil.collect.claude_code.record import UNDECODABLE, Block, SpokenLine
from counterfoil.collect.claude_code.usage import milliseconds
from counterfoil.collect.commits import commits_made
from counterfoil.collect.jsonl import HALVES, mended, whole_lines
from counterfoil.collect.lines import LineHasher
from counterfoil.collect.reading import CommittedFact, FileReading, SessionFact, WrittenFact
from counterfoil.terms.ids import LineKey

NOT_SPOKEN = ("<local-command-", "<bash-stdout", "<bash-stderr", "<task-notification", "[Request interrupted")
"""What the client itself says in a person's place."""
_decode = msgspec.json.Decoder(SpokenLine).decode


def add_evidence(reading: FileReading, content: bytes, hasher: LineHasher) -> None:
    """Add to a reading of usage what the same transcript shows of work."""
    evidence = _Evidence(reading, hasher)
    reading.notes.pop(HALVES, None)
    for _, text in whole_lines(content):
        line = _spoken(text, reading)
        if line is not None and line.timestamp is not None:
            evidence.take(line, milliseconds(line.timestamp))
    reading.sessions = [*reading.sessions, *evidence.sessions.values()]


def _spoken(text: bytes, reading: FileReading) -> SpokenLine | None:
    try:
        return _decode(text)
    except UNDECODABLE:
        sound = mended(text, reading)
        return None if sound is text else _spoken(sound, reading)


class _Evidence:
    """One transcript while it is read: its sessions, and the commands whose result is still to come."""

    def __init__(self, reading: FileReading, hasher: LineHasher) -> None:
        self.reading = reading
        self.hasher = hasher
        self.sessions: dict[str, SessionFact] = {}
        self.commands: dict[str, str] = {}

    def take(self, line: SpokenLine, at: int) -> None:
        session = line.sessionId or session_of(self.reading.path)
        inner = line.data.message if line.data is not None else None
        message = line.message or (inner.message if inner is not None else None)
        said = message.content if message is not None else None
        blocks = said if isinstance(said, list) else []
        self.session(line, session, at, said)
        for block in blocks:
            if block.type == "tool_use":
                self.call(block, session, at, line.cwd or "")
            elif block.type == "tool_result":
                self.result(block, session, at, line.cwd or "")

    def session(self, line: SpokenLine, name: str, at: int, said: str | list[Block] | None) -> None:
        fact = self.sessions.get(name)
        if fact is None:
            fact = self.sessions[name] = SessionFact(name, at, at, turns=[])
        if line.version and not fact.client:
            fact.client = f"claude-code {line.version}"
        fact.began, fact.ended = min(fact.began, at), max(fact.ended, at)
        if line.cwd and line.cwd not in fact.directories:
            fact.directories.append(line.cwd)
        if line.gitBranch and line.gitBranch not in fact.branches:
            fact.branches.append(line.gitBranch)
        if fact.turns is not None and _is_spoken(line, said):
            fact.turns.append(line.uuid or str(at))

    def call(self, block: Block, session: str, at: int, directory: str) -> None:
        """Note what a tool call would write; a result that says it failed takes it back."""
        if block.name not in {"Bash", "Edit", "MultiEdit", "Write", "NotebookEdit"} or not block.id:
            return
        try:
            given = msgspec.json.decode(block.input)
        except UNDECODABLE:
            return
        if not isinstance(given, dict):
            return
        if block.name == "Bash":
            self.commands[block.id] = _text(given.get("command"))
            return
        path = _text(given.get("file_path")) or _text(given.get("notebook_path"))
        if not path:
            return
        added: list[LineKey] = []
        removed: list[LineKey] = []
        for old, new in _replaced(given):
            before, after = self.hasher.keys_of(old), self.hasher.keys_of(new)
            added += _without(after, before)
            removed += _without(before, after)
        fact = WrittenFact(block.id, session, at, path, directory, list(added), list(removed))
        self.reading.written.append(fact)

    def result(self, block: Block, session: str, at: int, directory: str) -> None:
        if block.is_error:
            self.reading.failed.append(block.tool_use_id)
        command = self.commands.get(block.tool_use_id, "")
        if command:
            self.reading.committed += [
                CommittedFact(session, at, directory, commit)
                for commit in commits_made(command, _printed(block.content))
            ]


def _is_spoken(line: SpokenLine, said: str | list[Block] | None) -> bool:
    """True for a message that a person sent: no tool result, nothing the client put in their place."""
    if line.type != "user" or line.isMeta or line.isSidechain or line.isCompactSummary or not said:
        return False
    if isinstance(said, str):
        return not said.startswith(NOT_SPOKEN)
    return all(block.type != "tool_result" for block in said)


def _replaced(given: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """Old and new text of each edit that a call asks for; a whole file has no old text."""
    edits = given.get("edits")
    for edit in edits if isinstance(edits, list) else [given]:
        if isinstance(edit, dict):
            new = edit.get("new_string", edit.get("content", edit.get("new_source")))
            yield _text(edit.get("old_string")), _text(new)


def _without(lines: Iterable[LineKey], others: Iterable[LineKey]) -> list[LineKey]:
    """The lines in order, less one for each of the others."""
    left = Counter(others)
    kept: list[LineKey] = []
    for line in lines:
        if left[line] > 0:
            left[line] -= 1
        else:
            kept.append(line)
    return kept


def _printed(content: msgspec.Raw) -> str:
    """What a tool printed, whether as text or as blocks of text."""
    try:
        said = msgspec.json.decode(content) if bytes(content) else ""
    except UNDECODABLE:
        return ""
    if isinstance(said, list):
        return "\n".join(_text(part.get("text")) for part in said if isinstance(part, dict))
    return _text(said)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
