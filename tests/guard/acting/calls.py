"""Calls, tools, grants and a ceiling as tests need them."""

import json
from collections.abc import Sequence

from counterfoil.guard.acting.judge import Facts
from counterfoil.terms.agent import AgentId, Budget, Cause, CauseKind, Ceiling, Grant, RunId
from counterfoil.terms.effect import Call
from counterfoil.terms.ids import MicroUsd, Pseudonym
from counterfoil.terms.label import OWNERS, Integrity, Label, Part, Secrecy
from counterfoil.terms.tool import Argument, ArgumentRole, ArgumentSpec, ConnectorId, EffectClass, Tool

TRIAGE = AgentId("triage")
ANNA, BORIS = Pseudonym("anna"), Pseudonym("boris")
MINE = OWNERS
FOREIGN = Label(Integrity.UNTRUSTED, Secrecy.INTERNAL, frozenset({"mail/read#1"}))
NOW = Facts(day=20_000, live=True)
SOME = Budget(run=MicroUsd(1_000_000), day=MicroUsd(5_000_000), month=MicroUsd(50_000_000))
REQUEST = Cause(CauseKind.REQUEST, "req-1")
CEILING = Ceiling(
    name="organisation",
    version=1,
    connectors={
        ConnectorId("mail"): tuple(EffectClass),
        ConnectorId("chat"): tuple(EffectClass),
        ConnectorId("model"): (EffectClass.ASK,),
    },
    models=("anthropic:claude-*",),
    regions=("eu",),
    inside=("mail:*@example.org", "channel:*", "environment:*", "model:*", "folder:*"),
    production=("environment:production",),
    approvers=(BORIS,),
    budget=SOME,
)


def tool(effect: EffectClass, *, connector: str = "mail", name: str = "") -> Tool:
    """A tool of one class, with a destination and a text."""
    specs = {
        "to": ArgumentSpec(role=ArgumentRole.DESTINATION),
        "text": ArgumentSpec(role=ArgumentRole.TEXT),
    }
    return Tool(
        connector=ConnectorId(connector),
        name=name or effect.value,
        effect=effect,
        reversible=False,
        arguments=specs,
        output=Integrity.UNTRUSTED,
        secrecy=Secrecy.PRIVATE,
        why="A tool of tests.",
        digest="pinned",
    )


def argument(
    name: str, value: object, label: Label = OWNERS, *, role: ArgumentRole = ArgumentRole.TEXT, kind: str = ""
) -> Argument:
    """One argument, all of one label."""
    parts = (Part(str(value), label),)
    return Argument(name=name, role=role, kind=kind, json=json.dumps(value), parts=parts)


def call(
    of: Tool,
    *,
    to: str | Sequence[str] = "",
    kind: str = "mail",
    to_label: Label = OWNERS,
    text: str = "hello",
    text_label: Label = OWNERS,
    cause: Cause | None = REQUEST,
    number: int = 1,
) -> Call:
    """A call of one tool."""
    where = [argument("to", to, to_label, role=ArgumentRole.DESTINATION, kind=kind)] if to else []
    return Call(
        run=RunId("run-1"),
        number=number,
        agent=TRIAGE,
        owner=ANNA,
        tool=of,
        arguments=(*where, argument("text", text, text_label)),
        cause=cause,
        run_label=OWNERS,
    )


def grant(of: Tool, *to: str) -> Grant:
    """Leave for the agent of tests."""
    return Grant(agent=TRIAGE, tool=of.id, digest=of.digest, to=to)
