"""An error as the operator reads it: what went wrong and one thing to do."""

from counterfoil.show.exported import written
from counterfoil.show.words import safe
from counterfoil.terms.error import CounterfoilError


def problem(error: CounterfoilError) -> str:
    """Two lines for the terminal: the error and its hint."""
    return f"error: {safe(error.message)}\nhint: {safe(error.hint)}\n"


def problem_json(error: CounterfoilError) -> str:
    """The same as JSON, with the stable code."""
    return written({"error": {"code": error.code, "message": error.message, "hint": error.hint}}) + "\n"
