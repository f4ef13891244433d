"""The requests that a transcript claims, each once per file."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import count
from pathlib import PurePath
from typing import Any

import msgspec

from counterfoil.collect.claude_code.place import session_of
from counterfoil.collect.claude_code.record import (
    UNDECODABLE,
    Claim,
    Iteration,
    Line,
    Message,
    PlainClaim,
    PlainCreation,
    PlainLine,
)
from counterfoil.collect.jsonl import LONGEST_LINE, mended, object_on
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

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PLACE = ("model", "session", "parent", "tool", "directory", "branch", "rank")
"""The columns that follow from where a line says it was written."""

_decode = msgspec.json.Decoder(Line).decode
_decode_plain = msgspec.json.Decoder(PlainLine).decode
_COUNTS = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


def usage_of(path: str, content: bytes, *, now: int) -> FileReading:
    """What one transcript claims was used, and the sessions it belongs to."""
    return _File(path, now).read(content)


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970; a time without a zone is UTC, as the client means it."""
    return round(_aware(at).timestamp() * 1000)


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


class _File:
    """One file while it is read: its requests, and which of them is known under which key."""

    __slots__ = (
        "about",
        "at",
        "builder",
        "claims",
        "cost",
        "ended",
        "future",
        "here",
        "key",
        "own_session",
        "place",
        "places",
        "reading",
        "row_of",
        "rows",
        "unfinished",
    )

    def __init__(self, path: str, now: int) -> None:
        self.builder = RowBuilder()
        self.rows = self.builder.rows
        self.reading = FileReading(path=path, rows=self.rows)
        self.row_of: dict[Any, int] = {}
        self.key: list[str] = []
        self.at: list[datetime] = []
        self.claims: list[PlainClaim] = []
        self.cost: dict[int, int] = {}
        """The cost that the client states, of the rows for which it does."""
        self.place: list[int] = []
        """For each row the number of its place."""
        self.places: dict[tuple[Any, ...], int] = {}
        """Everything that lines tell of a request but its counts; few are different in a file."""
        self.about: tuple[Any, ...] = ()
        self.here = 0
        """The place of the last line, and its number."""
        self.unfinished: set[int] = set()
        """Rows of which a line was written in mid-stream."""
        self.ended: set[int] = set()
        """Rows of which a line says that they ended, though with a single token."""
        self.future = EPOCH + timedelta(milliseconds=now + A_DAY)
        self.own_session = session_of(path)

    def read(self, content: bytes) -> FileReading:
        """Every line, in order; a plain one is taken at once, any other with care."""
        reading, future, count = self.reading, self.future, self.count
        records = other = 0
        for number, text in enumerate(BytesIO(content), start=1):
            try:
                line = _decode_plain(text)
            except UNDECODABLE:
                self.again(number, text)
                continue
            message, at = line.message, line.timestamp
            if message is None or message.usage is None:
                if line.data is None and len(text) <= LONGEST_LINE:
                    other += 1
                else:
                    self.again(number, text)
                continue
            claim, key = message.usage, message.id
            if (
                not key
                or at is None
                or at > future
                or claim.iterations
                or line.isApiErrorMessage
                or message.model == SYNTHETIC
                or len(text) > LONGEST_LINE
            ):
                self.again(number, text)
                continue
            records += 1
            row = count(key, line, message.model, claim, at)
            if claim.output_tokens <= 1:
                self.barely(row, message.stop_reason)
        reading.records += records
        reading.other += other
        self.finish()
        return reading

    def again(self, number: int, line: bytes) -> None:
        """Take a line that is not plain, with care: a record, a record left out, or none of ours."""
        text = object_on(line)
        if text is None:
            return
        if isinstance(text, SkipReason):
            self.reading.records += 1
            self.reading.skip(number, text)
        elif MARKER not in text or not self.take(number, text, whole=line.endswith(b"\n")):
            self.reading.other += 1

    def take(self, number: int, text: bytes, *, whole: bool) -> bool:
        """Take one object in; whether it is a record."""
        try:
            line = _decode(text)
        except UNDECODABLE:
            sound = mended(text, self.reading)
            take = self.undecoded if sound is text else self.take
            return take(number, sound, whole=whole)
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
            self.reading.skip(number, SkipReason.NO_TIME)
            return True
        at = _aware(at)
        if at > self.future:
            self.reading.skip(number, SkipReason.FUTURE_TIME)
        elif _is_absurd(claim):
            self.reading.skip(number, SkipReason.ABSURD_COUNT)
        else:
            self.claim(number, line, message, claim, at)
        return True

    def claim(self, number: int, line: Line, message: Message, claim: Claim, at: datetime) -> None:
        """Count a request once, and each advisor it asked as a record of its own."""
        key = message.id
        if not key:
            session = line.sessionId or self.own_session
            key = f"{session}:{line.uuid or (milliseconds(at), claim.input_tokens, claim.output_tokens)}"
        row = self.count(key, line, message.model, _plain(claim), at)
        if claim.output_tokens <= 1:
            self.barely(row, message.stop_reason)
        numbers = count(1)
        for advisor in claim.iterations or ():
            if advisor.type == ADVISOR:
                self.reading.records += 1
                if _is_absurd(advisor):
                    self.reading.skip(number, SkipReason.ABSURD_COUNT)
                else:
                    name = f"{key}/advisor/{next(numbers)}"
                    self.count(name, line, advisor.model, _plain(advisor), at)

    def count(
        self, key: str, line: Line | PlainLine, model: str | None, claim: PlainClaim, at: datetime
    ) -> int:
        """The row of a request, new or united with its copy; a copy told otherwise gets its own."""
        about = (line.sessionId, model, line.cwd, line.gitBranch, line.version, line.isSidechain)
        if about != self.about:
            self.about = about
            self.here = self.places.setdefault(about, len(self.places))
        place = self.here
        row = self.row_of.get(key)
        if row is not None and self.place[row] != place:
            row = self.row_of.get((key, place))
        if row is None:
            row = len(self.place)
            self.row_of[(key, place) if key in self.row_of else key] = row
            self.place.append(place)
            self.key.append(key)
            self.at.append(at)
            self.claims.append(claim)
        else:
            self.unite(row, claim, at)
        if line.costUSD is not None:
            self.cost[row] = max(self.cost.get(row, NONE), _stated_cost(line.costUSD))
        return row

    def unite(self, row: int, claim: PlainClaim, at: datetime) -> None:
        """Streamed and repeated records only grow: the largest of each count, the first time."""
        kept = self.claims[row]
        if claim.output_tokens > kept.output_tokens:
            kept.output_tokens = claim.output_tokens
        if claim.input_tokens > kept.input_tokens:
            kept.input_tokens = claim.input_tokens
        if claim.cache_read_input_tokens > kept.cache_read_input_tokens:
            kept.cache_read_input_tokens = claim.cache_read_input_tokens
        if (
            claim.cache_creation_input_tokens != kept.cache_creation_input_tokens
            or claim.cache_creation != kept.cache_creation
        ):
            hour = max(_kept_an_hour(kept), _kept_an_hour(claim))
            kept.cache_creation_input_tokens = max(_cache_write(kept), _cache_write(claim))
            kept.cache_creation = PlainCreation(ephemeral_1h_input_tokens=hour)
        if at < self.at[row]:
            self.at[row] = at

    def barely(self, row: int, stop_reason: str | None) -> None:
        """Note of a line with one token at most whether it was written in mid-stream."""
        (self.unfinished if stop_reason is None else self.ended).add(row)

    def never_finished(self) -> int:
        """How many requests were in mid-stream whenever a line was written of them."""
        if not self.unfinished:
            return 0
        ended = {row for row, claim in enumerate(self.claims) if claim.output_tokens > 1} | self.ended
        return len({self.key[row] for row in self.unfinished} - {self.key[row] for row in ended})

    def finish(self) -> None:
        """Fill the columns that follow from the place of each row, and name the sessions."""
        rows, claims = self.rows, self.claims
        rows.key = self.key
        rows.at = [round(at.timestamp() * 1000) for at in self.at]
        rows.input_uncached = [claim.input_tokens for claim in claims]
        rows.cache_read = [claim.cache_read_input_tokens for claim in claims]
        rows.cache_write = list(map(_cache_write, claims))
        rows.cache_write_1h = list(map(_kept_an_hour, claims))
        rows.output = [claim.output_tokens for claim in claims]
        rows.reasoning = rows.repository = [NONE] * len(claims)
        rows.cost = [self.cost.get(row, NONE) for row in range(len(claims))] if self.cost else rows.reasoning
        columns = zip(*(self.words(*about) for about in self.places), strict=True)
        for name, column in zip(PLACE, columns, strict=False):
            setattr(rows, name, [column[place] for place in self.place])
        self.reading.sessions = sessions_of(rows)
        if never_finished := self.never_finished():
            self.reading.notes[UNFINISHED] = never_finished

    def words(
        self,
        session: str | None,
        model: str | None,
        directory: str | None,
        branch: str | None,
        version: str | None,
        side: bool | None,
    ) -> tuple[int, ...]:
        """The values of the columns `PLACE`."""
        text = self.builder.text
        own = session or self.own_session
        inside = self.own_session != PurePath(self.reading.path).stem
        outer = self.own_session if inside else own
        return (
            text(model),
            text(own),
            text(outer) if outer != own else NONE,
            text(f"claude-code {version}" if version else "claude-code"),
            text(directory),
            text(branch),
            1 if side else 0,
        )

    def undecoded(self, number: int, text: bytes, *, whole: bool) -> bool:
        """Why a line did not decode; a line of another shape that claims no usage is none of ours."""
        try:
            line = msgspec.json.decode(text)
        except UNDECODABLE:
            self.reading.records += 1
            self.reading.skip(number, SkipReason.NOT_JSON if whole else SkipReason.TRUNCATED)
            return True
        message = _claiming(line)
        if message is None or message.get("model") == SYNTHETIC:
            return False
        self.reading.records += 1
        counts = [message["usage"].get(name) for name in _COUNTS]
        if any(stated is not None and count_of(stated) is None for stated in counts):
            self.reading.skip(number, SkipReason.ABSURD_COUNT)
        elif not _is_time(line.get("timestamp")):
            self.reading.skip(number, SkipReason.NO_TIME)
        else:
            self.reading.skip(number, SkipReason.WRONG_SHAPE)
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


