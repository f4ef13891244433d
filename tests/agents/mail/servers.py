"""Real servers for mail on high ports of this machine: Dovecot, Postfix in front of it, and pymap."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

OWNER, PASSWORD = "ann@example.org", "a-password"
APT = "apt-get install dovecot-imapd dovecot-lmtpd postfix"
DOVECOT = shutil.which("dovecot") or ("/usr/sbin/dovecot" if Path("/usr/sbin/dovecot").exists() else "")
POSTFIX = "/usr/sbin/postfix" if Path("/usr/sbin/postfix").exists() else ""
LMTP = Path("/usr/lib/dovecot/lmtp").exists()

_DOVECOT = """
base_dir = {home}/run
state_dir = {home}/run
log_path = {home}/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:{home}/mail/%u
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {home}/oauth2.conf
}}
userdb {{
  driver = static
  args = uid={mail} gid={mail_group} home={home}/mail/%u allow_all_users=yes
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
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service auth {{
  inet_listener {{
    port = {auth}
  }}
}}
namespace inbox {{
  inbox = yes
  mailbox Drafts {{
    special_use = \\Drafts
    auto = subscribe
  }}
  mailbox "Sent Messages" {{
    special_use = \\Sent
    auto = subscribe
  }}
  mailbox Trash {{
    special_use = \\Trash
    auto = subscribe
  }}
  mailbox Invoices {{
    auto = subscribe
  }}
}}
"""
_OAUTH2 = """
introspection_url = {introspect}
introspection_mode = get
username_attribute = email
active_attribute = active
active_value = true
timeout_msecs = 2000
"""
_MAIN = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.org
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
default_transport = lmtp:inet:127.0.0.1:{lmtp}
relay_transport = lmtp:inet:127.0.0.1:{lmtp}
disable_dns_lookups = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth}
smtpd_sasl_security_options = noanonymous
smtpd_recipient_restrictions = permit_sasl_authenticated, reject
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtputf8_enable = no
maillog_file = {home}/log
maillog_file_prefixes = {home}
biff = no
"""
_MASTER = """
127.0.0.1:{smtp} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
proxymap unix - - n - - proxymap
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


_PYMAP = """
from pymap import config, main
from pysasl.hashing import BuiltinHash
config.BuiltinHash = lambda: BuiltinHash(rounds=1)
main.main()
"""
"""The server as it is, save that a password is not hashed a million times at each login."""


@dataclass(frozen=True)
class Running:
    """Where a server listens."""

    imap: int
    lmtp: int = 0
    auth: int = 0
    home: Path = Path()
    password: str = PASSWORD
    user: str = OWNER


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])


def up(port: int, *, process: subprocess.Popen[bytes] | None = None, seconds: float = 20.0) -> None:
    """Wait until something listens."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert process is None or process.poll() is None, "it ended at once"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nothing listens on {port}")


@contextmanager
def own_folder() -> Iterator[Path]:
    """A folder that a server of another user may enter: pytest's own is its user's alone."""
    with tempfile.TemporaryDirectory(prefix="mail-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name) / "home"


@contextmanager
def dovecot(home: Path, introspect: str = "http://127.0.0.1:1/?token=") -> Iterator[Running]:
    """Dovecot with IMAP, LMTP and its SASL for others."""
    running = Running(imap=free_port(), lmtp=free_port(), auth=free_port(), home=home)
    root = os.getuid() == 0
    me = pwd.getpwuid(os.getuid()).pw_name
    (home / "mail").mkdir(parents=True)
    if root:
        shutil.chown(home / "mail", "mail", "mail")
    (home / "oauth2.conf").write_text(_OAUTH2.format(introspect=introspect))
    (home / "dovecot.conf").write_text(
        _DOVECOT.format(
            home=home,
            internal="dovecot" if root else me,
            login="dovenull" if root else me,
            group="dovecot" if root else me,
            mail="mail" if root else me,
            mail_group="mail" if root else me,
            password=PASSWORD,
            imap=running.imap,
            lmtp=running.lmtp,
            auth=running.auth,
        )
    )
    with (home / "said").open("wb") as said:
        process = subprocess.Popen(
            [DOVECOT, "-F", "-c", str(home / "dovecot.conf")], stdout=said, stderr=subprocess.STDOUT
        )
        try:
            up(running.imap, process=process)
            up(running.lmtp, process=process)
            yield running
        finally:
            process.terminate()
            process.wait(timeout=20)


@contextmanager
def postfix(home: Path, behind: Running) -> Iterator[int]:
    """Postfix that takes mail from whoever Dovecot knows, and hands all of it to Dovecot."""
    port = free_port()
    config = home / "etc"
    for folder in (config, home / "queue", home / "data"):
        folder.mkdir(parents=True)
    shutil.chown(home / "data", "postfix")
    (config / "main.cf").write_text(_MAIN.format(home=home, lmtp=behind.lmtp, auth=behind.auth))
    (config / "master.cf").write_text(_MASTER.format(smtp=port))
    ran = subprocess.run([POSTFIX, "-c", str(config), "start"], capture_output=True, timeout=60)
    try:
        assert ran.returncode == 0, ran.stderr.decode()
        up(port)
        yield port
    finally:
        subprocess.run([POSTFIX, "-c", str(config), "abort"], capture_output=True, timeout=60)


@contextmanager
def pymap(home: Path) -> Iterator[Running]:
    """The IMAP server that comes from PyPI, in memory."""
    port = free_port()
    options = ["--host", "127.0.0.1", "--port", str(port), "--no-tls", "--no-service", "admin", "dict"]
    with (home / "said").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", _PYMAP, *options, "--demo-user", OWNER, "--demo-password", PASSWORD],
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        try:
            up(port, process=process)
            yield Running(imap=port, home=home)
        finally:
            process.terminate()
            process.wait(timeout=20)
