"""Issues, lists and withdraws tokens, and gives roles, over a data directory that no server holds."""

from pathlib import Path

import click

from counterfoil.app.directory import opened
from counterfoil.app.printed import Printed
from counterfoil.guard.guarded import Guarded, without_keys
from counterfoil.guard.roles import give, take
from counterfoil.guard.tokens import NOBODY, Scope, issue, tokens, withdraw
from counterfoil.show.exported import written
from counterfoil.terms.ask import Role
from counterfoil.terms.error import SourceError, StoreError
from counterfoil.terms.ids import Pseudonym

UNSEEN = "nothing has named this person yet: check that it is written as in your directory and tables"


def run_new(scope: str, *, name: str, role: str | None, person: str | None, data: Path, as_json: bool) -> int:
    """Issue a token, and print it."""
    wanted = Scope(scope)
    if (person is not None) and wanted is not Scope.INGEST:
        raise click.UsageError("--person goes with the scope ingest alone")
    if (role is not None) != (wanted is Scope.READ):
        raise click.UsageError("--role goes with the scope read, which needs it")
    if not name and person is None:
        raise click.UsageError("say what the token is for with --name")
    printed = Printed()
    with opened(data, make=True) as g:
        who = NOBODY if person is None else _who(g, person, printed)
        token = issue(g, wanted, name, who=who, role=role or "")
    printed.words("This is shown once: keep it where only that program can read it.")
    printed.data(written({"token": token, "scope": scope}) if as_json else token)
    return printed.done(None)


def run_list(*, data: Path, as_json: bool) -> int:
    """Print the tokens that hold."""
    with opened(data) as g:
        rows = [
            {
                "hash": start,
                "scope": str(token.scope),
                "name": "" if token.who else token.name,
                "of": "a person" if token.who else "a program",
                "role": token.role,
                "since": token.since[:10],
            }
            for start, token in tokens(g)
        ]
    lines = [
        f"{row['hash']}  {row['scope']:8} since {row['since']}  "
        + " ".join(part for part in (row["name"] or row["of"], row["role"] and f"as {row['role']}") if part)
        for row in rows
    ]
    printed = Printed()
    printed.data(written(rows) if as_json else "\n".join(lines) or "no token holds")
    return printed.done(None)


def run_withdraw(start: str, *, data: Path, as_json: bool) -> int:
    """Withdraw a token."""
    with opened(data) as g:
        if not withdraw(g, start):
            hint = "copy its twelve letters from: counterfoil token list"
            raise SourceError("no-token", "no token's hash begins so", hint=hint)
    return _done("It holds no longer.", as_json=as_json)


def run_role(role: str, identity: str, *, gives: bool, data: Path, as_json: bool) -> int:
    """Give somebody a role, or take it back."""
    printed = Printed()
    with opened(data, make=gives) as g:
        if gives:
            give(g, Role(role), _who(g, identity, printed))
        else:
            _check_keys(g)
            (who,) = g.keys.known([identity])
            if not who:
                hint = "write it as in your directory and tables"
                raise SourceError("unknown-identity", "nobody is known by that", hint=hint)
            take(g, Role(role), who)
    says = "They hold it from now on." if gives else "They hold it no longer."
    printed.data(written({"says": says}) if as_json else says)
    return printed.done(None)


def _who(g: Guarded, identity: str, printed: Printed) -> Pseudonym:
    """Somebody by any of their names; whoever is new is enrolled, and that is said."""
    _check_keys(g)
    (known,) = g.keys.known([identity])
    if known is None:
        printed.words(UNSEEN)
    (who,) = g.keys.pseudonyms([identity])
    if not who:
        hint = "nothing of theirs is taken in any more"
        raise SourceError("erased", "this person had their data erased", hint=hint)
    return who


def _check_keys(g: Guarded) -> None:
    if (away := without_keys(g)) is not None:
        hint = "start the keyholder, or restore its folder from a copy"
        raise StoreError(away.clause, away.why.rstrip("."), hint=hint)


def _done(says: str, *, as_json: bool) -> int:
    printed = Printed()
    printed.data(written({"says": says}) if as_json else says)
    return printed.done(None)
