"""Translates policies for a prover; what it does not know is an error, so nothing is proved by omission."""

from collections.abc import Callable
from typing import Any

import cedarpy
import z3

STRINGS = ("purpose", "grain", "kind")
NUMBERS = ("others", "floor")
FLAGS = ("in_programme", "shown", "logged", "case_open", "own_team")
ACTIONS = ("read", "export", "open_identity")
ROLES = ("finance", "security_responder")


class World:
    """Any request at all, as variables."""

    def __init__(self) -> None:
        self.text = {name: z3.String(name) for name in STRINGS}
        self.number = {name: z3.Int(name) for name in NUMBERS}
        self.flag = {name: z3.Bool(name) for name in FLAGS}
        self.person = {name: z3.Int(name) for name in ("principal", "subject", "second_approver")}
        self.action = z3.String("action")
        self.role = {name: z3.Bool(f"in_{name}") for name in ROLES}
        self.council = z3.Function("works_council", z3.IntSort(), z3.BoolSort())
        self.possible = z3.And(
            z3.Or([self.action == name for name in ACTIONS]), *[n >= 0 for n in self.number.values()]
        )

    def attribute(self, name: str) -> Any:
        for group in (self.text, self.number, self.flag, self.person):
            if name in group:
                return group[name]
        raise NotImplementedError(name)


def allowed(policies: str, world: Any) -> Any:
    """When some policies allow a request: some rule permits, and none forbids."""
    rules = cedarpy.policies_to_pst(policies)
    if rules.templates:
        raise NotImplementedError("templates")
    parts: dict[str, list[Any]] = {"permit": [], "forbid": []}
    for rule in rules.static_policies.values():
        body = [_clause(clause, world) for clause in rule.clauses]
        scope = [
            _principal(rule.principal, world),
            _action(rule.action, world),
            _resource(rule.resource, world),
        ]
        parts[rule.effect].append(z3.And(*scope, *body))
    return z3.And(z3.Or(parts["permit"]), z3.Not(z3.Or(parts["forbid"])))


def _clause(clause: Any, world: Any) -> Any:
    said = _expression(clause.expr, world)
    match type(clause).__name__:
        case "When":
            return said
        case "Unless":
            return z3.Not(said)
    raise NotImplementedError(type(clause).__name__)


def _principal(scope: Any, world: Any) -> Any:
    match type(scope).__name__:
        case "ScopeAny":
            return z3.BoolVal(True)
        case "ScopeEq":
            return world.agent == scope.entity.id
        case "ScopeIn":
            if scope.entity.type.basename == "Role":
                return world.role[scope.entity.id]
    raise NotImplementedError(repr(scope))


def _action(scope: Any, world: Any) -> Any:
    match type(scope).__name__:
        case "ScopeAny" | "ActionAny":
            return z3.BoolVal(True)
        case "ScopeEq" | "ActionEq":
            return world.action == scope.entity.id
        case "ActionIn":
            return z3.Or([world.action == entity.id for entity in scope.entities])
    raise NotImplementedError(repr(scope))


def _resource(scope: Any, world: Any) -> Any:
    match type(scope).__name__:
        case "ScopeAny":
            return z3.BoolVal(True)
        case "ScopeEq":
            return world.tool == scope.entity.id
    raise NotImplementedError(repr(scope))


BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "and": z3.And,
    "or": z3.Or,
    "eq": lambda left, right: left == right,
    "not_eq": lambda left, right: left != right,
    "less": lambda left, right: left < right,
}


def _expression(node: Any, world: Any) -> Any:
    match type(node).__name__:
        case "BinaryOp" if node.op == "contains":
            wanted = _expression(node.right, world)
            return z3.Or([wanted == _expression(element, world) for element in node.left.elements])
        case "BinaryOp" if node.op == "in":
            return _within(node, world)
        case "BinaryOp" if node.op == "eq" and type(node.right).__name__ == "EntityLit":
            return _within(node, world)
        case "UnaryOp" if node.op == "not":
            return z3.Not(_expression(node.arg, world))
        case "Like":
            return z3.InRe(_expression(node.base, world), _pattern(node.pattern))
        case "BinaryOp" if node.op in BINARY:
            return BINARY[node.op](_expression(node.left, world), _expression(node.right, world))
        case "BoolLit":
            return z3.BoolVal(node.value)
        case "StringLit":
            return z3.StringVal(node.value)
        case "LongLit":
            return z3.IntVal(node.value)
        case "Var" if node.name == "principal":
            return world.person["principal"]
        case "GetAttr" if node.attr == "works_council":
            return world.council(_expression(node.base, world))
        case "GetAttr" if type(node.base).__name__ == "Var":
            return world.attribute(node.attr)
    raise NotImplementedError(repr(node))


def _within(node: Any, world: Any) -> Any:
    """Whether the action is one of some, or the tool one of a connector's."""
    listed = node.right.elements if type(node.right).__name__ == "Set" else (node.right,)
    if type(node.left).__name__ != "Var" or any(type(one).__name__ != "EntityLit" for one in listed):
        raise NotImplementedError(repr(node))
    known = {"action": "Action", "resource": "Connector"}
    if any(known.get(node.left.name) != one.value.type.basename for one in listed):
        raise NotImplementedError(repr(node))
    is_one = world.action if node.left.name == "action" else world.connector
    return z3.Or([is_one == one.value.id for one in listed])


def _pattern(pattern: Any) -> Any:
    """A pattern of Cedar, in which a wildcard stands for anything, as a regular expression."""
    anything = z3.Full(z3.ReSort(z3.StringSort()))
    pieces = [z3.Re(piece.value) if type(piece).__name__ == "Char" else anything for piece in pattern]
    return z3.Concat(*pieces) if len(pieces) > 1 else pieces[0] if pieces else z3.Re("")


def counterexample(policies: str, claim: Callable[[Any], Any], world: Any = None) -> str:
    """A request that the policies allow although a claim does not hold of it; empty where there is none.

    Raises: NotImplementedError where a policy has something that is not translated; RuntimeError where the
    prover gives up.
    """
    world = world or World()
    solver = z3.Solver()
    solver.set("timeout", 20_000)
    solver.add(world.possible, allowed(policies, world), z3.Not(claim(world)))
    match solver.check():
        case z3.unsat:
            return ""
        case z3.sat:
            return str(solver.model())
    raise RuntimeError("the prover gives up")
