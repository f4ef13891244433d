"""The tables of agents, and the steps by which an older database gets them."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table

from counterfoil.store import shape

META = MetaData()
STATE = shape.STATE.to_metadata(META)
GENERATION = "generation"
"""Grows whenever a stop, a grant or an agent changes, so that every process sees it."""


def _key(name: str) -> Column[str]:
    return Column(name, String, primary_key=True)


def _text(name: str, default: str = "") -> Column[str]:
    return Column(name, String, nullable=False, default=default)


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, default=0)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, default=False)


HOLDER = Table("holder", META, _key("name"), _number("entries"))
"""Each process by its log, and how many entries that log has at least."""
SAID = Table(
    "said",
    META,
    _key("holder"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("entry", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Entries of a log, from when they are durable here until they are durable there."""
AGENT = Table(
    "agent", META, _key("id"), _text("owner"), _number("run"), _number("day"), _number("month"), _flag("gone")
)
GRANT = Table(
    "grant_given",
    META,
    _key("agent"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _text("tool"),
    _text("digest"),
    _text("to"),
    Column("until", String),
)
RUN = Table(
    "run",
    META,
    _key("id"),
    _text("agent"),
    _text("owner"),
    _number("version"),
    _text("cause_kind"),
    _text("cause_ref"),
    _text("state"),
    _number("began"),
    Column("ended", BigInteger),
    Column("parent", String),
    _text("root"),
    _text("why"),
)
SPEND = Table("spend", META, _key("scope"), _number("spent"), _number("reserved"), _flag("floor"))
RESERVATION = Table("reservation", META, _key("id"), _text("holder"), _text("scopes"), _number("most"))
APPROVAL = Table(
    "approval",
    META,
    _key("id"),
    _text("run"),
    _number("number"),
    Column("key", String, nullable=False, unique=True),
    _text("agent"),
    _text("owner"),
    _text("tool"),
    _text("asked_digest"),
    _text("digest"),
    _text("tool_digest"),
    _text("policy"),
    _text("clause"),
    _text("why"),
    _text("needs"),
    _number("asked"),
    _number("expires"),
    _text("state"),
    Column("by", String),
    Column("decided", BigInteger),
    _text("reason"),
    _flag("edited"),
    _flag("canary"),
    _flag("opened"),
    Column("call", LargeBinary),
    Index("approval_in_state", "state", "expires"),
)
"""One for each call, for ever. `call` goes when the matter is closed: what was in it is kept by nobody but
the system that it went to."""
STANDING = Table(
    "standing",
    META,
    _key("id"),
    _text("agent"),
    _text("owner"),
    _text("tool"),
    _text("digest"),
    _text("to"),
    _number("per_day"),
    _text("until"),
    _text("by"),
    _flag("gone"),
    Index("standing_of_agent", "agent", "tool"),
)
STANDING_COUNT = Table("standing_count", META, _key("rule"), _key("day"), _number("count"))
STOP = Table("stop", META, _key("what"), _text("by"), _number("at"), _text("why"))
EFFECT = Table(
    "effect",
    META,
    _key("key"),
    _text("agent"),
    _text("owner"),
    _text("tool"),
    _text("cause_kind"),
    _text("cause_ref"),
    _number("at"),
    _text("state"),
    _text("to"),
    _text("ref"),
    _text("clause"),
    _text("approval"),
    _text("digest"),
    _text("content"),
    _text("does"),
    _text("holder"),
    _number("entry"),
    _text("why"),
    Column("arguments", String),
    Index("effect_content", "agent", "content", "at"),
    Index("effect_in_state", "state", "holder"),
    Index("effect_at", "at"),
)
"""`arguments` go when it is known what became of it; `content` is a digest, to see the same again."""
STEP = Table(
    "step",
    META,
    _key("run"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _key("verdict"),
    _key("clause"),
    _text("agent"),
    _text("owner"),
    _text("tool"),
    _text("does"),
    _text("why"),
    _number("at"),
    _number("times"),
)
"""What was held or refused; the same again is counted."""
COUNTED = Table("counted", META, _key("month"), _key("what"), _number("count"))
"""Sums over all people of a month: never of one."""
ABSENT = Table("absent", META, _key("owner"), _number("since"))
"""Owners who are not in the organisation, as the server said, since when without a break."""
SECRET = Table("secret", META, _key("name"), Column("sealed", LargeBinary, nullable=False))
TOKEN = Table(
    "token",
    META,
    _key("hash"),
    _text("agent"),
    _text("owner"),
    _number("until"),
    _text("use"),
    Index("token_of_agent", "agent"),
)
STEPS: shape.Steps = ()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """A moment as it is kept."""
    return (at - EPOCH) // MICROSECOND


def moment(kept: int) -> datetime:
    """The moment that was kept."""
    return EPOCH + timedelta(microseconds=kept)
