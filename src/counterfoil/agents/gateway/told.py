"""What a client is told, in words that its model understands: done, held, refused, or nobody knows."""

from collections.abc import Mapping
from typing import Any

from counterfoil.terms.effect import Approval
from counterfoil.terms.error import ToolError
from counterfoil.terms.release import Refuse

NOT_DONE = "Nothing was done."


def refused(answer: Refuse) -> Mapping[str, Any]:
    """A refusal, with its clause and its words."""
    text = (
        f"Refused ({answer.clause}): {answer.why} {NOT_DONE} "
        "Trying again, or another way to the same, is refused too."
    )
    return _told(text, state="refused", clause=answer.clause)


def held(approval: Approval) -> Mapping[str, Any]:
    """A call that waits for a person."""
    text = (
        f"Held: waits for approval {approval.id}. {approval.why} {NOT_DONE} A person has to say yes first: "
        "tell your user. After that make exactly the same call again; it is then the same one."
    )
    return _told(text, state="held", clause=approval.clause, approval=approval.id)


def not_done(server: str, error: ToolError) -> Mapping[str, Any]:
    """A call of which it is sure that it did nothing."""
    return _told(f"Not done ({error.code}): {server}: {error.message}. {NOT_DONE}", state="not-done")


def unconfirmed(server: str, error: ToolError) -> Mapping[str, Any]:
    """A call of which nobody knows what it did."""
    text = (
        f"Unconfirmed ({error.code}): {server}: {error.message}. It may have happened: do not call it again; "
        "a person has to look."
    )
    return _told(text, state="unconfirmed")


def _told(text: str, **said: str) -> Mapping[str, Any]:
    return {
        "content": [{"type": "text", "text": text}],
        "isError": True,
        "_meta": {f"counterfoil/{name}": value for name, value in said.items()},
    }
