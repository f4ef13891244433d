"""Calls as they are written down, and the digests that bind a yes to every byte of one."""

import json
from hashlib import sha256

import msgspec

from counterfoil.guard.acting.judge import destinations
from counterfoil.terms.effect import Call
from counterfoil.terms.tool import Argument

NO_TEXT = ""


_written = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def canonical(value: object) -> str:
    """The same text for the same value."""
    return _written(value)


def digest_of(call: Call) -> str:
    """Of the tool and what its server says of it, every argument, where it goes, the run and the number."""
    arguments = sorted((a.name, a.role.value, a.kind, a.json) for a in call.arguments)
    to = [name for name, _ in destinations(call)]
    bound = [call.tool.id, call.tool.digest, call.agent, call.run, call.number, arguments, to]
    return sha256(canonical(bound).encode()).hexdigest()


def arguments_of(call: Call) -> str:
    """The arguments as they will be sent, as one JSON object."""
    return canonical({argument.name: json.loads(argument.json) for argument in call.arguments})


def repeated(call: Call) -> Argument | None:
    """An argument that is there twice, of which nobody could say which one counts."""
    seen: set[str] = set()
    for argument in call.arguments:
        if argument.name in seen:
            return argument
        seen.add(argument.name)
    return None


def call_bytes(call: Call) -> bytes:
    """A call with all its labels, to be judged again later."""
    return msgspec.json.encode(call)


def call_of(written: bytes) -> Call:
    """The call that was written down."""
    return msgspec.json.decode(written, type=Call)
