"""Times the gate: a decision with 1,000 policies, an effect with its durable record, many at once.

Usage: python -m bench.gate [--quick]
"""

import argparse
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import cedarpy

from counterfoil.agents.gate import Cleared, Gate
from counterfoil.agents.keeping import Keeping
from counterfoil.agents.lifeline import Told
from counterfoil.guard.acting.written import rules_of, schema_text
from counterfoil.ledger.sign import SignerKey
from counterfoil.store.agents.database import Database
from counterfoil.store.agents.granted import Enrolled
from counterfoil.terms.agent import AgentId, Budget, Cause, CauseKind, Ceiling, Grant, RunId
from counterfoil.terms.effect import Call, EffectState
from counterfoil.terms.ids import MicroUsd, Pseudonym
from counterfoil.terms.label import OWNERS, Integrity, Label, Part, Secrecy
from counterfoil.terms.tool import Argument, ArgumentRole, ArgumentSpec, ConnectorId, EffectClass, Tool

FOLDER = Path(".bench")
AGENTS, TOOLS = 50, 20
"""Each agent has a grant for each tool: a thousand policies."""
ANNA = Pseudonym("anna")
MUCH = Budget(run=MicroUsd(10**12), day=MicroUsd(10**12), month=MicroUsd(10**12))
FOREIGN = Label(Integrity.UNTRUSTED, Secrecy.INTERNAL)
NUMBERS = count(1)
A_TURN = 20
CEILING = Ceiling(
    name="organisation",
    version=1,
    connectors={ConnectorId("mail"): tuple(EffectClass)},
    models=(),
    regions=(),
    inside=("mail:*@example.org",),
    production=(),
    approvers=(),
    budget=MUCH,
)
SPECS = {"to": ArgumentSpec(role=ArgumentRole.DESTINATION), "text": ArgumentSpec(role=ArgumentRole.TEXT)}


def tool(number: int) -> Tool:
    return Tool(
        connector=ConnectorId("mail"),
        name=f"send{number}",
        effect=EffectClass.SEND,
        reversible=False,
        arguments=SPECS,
        output=Integrity.UNTRUSTED,
        secrecy=Secrecy.PRIVATE,
        why="A tool of the benchmark.",
        digest="pinned",
    )


def call(label: Label = OWNERS) -> Call:
    """A mail of one agent of all, with words of its own each time."""
    number = next(NUMBERS)
    text, to = f"message {number}", "ann@example.org"
    return Call(
        run=RunId("run"),
        number=number,
        agent=AgentId(f"agent{number % AGENTS}"),
        owner=ANNA,
        tool=tool(number % TOOLS),
        arguments=(
            Argument(
                name="to",
                role=ArgumentRole.DESTINATION,
                kind="mail",
                json=json.dumps(to),
                parts=(Part(to, OWNERS),),
            ),
            Argument(
                name="text",
                role=ArgumentRole.TEXT,
                kind="",
                json=json.dumps(text),
                parts=(Part(text, label),),
            ),
        ),
        cause=Cause(CauseKind.REQUEST, "r"),
        run_label=OWNERS,
    )


def grants() -> Sequence[Grant]:
    return [
        Grant(agent=AgentId(f"agent{a}"), tool=tool(t).id, digest="pinned", to=("mail:ann@example.org",))
        for a in range(AGENTS)
        for t in range(TOOLS)
    ]


def gate_in(folder: Path) -> Gate:
    """A gate with a thousand grants."""
    keeping = Keeping(
        folder, SignerKey.new("agents.bench"), Database.in_file(folder / "agents.sqlite"), Told([CEILING])
    )
    gate, all_grants = Gate(keeping), grants()
    for number in range(AGENTS):
        agent = AgentId(f"agent{number}")
        mine = [grant for grant in all_grants if grant.agent == agent]
        gate.enrolment.enrol(Enrolled(id=agent, owner=ANNA, budget=MUCH), mine)
    return gate


