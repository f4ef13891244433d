"""The requests that a transcript claims, each once per file."""

from datetime import UTC, datetime
from itertools import count
from pathlib import PurePath
from typing import Any

import msgspec

from counterfoil.collect.claude_code.record import UNDECODABLE, CacheCreation, Claim, Iteration, Line, Message
from counterfoil.collect.jsonl import line_number, marked, survey, undecodable
from counterfoil.collect.reading import MAX_COUNT, NONE, FileReading, RowBuilder, count_of, sessions_of
from counterfoil.terms.absent import SkipReason

MARKER = b'"usage"'
"""No client escapes these letters, so a line without it claims no usage; in quoted text the quotes differ."""
SYNTHETIC = "<synthetic>"
"""The model of messages that the client made up itself: no request was made, so they claim no usage."""
ADVISOR = "advisor_message"
UNFINISHED = "unfinished"
A_DAY = 86_400_000
"""Unit: milliseconds."""
MOST_USD = 1_000_000
"""No request costs more; a larger stated cost is not believed."""

_decode = msgspec.json.Decoder(Line).decode
_COUNTS = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


def usage_of(path: str, content: bytes, *, now: int) -> FileReading:
    """What one transcript claims was used, and the sessions it belongs to."""
    return _File(path, content, now).read()


