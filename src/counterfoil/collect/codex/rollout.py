"""The requests that one rollout claims: what its counters say came on top, each once.

Since 0.169 a `token_usage_record` names each response; the `token_count` event that follows repeats it.
Older builds have the event alone, which is written again whenever something else changes. So a record is
the request where there is one, an event is the request where its total went up, and all others are copies.
"""

from contextlib import suppress
from pathlib import PurePath
from typing import Any

import msgspec

from counterfoil.collect.codex.evidence import Watcher
from counterfoil.collect.codex.frame import opened
from counterfoil.collect.codex.lineage import Lineage
from counterfoil.collect.codex.record import (
    NONE_YET,
    Event,
    Item,
    Line,
    SessionMeta,
    Tokens,
    TurnContext,
    UsageRecord,
    tokens_of,
)
from counterfoil.collect.jsonl import line_number, mended, survey, undecodable, whole_lines
from counterfoil.collect.lines import LineHasher
from counterfoil.collect.moment import A_DAY, milliseconds
from counterfoil.collect.reading import FileReading, RowBuilder, SessionFact
from counterfoil.terms.absent import SkipReason

ORIGINATOR = "codex"
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_line = msgspec.json.Decoder(Line).decode
_event = msgspec.json.Decoder(Event).decode
_record = msgspec.json.Decoder(UsageRecord).decode
_meta = msgspec.json.Decoder(SessionMeta).decode
_turn = msgspec.json.Decoder(TurnContext).decode
_item = msgspec.json.Decoder(Item).decode


def rollout(path: str, content: bytes, *, line_key: bytes | None, now: int) -> FileReading:
    """What one rollout says; with a key also what it shows was written and committed."""
    whole = True
    if path.endswith(".zst"):
        content, whole = opened(content)
    reading = _Rollout(path, content, line_key, now).read()
    if not whole:
        reading.records += 1
        reading.skip(line_number(content, len(content)), SkipReason.BROKEN_FRAME)
    return reading


