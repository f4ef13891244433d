"""A mailbox that is connected as its owner connects it, without a password."""

from pathlib import Path

import pytest

from agents.mail.servers import OWNER, Running
from agents.mail.service import Service
from counterfoil.agents.accounts import Accounts
from counterfoil.agents.connectors.kinds import KINDS, MAIL
from counterfoil.agents.connectors.mail.mail import Mail
from counterfoil.agents.secrets import Secrets
from counterfoil.store.agents.database import Database
from counterfoil.terms.error import SourceError
from counterfoil.terms.ids import Pseudonym

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