def _plain(claim: Claim | Iteration) -> PlainClaim:
    made = claim.cache_creation
    hour = None if made is None else made.ephemeral_1h_input_tokens
    return PlainClaim(
        input_tokens=claim.input_tokens or 0,
        output_tokens=claim.output_tokens or 0,
        cache_read_input_tokens=claim.cache_read_input_tokens or 0,
        cache_creation_input_tokens=claim.cache_creation_input_tokens or 0,
        cache_creation=None
        if made is None
        else PlainCreation(
            ephemeral_5m_input_tokens=made.ephemeral_5m_input_tokens or 0,
            ephemeral_1h_input_tokens=NONE if hour is None else hour,
        ),
    )


def _cache_write(claim: PlainClaim) -> int:
    """Tokens written to a cache: the total, or its parts where only they are stated."""
    made = claim.cache_creation
    if made is None:
        return claim.cache_creation_input_tokens
    parts = made.ephemeral_5m_input_tokens + max(made.ephemeral_1h_input_tokens, 0)
    return max(claim.cache_creation_input_tokens, parts)


def _kept_an_hour(claim: PlainClaim) -> int:
    return NONE if claim.cache_creation is None else claim.cache_creation.ephemeral_1h_input_tokens


def _stated_cost(usd: float) -> int:
    return round(usd * 1_000_000) if 0 <= usd <= MOST_USD else NONE
