"""A mailbox of an invented employee on a real IMAP server of this machine: Dovecot, or pymap from PyPI."""

import os
import pwd
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from imapclient import IMAPClient  # type: ignore[import-untyped]

from counterfoil.app.server.agents.example.beside import beside, free_port, listens
from counterfoil.app.server.agents.example.outgoing import taking
from counterfoil.simulate.example.letters import OWNER, Letter

PASSWORD = "invented"  # noqa: S105
NO_SERVER = (
    "No mail server is installed here, so no agent sorts mail in this example. Install Dovecot (apt-get "
    "install dovecot-imapd) or pymap (pip install pymap), and start it again."
)
DOVECOT = shutil.which("dovecot") or ("/usr/sbin/dovecot" if Path("/usr/sbin/dovecot").exists() else "")
FOLDERS = ("Drafts", "Sent", "Trash", "Archive", "Invoices", "Outbox")
_CONFIG = """
base_dir = {home}/run
state_dir = {home}/run
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
first_valid_uid = 1
mail_location = maildir:{home}/mail/%u
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {internal}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={mail} gid={mail} home={home}/mail/%u allow_all_users=yes
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
namespace inbox {{
  inbox = yes
}}
"""
_PYMAP = """
from pymap import config, main
from pysasl.hashing import BuiltinHash
config.BuiltinHash = lambda: BuiltinHash(rounds=1)
main.main()
"""
"""The server as it is, save that an invented password is not hashed a million times at each sign-in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Where a mailbox is, and what is needed to get in."""

    server: str
    """Dovecot or pymap."""
    imap: int
    smtp: int
    address: str = OWNER
    password: str = field(default=PASSWORD, repr=False)

    @property
    def account(self) -> Mapping[str, str]:
        """What its owner enters to connect it."""
        return {
            "address": self.address,
            "password": self.password,
            "imap_host": "127.0.0.1",
            "imap_port": str(self.imap),
            "imap_security": "none",
            "smtp_host": "127.0.0.1",
            "smtp_port": str(self.smtp),
            "smtp_security": "none",
            "smtp_sign_in": "no",
        }

    def deliver(self, letters: Sequence[Letter], now: datetime) -> None:
        """Lay letters into the inbox, as of when they came."""
        with self._session() as client:
            for letter in letters:
                client.append("INBOX", letter.raw(now), msg_time=letter.at(now))

    def emptied(self) -> None:
        """Take out what the server brought along, and make the folders."""
        with self._session() as client:
            there = [name for _, _, name in client.list_folders()]
            for name in there:
                client.select_folder(name)
                if found := client.search(["ALL"]):
                    client.delete_messages(found)
                    client.expunge()
                client.unselect_folder() if client.has_capability("UNSELECT") else client.close_folder()
            for name in FOLDERS:
                if name not in there:
                    client.create_folder(name)

    @contextmanager
    def _session(self) -> Iterator[IMAPClient]:
        client = IMAPClient("127.0.0.1", self.imap, ssl=False, timeout=20)
        try:
            client.login(self.address, self.password)
            yield client
        finally:
            client.logout()


@contextmanager
def mailbox() -> Iterator[Mailbox | None]:
    """The mailbox, until it is let go of; None where no mail server is installed, or none of them starts."""
    with (
        TemporaryDirectory(prefix="counterfoil-mail-", ignore_cleanup_errors=True) as name,
        taking() as smtp,
    ):
        home, port = Path(name), free_port()
        command = _command(home, port)
        if not command:
            yield None
            return
        with beside(command, home / "said") as process:
            if not listens(port, process):
                yield None
                return
            made = Mailbox(server="Dovecot" if DOVECOT else "pymap", imap=port, smtp=smtp)
            made.emptied()
            yield made


def _command(home: Path, port: int) -> Sequence[str]:
    """How the server is started; nothing where there is none."""
    if DOVECOT:
        return _dovecot(home, port)
    if find_spec("pymap") is None:
        return ()
    options = ["--host", "127.0.0.1", "--port", str(port), "--no-tls", "--no-service", "admin", "dict"]
    return [sys.executable, "-c", _PYMAP, *options, "--demo-user", OWNER, "--demo-password", PASSWORD]


def _dovecot(home: Path, port: int) -> Sequence[str]:
    root, me = os.getuid() == 0, pwd.getpwuid(os.getuid()).pw_name
    # Its own users have to get through to their mail.
    home.chmod(0o711)
    (home / "mail").mkdir()
    if root:
        shutil.chown(home / "mail", "mail", "mail")
    config = _CONFIG.format(
        home=home,
        internal="dovecot" if root else me,
        login="dovenull" if root else me,
        mail="mail" if root else me,
        password=PASSWORD,
        port=port,
    )
    (home / "dovecot.conf").write_text(config, "utf-8")
    return [DOVECOT, "-F", "-c", str(home / "dovecot.conf")]
