"""What is entered for an account is held against what would give its password or token away."""

from pathlib import Path

import pytest

from counterfoil.agents.accounts import Account, Place
from counterfoil.agents.connectors.kinds import KINDS
from counterfoil.agents.connectors.mail.mail import Mail
from counterfoil.terms.error import SourceError

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
