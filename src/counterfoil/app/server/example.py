"""Builds an invented company behind a gate of its own, in a folder that is gone when it is let go of."""

import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from counterfoil.app.directory import opened
from counterfoil.app.progress import Meter
from counterfoil.app.server.agents.example.ceiling import sign_ceiling
from counterfoil.app.server.example_forge import told_by
from counterfoil.app.server.example_pulse import hold_pulse
from counterfoil.collect.table.organisation import TableReading, open_table
from counterfoil.guard.audited import OPERATOR, audit, audits_due
from counterfoil.guard.exempt import begin_taking, kinds_of
from counterfoil.guard.force import FIRST, consent_text, digest_of, loaded_text
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.publish import publish
from counterfoil.guard.roles import give
from counterfoil.ledger.keyholder import Keyholder
from counterfoil.ledger.keys import Keys
from counterfoil.ledger.sign import SignerKey, signed_note
from counterfoil.programme.example import example
from counterfoil.simulate.company.design import design_of
from counterfoil.simulate.company.people import invent
from counterfoil.simulate.forge.tell import forge
from counterfoil.simulate.tables.company import Company, company, write_company
from counterfoil.store.spending import recount
from counterfoil.terms.ask import Role
from counterfoil.terms.batch import Batch, batches
from counterfoil.terms.error import StoreError
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.organisation import Seat
from counterfoil.terms.period import Block
from counterfoil.terms.release import Refuse

PEOPLE, SEED, BLOCKS = 2_000, 1, 5
NINE = time(9)
"""When the programme came into force, on the first day of the first block."""
IDLE_SINCE = timedelta(days=180)
TABLES = (
    *("people", "membership", "exemptions", "org", "seats"),
    *("usage_days", "changes", "deployments", "drafts", "tickets"),
    *("sessions", "joins", "marks", "landings"),
)
PARTIES = ("employer", "works-council", "data-protection")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Somebody invented, as whom the pages can be looked at."""

    key: str
    label: str
    about: str
    role: Role
    identity: str
    """What the invented directory calls them; empty for the operator."""


GUESTS = (
    Guest(
        key="employee",
        label="an employee",
        about="Somebody who is measured, and measures nobody.",
        role=Role.EMPLOYEE,
        identity="p000001",
    ),
    Guest(
        key="leader",
        label="a head of engineering",
        about="Leads a department; sees units, and never their own team's use.",
        role=Role.LEADER,
        identity="p000000",
    ),
    Guest(
        key="council",
        label="a member of the works council",
        about="Watches that the programme is kept as it is written.",
        role=Role.COUNCIL,
        identity="p000005",
    ),
    Guest(
        key="finance",
        label="an HR and finance lead",
        about="Answers for seats and cost; sees no person and no review.",
        role=Role.FINANCE,
        identity="p000007",
    ),
    Guest(
        key="operator",
        label="the operator",
        about="Runs the server: sources, tokens, coverage.",
        role=Role.OPERATOR,
        identity="",
    ),
)


@dataclass(frozen=True, slots=True)
class Known:
    """A guest as the sessions know them."""

    guest: Guest
    who: Pseudonym | None
    secret: bytes | None


def known_guests(keys: Keys) -> Mapping[str, Known]:
    """Every guest, with the secret that an invented person would have."""
    found = {guest.key: Known(guest, None, None) for guest in GUESTS}
    for guest in GUESTS:
        if guest.identity:
            (who,) = keys.pseudonyms([guest.identity])
            found[guest.key] = Known(guest, who, _secret(keys, guest.identity))
    return found


@contextmanager
def invented(people: int, today: date, meter: Meter) -> Iterator[tuple[Guarded, Path]]:
    """An invented company that has lived under a programme for months, with the folder of its data."""
    with TemporaryDirectory(prefix="counterfoil-example-") as folder:
        tables, data = Path(folder) / "tables", Path(folder) / "data"
        tables.mkdir(mode=0o700)
        lived, text = company_of(people, today)
        write_company(tables, lived, programme=text, progress=meter)
        with opened(data, make=True) as g:
            exempt = kinds_of(loaded_text(text, today).programme)
            begin_taking(g, exempt)
            _take_in(g, tables, told_by(g, forge(lived)), exempt, meter)
            _leave_idle(g, today)
            _put_in_force(replace(g, now=datetime.combine(lived.first, NINE, UTC)), text)
            sign_ceiling(g)
            hold_pulse(g, lived)
            for ask in audits_due(g):
                audit(g, ask, OPERATOR)
            for guest in known_guests(g.keys).values():
                if guest.who is not None and guest.guest.role in {Role.COUNCIL, Role.FINANCE}:
                    give(g, guest.guest.role, guest.who)
            yield g, data


def company_of(people: int, today: date) -> tuple[Company, str]:
    """The company that is invented for a day, and the programme that it lives under."""
    first = _first_block(today)
    text = example(today, begins=first.since, people=people)
    design = design_of(loaded_text(text, today).programme)
    days = (today - first.since).days
    seed = next(seed for seed in range(SEED, sys.maxsize) if _stay(people, seed, -(-days // 7)))
    return company(people, design, days=days, seed=seed, first=first.since), text


def _stay(people: int, seed: int, weeks: int) -> bool:
    """Whether nobody leaves as whom the pages can be looked at; in a small company somebody may."""
    leaves = invent(people, seed=seed, weeks=weeks).leaves
    guests = [int(guest.identity[1:]) for guest in GUESTS if guest.identity]
    return bool((leaves[guests] > weeks).all())


def _first_block(today: date) -> Block:
    """The block from which so many are over today."""
    block = Block.of(today)
    for _ in range(BLOCKS):
        block = block.previous
    return block


def _take_in(
    g: Guarded, tables: Path, events: Iterator[Batch[Any]], exempt: Collection[str], meter: Meter
) -> None:
    """Take every table in, with a pseudonym instead of each identity, and what the forge told."""
    found = [t for name in TABLES if (t := open_table(tables / f"{name}.csv")) is not None]
    readings = [TableReading(file=t.path, form=t.form.name, unread=t.unread) for t in found]

    def told(place: int) -> int:
        meter("taking tables in", place, len(found))
        return place

    g.lake.append(
        chain(
            events,
            chain.from_iterable(
                found[told(place)].read(reading, g.keys.pseudonyms, wanted=exempt)
                for place, reading in enumerate(readings)
            ),
        )
    )
    told(len(found))
    recount(g.lake, g.now.date())


def _leave_idle(g: Guarded, today: date) -> None:
    """Give the first guest a second seat that they did not use for long: how they are asked can be seen."""
    (who,) = g.keys.pseudonyms([GUESTS[0].identity])
    idle = Seat(who=who, tool="codex", assigned=today - IDLE_SINCE, last_active=today - IDLE_SINCE / 2)
    g.lake.append(batches(Seat, [idle]))


def _put_in_force(g: Guarded, text: str) -> None:
    """Put the programme in force, with the consent of parties whose keys nobody keeps."""
    published = publish(g, text, consents=_consents(text), witnesses=[])
    if isinstance(published, Refuse):
        raise StoreError("example-refused", published.why, hint="report it: this is ours to put right")


def _consents(text: str) -> Sequence[str]:
    keys = [SignerKey.new(party, witness=False) for party in PARTIES]
    digest = digest_of(text)
    return [signed_note(consent_text(digest, FIRST, str(key.verifier), []), key) for key in keys]


def _secret(keys: Keys, identity: str) -> bytes | None:
    return keys.secret_of(identity) if isinstance(keys, Keyholder) else None