def session_of(path: str) -> str:
    """The session a transcript belongs to by its place: its own name, or the folder above `subagents`."""
    place = PurePath(path)
    parts = place.parts
    if "subagents" in parts[1:]:
        return parts[parts.index("subagents", 1) - 1]
    return place.stem


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970; a time without a zone is UTC, as the client means it."""
    return round((at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp() * 1000)


class _File:
    """One file while it is read: its rows, and which of them is known under which key."""

    __slots__ = (
        "about",
        "builder",
        "content",
        "future",
        "own_session",
        "places",
        "reading",
        "row_of",
        "rows",
        "unfinished",
    )

    def __init__(self, path: str, content: bytes, now: int) -> None:
        self.content = content
        self.builder = RowBuilder()
        self.rows = self.builder.rows
        self.reading = FileReading(path=path, rows=self.rows)
        self.row_of: dict[Any, int] = {}
        self.about: list[tuple[Any, ...]] = []
        self.places: dict[tuple[Any, ...], tuple[int, ...]] = {}
        self.unfinished: set[int] = set()
        self.future = now + A_DAY
        self.own_session = session_of(path)

    def read(self) -> FileReading:
        reading = self.reading
        lines = survey(self.content, reading)
        claims = 0
        for start, text in marked(self.content, MARKER):
            claims += self.take(start, text)
        reading.other = lines - claims
        reading.sessions = sessions_of(self.rows)
        if self.unfinished:
            reading.notes[UNFINISHED] = len(self.unfinished)
        return reading

    def take(self, start: int, text: bytes) -> bool:
        """Take one line in; whether it is a record."""
        try:
            line = _decode(text)
        except UNDECODABLE:
            return self.undecoded(start, text)
        message, at = line.message, line.timestamp
        if message is None or message.usage is None:
            inner = line.data.message if line.data is not None else None
            if inner is None or inner.message is None or inner.message.usage is None:
                return False
            message, at = inner.message, inner.timestamp or at
            line.uuid = inner.uuid or line.uuid
        claim = message.usage
        if claim is None or message.model == SYNTHETIC or (line.isApiErrorMessage and _is_nothing(claim)):
            return False
        self.reading.records += 1
        if at is None:
            self.skip(start, SkipReason.NO_TIME)
            return True
        moment = milliseconds(at)
        if moment > self.future:
            self.skip(start, SkipReason.FUTURE_TIME)
        elif _is_absurd(claim):
            self.skip(start, SkipReason.ABSURD_COUNT)
        else:
            self.claim(start, line, message, claim, moment)
        return True

    def claim(self, start: int, line: Line, message: Message, claim: Claim, at: int) -> None:
        """Count a request once, and each advisor it asked as a record of its own."""
        key = message.id
        if not key:
            session = line.sessionId or self.own_session
            key = f"{session}:{line.uuid or (at, claim.input_tokens, claim.output_tokens)}"
        row = self.count(key, line, message.model, claim, at)
        if message.stop_reason is None and claim.output_tokens <= 1:
            self.unfinished.add(row)
        elif self.unfinished:
            self.unfinished.discard(row)
        if not claim.iterations:
            return
        numbers = count(1)
        for advisor in claim.iterations:
            if advisor.type == ADVISOR:
                self.reading.records += 1
                if _is_absurd(advisor):
                    self.skip(start, SkipReason.ABSURD_COUNT)
                else:
                    self.count(f"{key}/advisor/{next(numbers)}", line, advisor.model, advisor, at)

    def count(self, key: str, line: Line, model: str | None, claim: Claim | Iteration, at: int) -> int:
        """The row of a request, new or united with its copy; a copy told otherwise gets its own."""
        about = (line.sessionId, model, line.cwd, line.gitBranch, line.version, line.isSidechain)
        row = self.row_of.get(key)
        if row is not None and self.about[row] != about:
            row = self.row_of.get((key, about))
        if row is None:
            row = len(self.about)
            self.about.append(about)
            self.row_of[(key, about) if key in self.row_of else key] = row
            self.append(key, line, model, claim, at)
        else:
            self.unite(row, line, claim, at)
        return row

    def append(self, key: str, line: Line, model: str | None, claim: Claim | Iteration, at: int) -> None:
        rows = self.rows
        rows.key.append(key)
        rows.at.append(at)
        rows.input_uncached.append(claim.input_tokens or 0)
        rows.output.append(claim.output_tokens or 0)
        rows.cache_read.append(claim.cache_read_input_tokens or 0)
        rows.cache_write.append(_cache_write(claim))
        rows.cache_write_1h.append(_kept_an_hour(claim.cache_creation))
        rows.reasoning.append(NONE)
        rows.cost.append(_stated_cost(line.costUSD))
        rows.model.append(self.builder.text(model))
        rows.repository.append(NONE)
        rows.rank.append(1 if line.isSidechain else 0)
        session, parent, tool, directory, branch = self.place(line)
        rows.session.append(session)
        rows.parent.append(parent)
        rows.tool.append(tool)
        rows.directory.append(directory)
        rows.branch.append(branch)

    def place(self, line: Line) -> tuple[int, ...]:
        """Indices of session, parent, tool, directory and branch; the same for nearly every line."""
        words = (line.sessionId, line.version, line.cwd, line.gitBranch)
        known = self.places.get(words)
        if known is None:
            text = self.builder.text
            session = line.sessionId or self.own_session
            outer = self.own_session if "subagents" in self.reading.path else session
            known = self.places[words] = (
                text(session),
                text(outer) if outer != session else NONE,
                text(f"claude-code {line.version}" if line.version else "claude-code"),
                text(line.cwd),
                text(line.gitBranch),
            )
        return known

    def unite(self, row: int, line: Line, claim: Claim | Iteration, at: int) -> None:
        """Streamed and repeated records only grow: the largest of each count, the first time."""
        rows = self.rows
        if (claim.output_tokens or 0) > rows.output[row]:
            rows.output[row] = claim.output_tokens or 0
        if (claim.input_tokens or 0) > rows.input_uncached[row]:
            rows.input_uncached[row] = claim.input_tokens or 0
        if (claim.cache_read_input_tokens or 0) > rows.cache_read[row]:
            rows.cache_read[row] = claim.cache_read_input_tokens or 0
        rows.cache_write[row] = max(rows.cache_write[row], _cache_write(claim))
        rows.cache_write_1h[row] = max(rows.cache_write_1h[row], _kept_an_hour(claim.cache_creation))
        if line.costUSD is not None:
            rows.cost[row] = max(rows.cost[row], _stated_cost(line.costUSD))
        if at < rows.at[row]:
            rows.at[row] = at

    def skip(self, start: int, why: SkipReason) -> None:
        self.reading.skip(line_number(self.content, start), why)

    def undecoded(self, start: int, text: bytes) -> bool:
        """Why a line did not decode; a line of another shape that claims no usage is none of ours."""
        try:
            line = msgspec.json.decode(text)
        except UNDECODABLE:
            self.reading.records += 1
            self.skip(start, undecodable(self.content, start))
            return True
        message = _claiming(line)
        if message is None or message.get("model") == SYNTHETIC:
            return False
        self.reading.records += 1
        counts = [message["usage"].get(name) for name in _COUNTS]
        if any(stated is not None and count_of(stated) is None for stated in counts):
            self.skip(start, SkipReason.ABSURD_COUNT)
        elif not _is_time(line.get("timestamp")):
            self.skip(start, SkipReason.NO_TIME)
        else:
            self.skip(start, SkipReason.WRONG_SHAPE)
        return True


def _claiming(line: Any) -> dict[str, Any] | None:
    """The message that claims usage in an untyped line."""
    for path in (("message",), ("data", "message", "message")):
        at = line
        for name in path:
            at = at.get(name) if isinstance(at, dict) else None
        if isinstance(at, dict) and isinstance(at.get("usage"), dict):
            return at
    return None


def _is_time(stated: Any) -> bool:
    try:
        datetime.fromisoformat(stated)
    except (TypeError, ValueError):
        return False
    return True


def _is_absurd(claim: Claim | Iteration) -> bool:
    made = claim.cache_creation
    stated = (
        claim.input_tokens,
        claim.output_tokens,
        claim.cache_read_input_tokens,
        claim.cache_creation_input_tokens,
        made.ephemeral_5m_input_tokens if made is not None else None,
        made.ephemeral_1h_input_tokens if made is not None else None,
    )
    return any(n is not None and not 0 <= n <= MAX_COUNT for n in stated)


def _is_nothing(claim: Claim) -> bool:
    return not (
        claim.input_tokens
        or claim.output_tokens
        or claim.cache_read_input_tokens
        or claim.cache_creation_input_tokens
    )


def _cache_write(claim: Claim | Iteration) -> int:
    """Tokens written to a cache: the total, or its parts where only they are stated."""
    total, made = claim.cache_creation_input_tokens or 0, claim.cache_creation
    if made is None:
        return total
    return max(total, (made.ephemeral_5m_input_tokens or 0) + (made.ephemeral_1h_input_tokens or 0))


def _kept_an_hour(made: CacheCreation | None) -> int:
    if made is None or made.ephemeral_1h_input_tokens is None:
        return NONE
    return made.ephemeral_1h_input_tokens


def _stated_cost(usd: float | None) -> int:
    return round(usd * 1_000_000) if usd is not None and 0 <= usd <= MOST_USD else NONE
