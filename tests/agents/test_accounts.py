"""What is entered for an account is held against what would give its password or token away."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import pytest

from counterfoil.agents.accounts import Account, Accounts, Kind, Place, Wanted
from counterfoil.agents.connectors.connector import Connector
from counterfoil.agents.connectors.kinds import KINDS
from counterfoil.agents.connectors.mail.mail import Mail
from counterfoil.agents.connectors.web.connector import Web
from counterfoil.agents.secrets import Secrets
from counterfoil.store.agents.database import Database
from counterfoil.terms.error import SourceError
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.tool import ConnectorId

ANNA, NOTES = Pseudonym("anna"), ConnectorId("notes")
PLAIN = "http://elsewhere.example.org/"
MAILBOX = {
    "address": "ann@example.org",
    "password": "canary",
    "imap_host": "mail.example.org",
    "imap_port": "993",
    "imap_security": "tls",
    "smtp_host": "mail.example.org",
    "smtp_port": "465",
    "smtp_security": "tls",
    "smtp_sign_in": "yes",
}


def built(kind: str, entered: dict[str, str]) -> object:
    place = Place(folder=Path("unused"), seal=b"s" * 32)
    return KINDS[kind].built(Account(kind=kind, entered=entered), place)


@pytest.mark.parametrize("kind", ["gmail", "graph-mail", "slack", "teams", "matrix", "github", "gitlab"])
def test_no_token_goes_where_others_read_along(kind: str) -> None:
    for url in (PLAIN.replace("http:", "https:"), "http://127.0.0.1:8008/"):
        assert built(kind, {"url": url})
    for plain in (PLAIN, "ftp://127.0.0.1/", "elsewhere.example.org"):
        with pytest.raises(SourceError, match="not asked over https"):
            built(kind, {"url": plain})


@pytest.mark.parametrize("kind", ["gmail", "graph-mail", "teams"])
def test_no_permission_is_renewed_where_others_read_along(kind: str) -> None:
    with pytest.raises(SourceError, match="not asked over https"):
        built(kind, {"url": "https://mail.example.org", "token_url": PLAIN})


@pytest.mark.parametrize("which", ["imap", "smtp"])
def test_no_password_goes_where_others_read_along(which: str) -> None:
    for security in ("tls", "STARTTLS", " TLS "):
        assert isinstance(built("imap", {**MAILBOX, f"{which}_security": security}), Mail)
    here = {f"{which}_security": "none", f"{which}_host": "localhost"}
    assert isinstance(built("imap", {**MAILBOX, **here}), Mail)
    for security in ("", "ssl", "yes", "none"):
        with pytest.raises(SourceError, match="security"):
            built("imap", {**MAILBOX, f"{which}_security": security})
    for port in ("", "imaps", "0", "65536", "-1", "٩٩٣"):
        with pytest.raises(SourceError, match="port"):
            built("imap", {**MAILBOX, f"{which}_port": port})


@dataclass(frozen=True, kw_only=True)
class Notes(Web):
    """A system of one account, which can be closed."""

    at: str
    closed: Event = field(default_factory=Event)

    def close(self) -> None:
        self.closed.set()


@dataclass
class Slow:
    """Opens systems; the one at `old` only when it is let."""

    begun: Event = field(default_factory=Event)
    let: Event = field(default_factory=Event)
    opened: list[Notes] = field(default_factory=list)

    def __call__(self, account: Account, place: Place) -> Connector:
        if account.text("at") == "old":
            self.begun.set()
            assert self.let.wait(30), "nobody let it be opened"
        self.opened.append(Notes(at=account.text("at")))
        return self.opened[-1]


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (lambda accounts: accounts.disconnect(ANNA, NOTES), None),
        (lambda accounts: accounts.part_with(ANNA), None),
        (lambda accounts: accounts.connect(ANNA, "notes", {"at": "new"}), "new"),
    ],
    ids=["disconnect", "part_with", "connect"],
)
def test_a_system_that_is_just_being_opened_does_not_outlive_its_account(
    tmp_path: Path, change: Callable[[Accounts], object], left: str | None
) -> None:
    slow = Slow()
    wants = (Wanted(name="at", says="where"),)
    kind = Kind(name="notes", connector=NOTES, says="Notes", wants=wants, built=slow)
    database = Database.in_file(tmp_path / "agents.sqlite")
    before = Accounts(Secrets(tmp_path, database), tmp_path, {"notes": kind})
    slow.let.set()
    before.connect(ANNA, "notes", {"at": "old"})
    slow.begun.clear()
    slow.let.clear()
    accounts = Accounts(before.secrets, tmp_path, before.kinds)
    opening = Thread(target=accounts.system, args=(ANNA, NOTES))
    changing = Thread(target=change, args=(accounts,))
    opening.start()
    assert slow.begun.wait(30)
    changing.start()
    # Time for a change that would not wait.
    changing.join(0.3)
    slow.let.set()
    for thread in (opening, changing):
        thread.join(30)
        assert not thread.is_alive()
    found = accounts.system(ANNA, NOTES)
    assert (found.at if isinstance(found, Notes) else None) == left
    assert [one.closed.is_set() for one in slow.opened[1:] if one.at == "old"] == [True]
