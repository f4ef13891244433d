"""Keeps the secrets of webhooks, and says whose logins are whose."""

import csv
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from counterfoil.app.directory import opened
from counterfoil.app.door.deliveries import Forge
from counterfoil.app.hook_secrets import keep, kept_secrets, withdraw
from counterfoil.app.printed import Printed
from counterfoil.guard import aliases
from counterfoil.guard.guarded import without_keys
from counterfoil.show.exported import written
from counterfoil.terms.error import SourceError, StoreError

STDIN = "-"
COLUMNS = ("login", "person")


def run_secret(forge: str, *, data: Path, file: Path | None, as_json: bool) -> int:
    """Keep a secret from a file, or make one and print it, once."""
    given = None if file is None else _read(file).strip()
    with opened(data, make=True) as g:
        new = keep(g, data, Forge(forge), given)
    printed = Printed()
    told = {"name": new.name, "forge": new.forge, "secret": new.secret if given is None else None}
    if given is None:
        printed.words("Give it to the forge now: it is not shown again.")
    printed.data(written(told) if as_json else new.secret if given is None else f"kept as {new.name}")
    return printed.done(None)


def run_list(*, data: Path, as_json: bool) -> int:
    """Print which secrets hold, and none of them."""
    told = [{"name": one.name, "forge": one.forge, "since": one.since} for one in kept_secrets(data)]
    printed = Printed()
    lines = "\n".join(f"{one['name']}  {one['forge']:8} since {one['since']}" for one in told)
    printed.data(written(told) if as_json else lines or "no secret is kept, so no delivery is taken")
    return printed.done(None)


def run_withdraw(name: str, *, data: Path, as_json: bool) -> int:
    """Let a secret hold no longer."""
    with opened(data) as g:
        if not withdraw(g, data, name):
            hint = "counterfoil hook list names those there are"
            raise SourceError("no-hook-secret", f"there is no secret of the name {name}", hint=hint)
    printed = Printed()
    printed.data(written({"withdrawn": name}) if as_json else f"{name} holds no longer")
    return printed.done(None)


def run_add(login: str | None, identity: str | None, *, file: Path | None, data: Path, as_json: bool) -> int:
    """Say whose login it is, or of many in a table."""
    if (login is None or identity is None) == (file is None):
        raise click.UsageError("name LOGIN and IDENTITY, or a table with --file")
    pairs = _pairs(file) if file is not None else [(str(login), str(identity))]
    pairs = [(_login(one), who) for one, who in pairs]
    with opened(data, make=True) as g:
        if (away := without_keys(g)) is not None:
            hint = "start the keyholder, or restore its folder from a copy"
            raise StoreError(away.clause, away.why.rstrip("."), hint=hint)
        count = aliases.add(g, pairs) if pairs else 0
    printed = Printed()
    printed.data(written({"added": count}) if as_json else f"{count:,} of {len(pairs):,} logins are new")
    return printed.done(None)


def run_remove(login: str, *, data: Path, as_json: bool) -> int:
    """Let a login be nobody's but its own."""
    with opened(data) as g:
        gone = aliases.withdraw(g, _login(login))
    printed = Printed()
    says = "it is nobody's any more" if gone else "it was nobody's"
    printed.data(written({"withdrawn": gone}) if as_json else says)
    return printed.done(None)


def _login(login: str) -> str:
    forge, colon, name = login.partition(":")
    if not colon or forge not in set(Forge) or not name:
        hint = "write it as github:LOGIN or gitlab:LOGIN"
        raise SourceError("no-login", f"{login} is no login of a forge", hint=hint)
    return login.lower()


def _pairs(file: Path) -> Sequence[tuple[str, str]]:
    rows = csv.DictReader(_read(file).splitlines(), strict=True)
    try:
        if not set(COLUMNS) <= set(rows.fieldnames or ()):
            hint = f"its first line names the columns {' and '.join(COLUMNS)}"
            raise SourceError("table-columns", f"{file} has other columns", hint=hint)
        told = [(row["login"] or "", row["person"] or "") for row in rows]
    except csv.Error as error:
        raise SourceError("table-unreadable", f"{file} is no table", hint="write it as CSV") from error
    return [(login.strip(), who.strip()) for login, who in told if login.strip() and who.strip()]


def _read(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == STDIN else file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError("file-unreadable", f"{file} can't be read", hint="name a file of text") from error
