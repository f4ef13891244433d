"""What the pages of agents have in common: who asks, through what, and what a no looks like."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from fastapi import Request, Response

from counterfoil.agents.wire import Asker
from counterfoil.app.door.session import SignedIn
from counterfoil.app.server.agents.asking import OPERATOR
from counterfoil.app.server.agents.talk import AgentsAway, Talk
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.framed import answer, frame
from counterfoil.guard.roles import roles_given
from counterfoil.show.server.frame import RefusedPage
from counterfoil.terms.ask import Role
from counterfoil.terms.error import SourceError

HERE = "/agents"
Asked = ParamSpec("Asked")


def talk(request: Request) -> Talk:
    """What the agents' process is asked through.

    Raises: AgentsAway where this server has no socket for it.
    """
    found: Talk | None = request.app.state.agents
    if found is None:
        raise AgentsAway
    return found


def asker(desk: Desk, signed: SignedIn) -> Asker:
    """Who asks, with the roles that they hold."""
    if signed.who is None:
        return OPERATOR
    # Not at the desk: a switch can't wait until somebody else has been answered.
    return Asker(who=signed.who, roles=(Role.EMPLOYEE, *sorted(roles_given(desk.aside, signed.who))))


def refusing(route: Callable[Asked, Response]) -> Callable[Asked, Response]:
    """A page that says in words why something was not done; its route has `request` and `signed`."""

    @wraps(route)
    def told(*args: Asked.args, **named: Asked.kwargs) -> Response:
        try:
            return route(*args, **named)
        except SourceError as error:
            given: dict[str, Any] = dict(named)
            return refused(given["request"], given["signed"], error)

    return told


def refused(request: Request, signed: SignedIn, error: SourceError) -> Response:
    """Why something was not done, and what to do."""
    page = RefusedPage(
        frame=frame(request, signed, HERE),
        title="That was not done",
        clause=error.code,
        why=sentence(error),
    )
    return answer(page, 404 if error.code.startswith("no-such") else 403)


def sentence(error: Any) -> str:
    """What is wrong, and what to do, as two sentences."""
    return " ".join(
        f"{text[:1].upper()}{text[1:].rstrip('.')}." for text in (error.message, error.hint) if text
    )
