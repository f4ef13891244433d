"""A mailbox that is connected as its owner connects it, without a password."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agents.mail.servers import OWNER, Running
from agents.mail.service import Answered, Service
from agents.mail.world import GmailWorld
from counterfoil.agents.accounts import Accounts
from counterfoil.agents.connectors.kinds import KINDS, MAIL
from counterfoil.agents.connectors.mail.mail import Mail
from counterfoil.agents.secrets import Secret, Secrets
from counterfoil.store.agents.database import Database
from counterfoil.terms.error import SourceError, StoreError
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.tool import ConnectorId

ANNA = Pseudonym("anna")


def test_imap_is_signed_in_to_by_oauth_and_the_permission_that_comes_with_it_is_kept(
    real_dovecot: Running, permission: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permission, "rotates", True)
    monkeypatch.setattr(permission, "refresh", "lasting-1")
    entered = {
        "address": OWNER,
        "imap_host": "127.0.0.1",
        "imap_port": str(real_dovecot.imap),
        "imap_security": "none",
        "smtp_host": "127.0.0.1",
        "smtp_port": "25",
        "smtp_security": "none",
        "smtp_sign_in": "no",
        "token_url": f"{permission.url}/token",
        "client": "counterfoil",
        "refresh": "lasting-1",
    }
    database = Database.in_file(tmp_path / "agents.sqlite")
    for process in range(2):
        accounts = Accounts(Secrets(tmp_path, database), tmp_path, KINDS)
        if process == 0:
            with pytest.raises(SourceError, match="neither a password nor a permission"):
                accounts.connect(ANNA, "imap", {**entered, "refresh": ""})
            accounts.connect(ANNA, "imap", entered)
        before = accounts.entered(ANNA, MAIL, "refresh")
        mail = accounts.system(ANNA, MAIL)
        assert isinstance(mail, Mail) and mail.watch("INBOX", "").cursor
        # What it was signed in with holds no longer; the next process begins with what came instead.
        assert accounts.entered(ANNA, MAIL, "refresh") == permission.refresh != before
        accounts.close()
    database.close()


class Meanwhile(Secrets):
    """A vault in which something happens once, just after somebody looked."""

    deed: Callable[[], object] | None = None

    def get(self, connector: ConnectorId, owner: Pseudonym) -> Secret | None:
        found, deed, self.deed = super().get(connector, owner), self.deed, None
        if deed is not None:
            deed()
        return found


@pytest.mark.parametrize("when", ["while it is asked for", "while it is kept"])
@pytest.mark.parametrize("deed", ["connects another", "connects the same", "disconnects"])
def test_what_an_owner_does_while_a_permission_is_renewed_stands(
    on_gmail: GmailWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str, deed: str
) -> None:
    service = on_gmail.service
    service.rotates = True
    entered = {
        "address": OWNER,
        "client": "counterfoil",
        "client_secret": "",
        "refresh": "lasting-1",
        "token_url": f"{service.url}/token",
        "url": service.url + service.prefix,
    }
    vault = Meanwhile(tmp_path, Database.in_file(tmp_path / "agents.sqlite"))
    accounts = Accounts(vault, tmp_path, KINDS)
    accounts.connect(ANNA, "gmail", entered)
    mail = accounts.system(ANNA, MAIL)

    def meanwhile() -> None:
        if deed == "disconnects":
            accounts.disconnect(ANNA, MAIL)
        else:
            other = {"refresh": "of-another-1"} if deed == "connects another" else {}
            accounts.connect(ANNA, "gmail", {**entered, "client_secret": "new", **other})

    real = service._token

    def token(form: dict[str, str]) -> Answered:
        said = real(form)
        if when == "while it is asked for":
            meanwhile()
        else:
            vault.deed = meanwhile
        return said

    monkeypatch.setattr(service, "_token", token)
    assert isinstance(mail, Mail) and mail.watch("INBOX", "").cursor
    kept = accounts.entered(ANNA, MAIL, "refresh")
    assert kept == {"connects another": "of-another-1", "connects the same": "lasting-2"}.get(deed, "")
    assert accounts.entered(ANNA, MAIL, "client_secret") == ("" if deed == "disconnects" else "new")
    assert accounts.connected(ANNA) == ([] if deed == "disconnects" else [MAIL])


def test_a_permission_that_could_not_be_kept_is_kept_with_the_next_token(on_gmail: GmailWorld) -> None:
    service, kept = on_gmail.service, list[tuple[str, str]]()
    service.rotates = True

    def keep(before: str, after: str) -> None:
        kept.append((before, after))
        if len(kept) == 1:
            raise StoreError("full", "the disk is full", hint="make room")

    tokens = service.tokens(keep=keep)
    with pytest.raises(StoreError):
        tokens.token()
    tokens.token(stale=tokens.token())
    assert kept == [("lasting-1", "lasting-2"), ("lasting-1", "lasting-3")]
