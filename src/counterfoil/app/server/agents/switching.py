"""Switches that the server holds: off at once and recorded then, on again only once it is recorded."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from counterfoil.agents.wire import Asker
from counterfoil.app.server.agents.state import State
from counterfoil.app.server.desk import Desk
from counterfoil.guard.acting import stops
from counterfoil.terms.ask import Role, Viewer
from counterfoil.terms.error import SourceError
from counterfoil.terms.release import Refuse

SWITCHES = ("stop", "resume")


class Switches:
    """What the operator, administration and data protection may switch off, also while a model hangs."""

    def __init__(
        self, desk: Desk, state: State, now: Callable[[], datetime], nudge: Callable[[], None]
    ) -> None:
        self._desk, self._state, self._now, self._nudge = desk, state, now, nudge

    def may(self, asker: Asker, arguments: Mapping[str, msgspec.Raw]) -> bool:
        """Whether this is for the server; what an owner does with an agent of theirs is not."""
        return _role(asker) is not None and bool(arguments)

    def turn(self, name: str, asker: Asker, arguments: Mapping[str, msgspec.Raw]) -> Mapping[str, Any]:
        """Switch something off or on.

        Raises: SourceError where it can't be; StoreError where it can't be recorded: then what was to be
        switched off is off all the same, and what was to be switched on is not on.
        """
        viewer = Viewer(who=asker.who, role=_role(asker) or Role.EMPLOYEE)
        what, why = _text(arguments, "what"), _text(arguments, "why")
        _check(stops.may_stop(viewer, what))
        if name == "stop":
            stopped = stops.stop_of(self._now(), viewer, what, why)
            self._state.off_at_once(stopped)
            self._nudge()
            with self._desk.hold() as g:
                _check(stops.stop(g, viewer, stopped))
        else:
            with self._desk.hold() as g:
                _check(stops.resume(g, viewer, what))
        self._state.recorded(what)
        self._nudge()
        return {"what": what, "off": name == "stop"}


def _role(asker: Asker) -> Role | None:
    return next((role for role in asker.roles if role in stops.MAY), None)


def _text(arguments: Mapping[str, msgspec.Raw], name: str) -> str:
    try:
        return msgspec.json.decode(arguments.get(name, msgspec.Raw(b'""')), type=str)
    except (msgspec.DecodeError, ValueError) as error:
        hint = "see counterfoil agent stop --help"
        raise SourceError("agents-stop", f"{name} is no text", hint=hint) from error


def _check(refused: Refuse | None) -> None:
    if refused is not None:
        hint = "ask one of them, or the agent's owner"
        raise SourceError(refused.clause, refused.why.rstrip("."), hint=hint)
