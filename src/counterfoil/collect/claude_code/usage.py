"""The requests that a transcript claims, each once per file."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import msgspec

from counterfoil.collect.claude_code.claim import (
    cache_write,
    claiming,
    is_absurd,
    is_nothing,
    is_time,
    kept_an_hour,
    plain,
    stated_cost,
)
from counterfoil.collect.claude_code.place import name_of, session_of
from counterfoil.collect.claude_code.record import (
    UNDECODABLE,
    Claim,
    Line,
    Message,
    PlainClaim,
    PlainCreation,
    PlainLine,
)
from counterfoil.collect.jsonl import LONGEST_LINE, mended, object_on
from counterfoil.collect.reading import (
    A_DAY,
    NONE,
    FileReading,
    RowBuilder,
    count_of,
    numbers,
    sessions_of,
)
from counterfoil.terms.absent import SkipReason

MARKER = b'"usage"'
"""No client escapes these letters, so a line without it claims no usage; in quoted text the quotes differ."""
SYNTHETIC = "<synthetic>"
"""The model of messages that the client made up itself: no request was made, so they claim no usage."""
ADVISOR = "advisor_message"
UNFINISHED = "unfinished"
EPOCH, A_MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
_decode = msgspec.json.Decoder(Line).decode
_decode_plain = msgspec.json.Decoder(PlainLine).decode
_COUNTS = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


def usage_of(path: str, lines: Iterable[bytes], *, now: int) -> FileReading:
    """What one transcript claims was used, and the sessions it belongs to."""
    return _File(path, now).read(lines)


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970; a time without a zone is UTC, as the client means it."""
    return (_aware(at) - EPOCH) // A_MILLISECOND


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

    def read(self, lines: Iterable[bytes]) -> FileReading:
        """Every line, in order; a plain one is taken at once, any other with care."""
        reading, future, count = self.reading, self.future, self.count
        decode, longest = _decode_plain, LONGEST_LINE
        records = other = 0
        for number, text in enumerate(lines, start=1):
            try:
                line = decode(text)
            except UNDECODABLE:
                self.again(number, text)
                continue
            message = line.message
            if message is None or (claim := message.usage) is None:
                if line.data is None and len(text) <= longest:
                    other += 1
                else:
                    self.again(number, text)
                continue
            key, at, model = message.id, line.timestamp, message.model
            if (
                not key
                or at is None
                or at > future
                or claim.iterations
                or line.isApiErrorMessage
                or model == SYNTHETIC
                or len(text) > longest
            ):
                self.again(number, text)
                continue
            records += 1
            row = count(key, line, model, claim, at)
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
        if claim is None or message.model == SYNTHETIC or (line.isApiErrorMessage and is_nothing(claim)):
            return False
        self.reading.records += 1
        if at is None:
            self.reading.skip(number, SkipReason.NO_TIME)
            return True
        at = _aware(at)
        if at > self.future:
            self.reading.skip(number, SkipReason.FUTURE_TIME)
        elif is_absurd(claim):
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
        row = self.count(key, line, message.model, plain(claim), at)
        if claim.output_tokens <= 1:
            self.barely(row, message.stop_reason)
        serial = count(1)
        for advisor in claim.iterations or ():
            if advisor.type == ADVISOR:
                self.reading.records += 1
                if is_absurd(advisor):
                    self.reading.skip(number, SkipReason.ABSURD_COUNT)
                else:
                    name = f"{key}/advisor/{next(serial)}"
                    self.count(name, line, advisor.model, plain(advisor), at)

    def count(
        self, key: str, line: Line | PlainLine, model: str | None, claim: PlainClaim, at: datetime
    ) -> int:
        """The row of a request, new or united with its copy; a copy told otherwise gets its own."""
        about = (line.sessionId, model, line.cwd, line.gitBranch, line.version, line.isSidechain)
        if about != self.about:
            self.about = about
            self.here = self.places.setdefault(about, len(self.places))
        place = self.here
        name: Any = key
        row = self.row_of.get(key)
        if row is not None and self.place[row] != place:
            name = (key, place)
            row = self.row_of.get(name)
        if row is None:
            row = self.row_of[name] = len(self.place)
            self.place.append(place)
            self.key.append(key)
            self.at.append(at)
            self.claims.append(claim)
        else:
            self.unite(row, claim, at)
        if line.costUSD is not None:
            self.cost[row] = max(self.cost.get(row, NONE), stated_cost(line.costUSD))
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
            hour = max(kept_an_hour(kept), kept_an_hour(claim))
            kept.cache_creation_input_tokens = max(cache_write(kept), cache_write(claim))
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
        """Fill the columns, and name the sessions."""
        rows, claims = self.rows, self.claims
        times = [(at - EPOCH) // A_MILLISECOND for at in self.at]
        where = list(zip(self.place, [at // A_DAY for at in times], strict=True))
        told = list(self.places)
        settings = {each: self.setting(*told[each[0]], day=each[1]) for each in dict.fromkeys(where)}
        rows.key = self.key
        rows.setting = numbers([settings[each] for each in where])
        rows.at = numbers(times)
        rows.input_uncached = numbers([claim.input_tokens for claim in claims])
        rows.cache_read = numbers([claim.cache_read_input_tokens for claim in claims])
        rows.cache_write = numbers(map(cache_write, claims))
        rows.cache_write_1h = numbers(map(kept_an_hour, claims))
        rows.output = numbers([claim.output_tokens for claim in claims])
        rows.reasoning = rows.cost = numbers([NONE]) * len(claims)
        if self.cost:
            rows.cost = numbers([self.cost.get(row, NONE) for row in range(len(claims))])
        self.reading.sessions = sessions_of(rows)
        if never_finished := self.never_finished():
            self.reading.notes[UNFINISHED] = never_finished

    def setting(
        self,
        session: str | None,
        model: str | None,
        directory: str | None,
        branch: str | None,
        version: str | None,
        side: bool | None,
        *,
        day: int,
    ) -> int:
        """The number of the setting that a line tells of."""
        own = session or self.own_session
        inside = self.own_session != name_of(self.reading.path)
        outer = self.own_session if inside else own
        return self.builder.setting(
            session=own,
            parent=outer if outer != own else None,
            model=model,
            tool=f"claude-code {version}" if version else "claude-code",
            directory=directory,
            branch=branch,
            rank=1 if side else 0,
            day=day,
        )

    def undecoded(self, number: int, text: bytes, *, whole: bool) -> bool:
        """Why a line did not decode; a line of another shape that claims no usage is none of ours."""
        try:
            line = msgspec.json.decode(text)
        except UNDECODABLE:
            self.reading.records += 1
            self.reading.skip(number, SkipReason.NOT_JSON if whole else SkipReason.TRUNCATED)
            return True
        message = claiming(line)
        if message is None or message.get("model") == SYNTHETIC:
            return False
        self.reading.records += 1
        counts = [message["usage"].get(name) for name in _COUNTS]
        if any(stated is not None and count_of(stated) is None for stated in counts):
            self.reading.skip(number, SkipReason.ABSURD_COUNT)
        elif not is_time(line.get("timestamp")):
            self.reading.skip(number, SkipReason.NO_TIME)
        else:
            self.reading.skip(number, SkipReason.WRONG_SHAPE)
        return True
