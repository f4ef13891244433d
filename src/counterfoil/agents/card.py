"""The card that a person answers: made from the call alone, and never of the model's words about it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from counterfoil.guard.acting.judge import destinations
from counterfoil.terms.effect import Approval, Approver, Call
from counterfoil.terms.label import Integrity, Label, Secrecy
from counterfoil.terms.tool import Argument, ArgumentRole, EffectClass

DOES = {
    EffectClass.READ: "reads",
    EffectClass.ASK: "asks outside, so that the question leaves",
    EffectClass.DRAFT: "lays a draft before the owner",
    EffectClass.ARRANGE: "moves or marks what is the owner's",
    EffectClass.CHANGE: "changes what others see or use",
    EffectClass.POST: "says something where many read it",
    EffectClass.SEND: "says something to named people",
    EffectClass.DEPLOY: "puts a revision to work",
    EffectClass.DELETE: "takes something away for good",
    EffectClass.PAY: "moves money, or promises it",
    EffectClass.GOVERN: "changes rights, secrets or settings",
    EffectClass.EXECUTE: "runs code",
}
TRUST = {
    Integrity.OWNER: "the owner's own words",
    Integrity.TYPED: "a field that nobody outside can write in",
    Integrity.UNTRUSTED: "text that somebody else may have written",
}
PLAIN = frozenset({"mail", "host", "page", "repo", "environment"})
"""Kinds of places whose names are of plain letters as a rule, so that any other is told."""
KNOWN_TO = {
    Secrecy.PUBLIC: "",
    Secrecy.INTERNAL: "for the organisation",
    Secrecy.PRIVATE: "for the owner alone",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of an argument, as it stands in the call."""

    text: str
    comes: str
    """Where it comes from, in plain words."""
    foreign: bool
    """Whether somebody else may have written it."""
    private: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One argument."""

    name: str
    is_where: bool
    """Whether it says where something goes."""
    value: str
    """As it will be sent."""
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Everything that a person has to know to say yes or no."""

    approval: str
    digest: str
    """Of exactly what a yes lets through."""
    agent: str
    tool: str
    does: str
    """What the tool does to the world."""
    to: Sequence[str]
    lines: Sequence[Line]
    cause: str
    can_be_undone: bool
    undone: str
    clause: str
    why: str
    """Which rule asks, in its words."""
    needs: Approver
    expires: datetime


def card_of(call: Call, approval: Approval) -> Card:
    """The card of a call."""
    undo = "The system itself can take it back." if call.tool.reversible else "It can't be taken back."
    return Card(
        approval=approval.id,
        digest=approval.digest,
        agent=call.agent,
        tool=call.tool.id,
        does=DOES[call.tool.effect],
        to=[_place(name) for name, _ in destinations(call)],
        lines=[_line(argument) for argument in call.arguments],
        cause="" if call.cause is None else f"{call.cause.kind.value} {call.cause.ref}".strip(),
        can_be_undone=call.tool.reversible,
        undone=undo,
        clause=approval.clause,
        why=approval.why,
        needs=approval.needs,
        expires=approval.expires,
    )


def _line(argument: Argument) -> Line:
    written = json.loads(argument.json)
    value = visible(written if isinstance(written, str) else argument.json)
    return Line(
        name=visible(argument.name),
        is_where=argument.role is ArgumentRole.DESTINATION,
        value=value,
        pieces=[
            Piece(
                visible(part.text),
                comes_from(part.label),
                part.label.integrity is Integrity.UNTRUSTED,
                part.label.secrecy is Secrecy.PRIVATE,
            )
            for part in argument.parts
        ]
        or [Piece(value, "nobody knows where from", True, True)],
    )


def visible(text: str) -> str:
    """A text in which every letter that hides, or turns others around, stands as what it is."""
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else f"[U+{ord(letter):04X}]" for letter in text
    )


def _place(name: str) -> str:
    """A destination, with a word about letters that only look like plain ones."""
    odd = sorted({f"U+{ord(letter):04X}" for letter in name if ord(letter) > 127})
    kind = name.partition(":")[0]
    return visible(name) + (f" (with {', '.join(odd)})" if odd and kind in PLAIN else "")


def comes_from(label: Label) -> str:
    """Where something comes from and who may know it, in plain words."""
    read = sorted(source for source in label.sources if source not in {"owner", "approver"})
    where = f", from {', '.join(read)}" if read else ""
    own = "an approver's own words" if label.sources == {"approver"} else TRUST[label.integrity]
    whose = f"; {KNOWN_TO[label.secrecy]}" if KNOWN_TO[label.secrecy] else ""
    return f"{own}{where}{whose}"