class _Rollout:
    """One rollout while it is read."""

    def __init__(self, path: str, content: bytes, line_key: bytes | None, now: int) -> None:
        self.builder = RowBuilder()
        self.reading = FileReading(path=path, rows=self.builder.rows)
        self.content = mended(content, self.reading)
        self.lineage = Lineage(session=PurePath(path).name.removesuffix(".zst").removesuffix(".jsonl"))
        self.watcher = Watcher(LineHasher(line_key)) if line_key is not None else None
        self.latest = now + A_DAY
        self.meta: SessionMeta | None = None
        self.fact = SessionFact("", 0, 0)
        self.model: str | None = None
        self.directory = ""
        self.counter: Tokens | None = NONE_YET
        self.recorded: Tokens | None = None
        self.keys: set[str] = set()
        self.claims = 0
        self.counted_to, self.number = 0, 1

    def read(self) -> FileReading:
        """Every line in order, since counters only make sense in order."""
        reading = self.reading
        lines = survey(self.content, reading)
        for start, text in whole_lines(self.content):
            try:
                self.take(start, _line(text))
            except _BROKEN:
                self.claim(start, undecodable(self.content, start))
        reading.other = lines - self.claims
        self.fact.id = self.lineage.session
        if self.fact.ended:
            reading.sessions = [self.fact]
        if self.watcher is not None:
            self.watcher.report(reading, self.lineage.session)
            self.fact.turns = [] if self.meta is not None and self.meta.by_agent else self.watcher.turns()
        reading.extra = msgspec.msgpack.encode(self.lineage)
        return reading

    def take(self, start: int, line: Line) -> None:
        """Take one line in by its type."""
        at = milliseconds(line.timestamp)
        if at is not None and at <= self.latest:
            self.fact.began = min(self.fact.began or at, at)
            self.fact.ended = max(self.fact.ended, at)
        match line.type:
            case "event_msg":
                self.event(start, at, line.payload)
            case "token_usage_record":
                self.record(start, at, _record(line.payload))
            case "session_meta" if self.meta is None:
                self.begin(at, _meta(line.payload))
            case "turn_context":
                turn = _turn(line.payload)
                self.model = turn.model or self.model
                self.move(turn.cwd)
            case "response_item" if self.watcher is not None and at is not None:
                with suppress(*_BROKEN):
                    self.watcher.item(_item(line.payload), at, self.directory)
            case _:
                pass

    def begin(self, at: int | None, meta: SessionMeta) -> None:
        """The first session line; a fork copies its parent's behind it."""
        self.meta = meta
        lineage = self.lineage
        lineage.session = meta.id or lineage.session
        lineage.parent = meta.forked_from_id or meta.spawner or ""
        lineage.forked_at = milliseconds(meta.timestamp) or at or 0
        lineage.copied = bool(lineage.parent) and meta.history_base is None
        if lineage.parent:
            self.counter = None
        self.fact.parent = lineage.parent
        self.fact.client = f"{meta.originator or ORIGINATOR} {meta.cli_version or ''}".strip()
        if meta.git is not None:
            self.fact.repository = meta.git.repository_url or ""
            self.fact.branches = [meta.git.branch] if meta.git.branch else []
        self.move(meta.cwd)

    def move(self, directory: str | None) -> None:
        if directory:
            self.directory = directory
            if directory not in self.fact.directories:
                self.fact.directories.append(directory)

    def event(self, start: int, at: int | None, payload: msgspec.Raw) -> None:
        """A counter, or evidence of work."""
        raw = bytes(payload)
        if b'"token_count"' in raw:
            event = _event(raw)
            if event.type == "token_count":
                if event.info is not None:
                    self.counted(
                        start, at, tokens_of(event.info.total_token_usage), event.info.last_token_usage
                    )
                return
        if self.watcher is not None and at is not None:
            with suppress(*_BROKEN):
                self.watcher.event(_event(raw), at, self.directory)

    def record(self, start: int, at: int | None, record: UsageRecord) -> None:
        """One response's own usage."""
        usage, total = tokens_of(record.usage), tokens_of(record.thread_token_usage)
        if usage is None:
            return self.claim(start, SkipReason.ABSURD_COUNT)
        if total is not None and total == self.counter:
            return self.claim(start, None)
        if self.keep(start, at, usage, total or usage, record.response_id or ""):
            self.recorded = usage
            self.counter = total or self.counter
        return None

    def counted(self, start: int, at: int | None, total: Tokens | None, stated: Any) -> None:
        """A counter after a response, or the same counter again."""
        if total is None:
            return self.claim(start, SkipReason.ABSURD_COUNT)
        last, before = tokens_of(stated), self.counter
        echo = self.recorded is not None and self.recorded == last
        if total == before or echo:
            self.recorded, self.counter = None, total
            return self.claim(start, None)
        anew = before is None or total.below(before)
        usage = (last or total) if anew else total.since(before or NONE_YET)
        if self.keep(start, at, usage, total, ""):
            self.counter = total
        return None

    def claim(self, start: int, why: SkipReason | None) -> None:
        """Count a record that is no further request: a copy, or one left out for a reason."""
        self.claims += 1
        self.reading.records += 1
        if why is not None:
            self.reading.skip(self.line_at(start), why)

    def keep(self, start: int, at: int | None, usage: Tokens, total: Tokens, name: str) -> bool:
        """Hand on a request, or say why not."""
        why = None
        if at is None:
            why = SkipReason.NO_TIME
        elif at > self.latest:
            why = SkipReason.FUTURE_TIME
        elif not usage.credible:
            why = SkipReason.ABSURD_COUNT
        self.claim(start, why)
        if at is None or why is not None:
            return False
        cached = min(usage.cached, usage.input)
        written = min(usage.cache_write, usage.input - cached)
        self.builder.add(
            key=self.key(name or f"{total.input}.{total.output}"),
            at=at,
            session=self.lineage.session,
            parent=self.lineage.parent,
            model=self.model,
            input_uncached=usage.input - cached - written,
            cache_read=cached,
            cache_write=written,
            output=usage.output,
            reasoning=min(usage.reasoning, usage.output),
            tool=self.fact.client or ORIGINATOR,
            directory=self.directory,
            repository=self.fact.repository,
            branch=self.fact.branches[0] if self.fact.branches else None,
        )
        self.lineage.totals.append((total.input, total.cached, total.output, total.reasoning))
        self.lineage.lines.append(self.line_at(start))
        return True

    def line_at(self, start: int) -> int:
        """The number of the line that starts there; lines come in order, so each is counted once."""
        self.number += self.content.count(b"\n", self.counted_to, start)
        self.counted_to = start
        return self.number

    def key(self, name: str) -> str:
        """A name for the request within its session; where a provider repeats its names, told apart."""
        key = f"{self.lineage.session}:{name}"
        while key in self.keys:
            key += "+"
        self.keys.add(key)
        return key