def in_turns(works: dict[str, Callable[[], object]], many: int) -> dict[str, dict[str, float]]:
    """The same of several, a few of each in turns, so that a busy moment hits all; CPU of this thread too."""
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for turn in range(-1, many // A_TURN):
        for name, work in works.items():
            for _ in range(A_TURN):
                began, cpu = time.perf_counter_ns(), time.thread_time_ns()
                work()
                one = (time.perf_counter_ns() - began) / 1_000, (time.thread_time_ns() - cpu) / 1_000
                took[name] += [one] if turn >= 0 else []
    found = {}
    for name, each in took.items():
        walls, cpus = (sorted(one) for one in zip(*each, strict=True))
        middle, last = len(walls) // 2, int(len(walls) * 0.99)
        found[name] = {"p50": walls[middle], "p99": walls[last], "cpu p50": cpus[middle]}
        found[name]["cpu p99"] = cpus[last]
    return found


def plainly() -> tuple[Callable[[], object], Callable[[], object]]:
    """The same question asked of Cedar with every policy: parsed once, and parsed each time."""
    text = rules_of([CEILING], grants())
    parsed, schema = cedarpy.PolicySet.from_str(text), cedarpy.Schema.from_str(schema_text())
    context = {
        "destination": "mail:ann@example.org", "named": True, "inside": True, "production": False,
        "tool_hash": "pinned", "day": 20_000, "tainted_target": False, "tainted_text": False,
        "private": False, "has_cause": True, "needless": "", "stopped": False, "live": True,
        "affordable": True, "standing": False, "approved": False, "approved_by_other": False,
        "proposed": False,
    }  # fmt: skip
    connector = {"type": "Connector", "id": "mail"}

    def asked(rules: Any) -> object:
        number = next(NUMBERS)
        agent, of = f"agent{number % AGENTS}", f"mail/send{number % TOOLS}"
        request = {
            "principal": {"type": "Agent", "id": agent},
            "action": {"type": "Action", "id": "send"},
            "resource": {"type": "Tool", "id": of},
            "context": context,
        }
        entities: list[dict[Any, Any]] = [
            {"uid": connector, "attrs": {}, "parents": []},
            {"uid": {"type": "Tool", "id": of}, "attrs": {"reversible": False}, "parents": [connector]},
            {"uid": {"type": "Agent", "id": agent}, "attrs": {"owner": "anna"}, "parents": []},
        ]
        answer = cedarpy.is_authorized(request, rules, entities, schema)
        if answer.decision != cedarpy.Decision.Allow:
            raise RuntimeError(answer.diagnostics.errors)
        return answer

    return lambda: asked(parsed), lambda: asked(text)


def made(gate: Gate, *, wait: bool) -> Callable[[], object]:
    """One effect from beginning to end."""

    def work() -> None:
        answer = gate.begin(call())
        if not isinstance(answer, Cleared):
            raise TypeError(answer)
        gate.finish(answer, state=EffectState.DONE, wait=wait)

    return work


def least(folder: Path) -> Callable[[], object]:
    """The one sync that a record has to wait for, of as many bytes, and nothing else."""
    db = sqlite3.connect(folder / "least.sqlite", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE row (data TEXT)")
    return lambda: db.execute("INSERT INTO row VALUES (?)", ("x" * 1_000,))


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args(words)
    many = 200 if asked.quick else 2_000
    FOLDER.mkdir(exist_ok=True)
    told: dict[str, Any] = {"policies": AGENTS * TOOLS}
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        gate = gate_in(Path(folder))
        parsed, each_time = plainly()
        judged: dict[str, Callable[[], object]] = {
            "decision": lambda: gate.judge(call()),
            "hold": lambda: gate.judge(call(FOREIGN)),
            "cedar with all": parsed,
        }
        recorded = {
            "begin and finish": made(gate, wait=True),
            "begin, finish soon": made(gate, wait=False),
            "one sync alone": least(Path(folder)),
        }
        told |= in_turns(judged, many) | in_turns({"cedar, parsed each time": each_time}, A_TURN)
        told |= in_turns(recorded, many)
        work = made(gate, wait=False)
        began = time.perf_counter()
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda _: work(), range(many)))
        told["effects a second, 16 at once"] = round(many / (time.perf_counter() - began))
        gate.close()
    (FOLDER / "gate.json").write_text(json.dumps(told, indent=1))
    for name, figure in told.items():
        print(
            f"{name:32}",
            *(f"{k} {v:,.0f} us" for k, v in figure.items()) if isinstance(figure, dict) else [figure],
        )


if __name__ == "__main__":
    main(sys.argv[1:])
