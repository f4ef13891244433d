"""Who asks from the command line: the person whose secret it is, or the operator of the machine."""

from counterfoil.agents.wire import Asked, Asker
from counterfoil.app.server.desk import Desk
from counterfoil.guard.roles import roles_given
from counterfoil.ledger.keys import parse_secret
from counterfoil.terms.ask import Role
from counterfoil.terms.error import SourceError

OPERATOR = Asker(who=None, roles=(Role.OPERATOR,))


def asker_of(desk: Desk, told: Asked) -> Asker:
    """Who asks; the roles that somebody claims are not believed.

    Raises: SourceError where nobody has that secret.
    """
    if not told.secret:
        return OPERATOR
    secret = parse_secret(told.secret)
    # Not at the desk: a switch can't wait until somebody else has been answered.
    g = desk.aside
    who = g.keys.whose(secret)
    if who is None:
        hint = "ask whoever holds the keys for your secret; after an erasure there is none"
        raise SourceError("unknown-secret", "nobody is known by this secret", hint=hint)
    return Asker(who=who, roles=(Role.EMPLOYEE, *sorted(roles_given(g, who))))
