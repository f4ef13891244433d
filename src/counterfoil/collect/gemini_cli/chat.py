"""The requests that one chat claims, and what it shows was written and committed.

The client counts cached tokens inside `input`, thoughts beside `output`, and the results of tools that
Google ran beside `input`; all are billed. A message is written again whenever a tool call changes, and the
whole chat when history is edited or an old chat is resumed; copies unite by the message's own id.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import PurePath
from typing import Any

import msgspec

from counterfoil.collect.commits import commits_made
from counterfoil.collect.gemini_cli.record import (
    BROKEN,
    CHATS,
    Line,
    Message,
    Origin,
    line_of,
    message_of,
    messages_in,
)
from counterfoil.collect.jsonl import line_number, mended, survey, undecodable, whole_lines
from counterfoil.collect.lines import LineHasher
from counterfoil.collect.moment import A_DAY, milliseconds
from counterfoil.collect.reading import (
    FIRST_PLACES,
    CommittedFact,
    FileReading,
    RowBuilder,
    SessionFact,
    WrittenFact,
    count_of,
)
from counterfoil.terms.absent import SkipReason

CLIENT = "gemini-cli"
_COUNTS = ("input", "output", "cached", "thoughts", "tool")


def chat(path: str, content: bytes, *, line_key: bytes | None, now: int) -> FileReading:
    """What one chat says; with a key also what it shows was written and committed."""
    return _Chat(path, content, line_key, now).read()


class _Chat:
    """One chat while it is read."""

    def __init__(self, path: str, content: bytes, line_key: bytes | None, now: int) -> None:
        place = PurePath(path)
        self.builder = RowBuilder()
        self.reading = FileReading(path=path, rows=self.builder.rows)
        self.content = mended(content, self.reading)
        self.keys = LineHasher(line_key).keys_of if line_key is not None else None
        self.latest = now + A_DAY
        self.session = place.stem
        self.parent = place.parent.name if place.parent.name != CHATS else ""
        self.origin = Origin()
        self.paths: set[str] = set()
        self.times: list[int] = []
        self.turns: set[str] = set()
        self.calls: dict[str, Mapping[str, Any]] = {}

    def read(self) -> FileReading:
        """Every message of every line; the session's own name first, since each row bears it."""
        lines = list(self.lines())
        for _, line, _ in lines:
            self.session = line.sessionId if isinstance(line.sessionId, str) else self.session
            if isinstance(line.projectHash, str):
                self.origin.project = line.projectHash
            self.note_directories(line)
        for start, line, text in lines:
            claims = sum([self.take(start, raw) for raw in messages_in(line, text)])
            if not claims:
                self.reading.other += 1
        self.settle()
        return self.reading

    def lines(self) -> Iterator[tuple[int, Line, bytes]]:
        """The lines of a chat; an older chat is one document over many lines."""
        if self.reading.path.endswith(".json"):
            try:
                yield 0, line_of(self.content), b""
            except BROKEN:
                self.skip(0, SkipReason.TRUNCATED if self.content[:1] == b"{" else SkipReason.NOT_JSON)
            return
        survey(self.content, self.reading)
        for start, text in whole_lines(self.content):
            try:
                yield start, line_of(text), text
            except BROKEN:
                self.skip(start, undecodable(self.content, start))

    def note_directories(self, line: Line) -> None:
        stated = line.directories or (line.change.directories if line.change is not None else None)
        if isinstance(stated, list):
            self.paths.update(each for each in stated if isinstance(each, str))

    def skip(self, start: int, why: SkipReason) -> bool:
        self.reading.records += 1
        known = len(self.reading.places) >= FIRST_PLACES
        self.reading.skip(0 if known else line_number(self.content, start), why)
        return True

    def take(self, start: int, raw: msgspec.Raw) -> bool:
        """Take one message in; whether it is a record."""
        try:
            message = message_of(raw)
        except BROKEN:
            return self.skip(start, SkipReason.WRONG_SHAPE)
        at = milliseconds(message.timestamp)
        if at is not None and at <= self.latest:
            self.times.append(at)
        if message.type == "user":
            self.spoken(message, bytes(raw))
        if message.type != "gemini":
            return False
        if isinstance(message.toolCalls, list):
            for call in message.toolCalls:
                self.called(call, at)
        return message.tokens is not None and self.claim(start, message, at)

    def claim(self, start: int, message: Message, at: int | None) -> bool:
        """A request, or why it is left out."""
        if not isinstance(message.tokens, Mapping):
            return self.skip(start, SkipReason.WRONG_SHAPE)
        stated = [count_of(message.tokens.get(name, 0)) for name in _COUNTS]
        if at is None:
            return self.skip(start, SkipReason.NO_TIME)
        if at > self.latest:
            return self.skip(start, SkipReason.FUTURE_TIME)
        counts = [count for count in stated if count is not None]
        if len(counts) < len(stated):
            return self.skip(start, SkipReason.ABSURD_COUNT)
        prompt, answer, cached, thoughts, tool = counts
        cached = min(cached, prompt)
        self.reading.records += 1
        self.builder.add(
            key=message.id if isinstance(message.id, str) else f"{self.session}:{at}:{prompt}.{answer}",
            at=at,
            session=self.session,
            parent=self.parent,
            model=message.model if isinstance(message.model, str) else None,
            input_uncached=prompt - cached + tool,
            cache_read=cached,
            cache_write=0,
            output=answer + thoughts,
            reasoning=thoughts,
            tool=CLIENT,
        )
        return True

    def spoken(self, message: Message, raw: bytes) -> None:
        """A person's words; tool results and what the client itself says also come as `user`."""
        if b'"functionResponse"' not in raw and b"<session_context>" not in raw and not self.parent:
            self.turns.add(str(message.id or message.timestamp))

    def called(self, call: object, at: int | None) -> None:
        """A tool call in its latest state."""
        if not isinstance(call, Mapping) or not isinstance(call.get("id"), str):
            return
        arguments = call.get("args")
        if not isinstance(arguments, Mapping):
            return
        for name in ("file_path", "path", "dir_path", "absolute_path", "directory"):
            if isinstance(path := arguments.get(name), str):
                self.paths.add(path)
        if self.keys is not None and call.get("status") == "success":
            moment = milliseconds(call.get("timestamp")) or at
            if moment is not None:
                self.calls[call["id"]] = {"name": call.get("name"), "args": arguments, "at": moment} | {
                    "result": call.get("result") if call.get("name") == "run_shell_command" else None
                }

    def settle(self) -> None:
        """What only the whole chat can tell: its span, its directory, its work."""
        for call, done in self.calls.items():
            self.work(call, done)
        self.origin.directory = self.found_directory()
        self.reading.extra = msgspec.msgpack.encode(self.origin)
        if self.times:
            fact = SessionFact(self.session, min(self.times), max(self.times), self.parent, client=CLIENT)
            fact.turns = sorted(self.turns) if self.keys is not None else None
            self.reading.sessions = [fact]

    def found_directory(self) -> str:
        """The directory whose hash the chat states, among those that it names and all above them."""
        for path in sorted(self.paths):
            for place in (PurePath(path), *PurePath(path).parents):
                if sha256(str(place).encode("utf-8", "surrogatepass")).hexdigest() == self.origin.project:
                    return str(place)
        return ""

    def work(self, call: str, done: Mapping[str, Any]) -> None:
        """The lines or commits of one call that succeeded."""
        arguments, at = done["args"], done["at"]
        path = arguments.get("file_path")
        if done["name"] == "run_shell_command":
            for name in commits_made(str(arguments.get("command", "")), _output(done["result"])):
                self.reading.committed.append(CommittedFact(self.session, at, "", name))
        elif isinstance(path, str) and self.keys is not None:
            texts = {
                "write_file": (arguments.get("content"), ""),
                "replace": (arguments.get("new_string"), arguments.get("old_string")),
            }.get(str(done["name"]))
            if texts is not None:
                keys = self.keys
                added, removed = ([*map(int, keys(t if isinstance(t, str) else ""))] for t in texts)
                self.reading.written.append(
                    WrittenFact(f"{self.session}:{call}", self.session, at, path, "", added, removed)
                )


def _output(result: object) -> str:
    """What a shell command printed, without the frame that the client puts around it; empty if it failed."""
    parts = result if isinstance(result, list) else []
    texts = []
    for part in parts:
        answer = part.get("functionResponse") if isinstance(part, Mapping) else None
        response = answer.get("response") if isinstance(answer, Mapping) else None
        output = response.get("output") if isinstance(response, Mapping) else None
        if isinstance(output, str):
            texts.append(output)
    text = "\n".join(texts)
    return "" if "\nExit Code: " in text and "\nExit Code: 0" not in text else text
