"""AgentDojo's tools as our gate knows them, from the labels in `manifest/`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from counterfoil.terms.label import Integrity, Secrecy
from counterfoil.terms.tool import ArgumentRole, ArgumentSpec, ConnectorId, EffectClass, Tool

FOLDER = Path(__file__).parent / "manifest"


@cache
def written() -> Mapping[str, Mapping[str, Any]]:
    """What the labels say, by the tool's name, with its system."""
    found: dict[str, Mapping[str, Any]] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        for system, tools in tomllib.loads(path.read_text("utf-8")).items():
            found |= {name: {"system": system, **told} for name, told in tools.items()}
    return found


@cache
def tools(suite: str) -> Mapping[str, Tool]:
    """The tools of one suite, by name."""
    return {name: _tool(name, told) for name, told in written().items() if suite in told["suites"]}


def _tool(name: str, told: Mapping[str, Any]) -> Tool:
    return Tool(
        connector=ConnectorId(told["system"]),
        name=name,
        effect=EffectClass(told["effect"]),
        reversible=told.get("reversible", False),
        arguments={of: _spec(role) for of, role in told.get("arguments", {}).items()},
        output=Integrity.TYPED if told.get("trusted") else Integrity.UNTRUSTED,
        secrecy=Secrecy[told["secrecy"].upper()],
        typed=tuple(told.get("typed", ())),
        named=told.get("named", ""),
        why=told["why"],
    )


def _spec(role: str) -> ArgumentSpec:
    role, _, kind = role.partition(":")
    return ArgumentSpec(role=ArgumentRole(role.rstrip("?")), kind=kind, may_be_empty=role.endswith("?"))
