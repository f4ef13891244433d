"""Takes the Copilot seats of an organisation into a data directory, each under a pseudonym."""

import csv
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path

import click

from counterfoil.app.directory import opened
from counterfoil.app.printed import Printed
from counterfoil.collect.copilot_seats import TOOL
from counterfoil.collect.copilot_seats.fetch import pages
from counterfoil.collect.copilot_seats.parse import Grant, merged, parse
from counterfoil.guard.guarded import Guarded, without_keys
from counterfoil.guard.seats import take_seats
from counterfoil.ledger.keys import ERASED
from counterfoil.show.exported import written
from counterfoil.terms.absent import Skipped, Unknown
from counterfoil.terms.error import SourceError, StoreError
from counterfoil.terms.ids import MicroUsd, Pseudonym
from counterfoil.terms.organisation import Seat
from counterfoil.terms.usage import NOT_STATED

TOKENS = ("COUNTERFOIL_GITHUB_TOKEN", "GITHUB_TOKEN")
LOGIN, IDENTITY = "login", "identity"


def run_copilot_seats(
    *, org: str, identities: Path, url: str, cost: str | None, data: Path, as_json: bool
) -> int:
    """Fetch every seat, and say what came of it."""
    token = next((os.environ[name] for name in TOKENS if os.environ.get(name)), None)
    if token is None:
        hint = f"set {TOKENS[0]} to a token with manage_billing:copilot or read:org"
        raise SourceError("no-github-token", "no token for GitHub is set", hint=hint)
    whose, a_month = _identities(identities), _cost(cost)
    read = [one for page in pages(org, token, url=url) for one in parse(page)]
    grants = [one for one in read if isinstance(one, Grant)]
    skipped = Counter(str(one.why) for one in read if isinstance(one, Skipped))
    seats = merged(grants)
    mapped = {login: grant for login, grant in seats.items() if whose.get(login)}
    unmapped = [login for login in seats if login not in whose]
    with opened(data, make=True) as g:
        if (away := without_keys(g)) is not None:
            hint = "start the keyholder, or restore its folder from a copy"
            raise StoreError(away.clause, away.why.rstrip("."), hint=hint)
        nouns = _nouns(g, mapped, whose, a_month)
        erased = list(g.keys.known([whose[login] for login in mapped])).count(ERASED)
        is_whole = not unmapped and not skipped
        appended = take_seats(g, TOOL, nouns, is_whole=is_whole)
    told = {
        "records": len(read),
        "kept": len(nouns),
        "merged": len(grants) - len(seats) + len(mapped) - erased - len(nouns),
        "skipped": dict(skipped),
        "unmapped": len(unmapped),
        "nobodys": len(seats) - len(mapped) - len(unmapped),
        "erased": erased,
        "seat": asdict(appended),
        "ended_told": is_whole,
    }
    printed = Printed()
    if not is_whole:
        printed.words("while some seats can't be placed, none is taken to have ended")
    printed.data(written(told) if as_json else _says(told))
    return printed.done(None)


def _nouns(
    g: Guarded, seats: Mapping[str, Grant], whose: Mapping[str, str], a_month: MicroUsd | Unknown
) -> list[Seat]:
    """Seats under pseudonyms, each person's once; without those of people who had their data erased."""
    people = g.keys.pseudonyms([whose[login] for login in seats])
    named = (replace(grant, login=who) for who, grant in zip(people, seats.values(), strict=True) if who)
    return [
        Seat(
            who=Pseudonym(who),
            tool=TOOL,
            assigned=grant.assigned,
            last_active=grant.last_active,
            activated=grant.activated,
            cost=a_month,
        )
        for who, grant in merged(named).items()
    ]


def _identities(path: Path) -> Mapping[str, str]:
    """Whose each login is, as your systems name them; empty where it is nobody's."""
    hint = f"name a CSV file with the columns {LOGIN} and {IDENTITY}"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            if not {LOGIN, IDENTITY} <= set(rows.fieldnames or ()):
                raise SourceError("identities-columns", f"{path} lacks a column", hint=hint)
            return {
                row[LOGIN].strip().casefold(): (row[IDENTITY] or "").strip() for row in rows if row[LOGIN]
            }
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError("identities-unreadable", f"{path} can't be read as a table", hint=hint) from error


def _cost(told: str | None) -> MicroUsd | Unknown:
    if told is None:
        return NOT_STATED
    try:
        dollars = Decimal(told)
    except InvalidOperation:
        dollars = Decimal(-1)
    if not dollars.is_finite() or not 0 <= dollars <= 100_000:
        raise click.UsageError("--cost is in US dollars a month, such as 19")
    return MicroUsd(int(dollars * 1_000_000))


def _says(told: Mapping[str, object]) -> str:
    words = {
        "kept": "seats kept",
        "merged": "more grants to the same people",
        "unmapped": "with a login that the identities don't have",
        "nobodys": "of logins that are nobody's",
        "erased": "of people whose data were erased",
    }
    parts = [f"{told[name]} {says}" for name, says in words.items() if told[name] or name == "kept"]
    skipped = told["skipped"]
    if isinstance(skipped, dict) and skipped:
        parts += [f"{count} that can't be read ({why})" for why, count in sorted(skipped.items())]
    return f"{told['records']} grants: {', '.join(parts)}"
