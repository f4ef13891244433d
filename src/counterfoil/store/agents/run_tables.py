"""The tables of runs: definitions by version, what each run was told and did, notes, triggers that fired."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, String, Table

from counterfoil.store.agents.shape import META

VERSION = Table(
    "agent_version",
    META,
    Column("agent", String, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("text", String, nullable=False),
    Column("at", BigInteger, nullable=False),
)
BEGUN = Table(
    "run_begun",
    META,
    Column("run", String, primary_key=True),
    Column("set_off", String, nullable=False),
    Column("said", String, nullable=False),
    Column("label", String, nullable=False),
    Column("resumed", Integer, nullable=False, default=0),
    Column("depth", Integer, nullable=False, default=0),
    Column("ended_with", String, nullable=False, default=""),
)
DID = Table(
    "run_did",
    META,
    Column("run", String, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("tool", String, nullable=False),
    Column("verdict", String, nullable=False),
    Column("clause", String, nullable=False),
    Column("why", String, nullable=False),
    Column("label", String, nullable=False),
    Column("call", LargeBinary),
    Column("effect", String, nullable=False),
    Column("spent", BigInteger, nullable=False),
    Column("floor", Boolean, nullable=False),
    Column("read", BigInteger, nullable=False),
    Column("written", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
)
NOTE = Table(
    "note",
    META,
    Column("agent", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("text", String, nullable=False),
    Column("label", String, nullable=False),
    Column("run", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("gone", Boolean, nullable=False, default=False),
)
FIRED = Table(
    "trigger_fired",
    META,
    Column("agent", String, primary_key=True),
    Column("trigger", String, primary_key=True),
    Column("at", BigInteger, nullable=False),
)
LISTENED = Table(
    "listened",
    META,
    Column("owner", String, primary_key=True),
    Column("connector", String, primary_key=True),
    Column("place", String, primary_key=True),
    Column("cursor", String, nullable=False, default=""),
    Column("trouble", String, nullable=False, default=""),
    Column("since", BigInteger, nullable=False, default=0),
)
ARRIVED = Table(
    "arrived",
    META,
    Column("owner", String, primary_key=True),
    Column("connector", String, primary_key=True),
    Column("place", String, primary_key=True),
    Column("ref", String, primary_key=True),
    Column("on", String, nullable=False),
    Column("name", String, nullable=False),
    Column("said", String, nullable=False),
    Column("who", String, nullable=False),
    Column("at", BigInteger, nullable=False),
)
"""What came in and set nothing off so far; it is gone once it did."""
