"""A real Synapse on a high port of loopback, with SQLite and no limits, for as long as the tests last."""

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

CONFIG = """
server_name: example.org
pid_file: {folder}/pid
public_baseurl: http://127.0.0.1:{port}/
listeners:
  - {{port: {port}, bind_addresses: [127.0.0.1], type: http, resources: [{{names: [client]}}]}}
database: {{name: sqlite3, args: {{database: "{folder}/homeserver.db"}}}}
media_store_path: {folder}/media
signing_key_path: {folder}/signing.key
log_config: {folder}/log.yaml
report_stats: false
trusted_key_servers: []
federation_domain_whitelist: []
enable_registration: true
enable_registration_without_verification: true
macaroon_secret_key: {port}-for-tests-alone
form_secret: {port}-for-tests-alone
bcrypt_rounds: 4
{limits}
"""
LIMIT = "{per_second: 100000, burst_count: 100000}"
LIMITS = "\n".join(
    [
        *(
            f"rc_{name}: {LIMIT}"
            for name in ("message", "registration", "admin_redaction", "third_party_invite")
        ),
        f"rc_joins: {{local: {LIMIT}, remote: {LIMIT}}}",
        f"rc_invites: {{per_room: {LIMIT}, per_user: {LIMIT}, per_issuer: {LIMIT}}}",
        f"rc_room_creation: {LIMIT}",
        f"rc_login: {{address: {LIMIT}, account: {LIMIT}, failed_attempts: {LIMIT}}}",
    ]
)
LOG = """version: 1
handlers: {file: {class: logging.FileHandler, filename: FOLDER/log}}
root: {level: WARNING, handlers: [file]}
"""


@dataclass(frozen=True)
class Account:
    """Somebody on the homeserver, calling it by hand."""

    url: str
    name: str
    token: str

    def __call__(self, method: str, path: str, body: object = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        said = httpx2.request(method, f"{self.url}/_matrix/client/v3{path}", json=body or {}, headers=headers)
        assert said.is_success, said.text
        return said.json()

    def say(self, room: str, **content: Any) -> str:
        """Say something in a room, and give its id."""
        path = f"/rooms/{room}/send/m.room.message/{time.monotonic_ns()}"
        return str(self("PUT", path, {"msgtype": "m.text", **content})["event_id"])


@dataclass(frozen=True)
class Homeserver:
    """A running one."""

    url: str

    def account(self, name: str) -> Account:
        """A new account."""
        body = {"username": name, "password": name, "auth": {"type": "m.login.dummy"}}
        said = httpx2.post(f"{self.url}/_matrix/client/v3/register", json=body).json()
        return Account(self.url, said["user_id"], said["access_token"])


@contextmanager
def running(python: Path, folder: Path) -> Iterator[Homeserver]:
    """Synapse, stopped on the way out."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    config = folder / "homeserver.yaml"
    config.write_text(CONFIG.format(folder=folder, port=port, limits=LIMITS))
    (folder / "log.yaml").write_text(LOG.replace("FOLDER", str(folder)))
    command = [str(python), "-m", "synapse.app.homeserver", "--config-path", str(config)]
    keys = [*command, "--generate-keys"]
    subprocess.run(keys, cwd=folder, capture_output=True, check=True, timeout=60)
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=out)
    try:
        _wait(f"http://127.0.0.1:{port}/_matrix/client/versions", process, folder)
        yield Homeserver(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(url: str, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, (folder / "out").read_text()
        try:
            assert json.loads(httpx2.get(url).content)["versions"]
        except httpx2.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError((folder / "out").read_text())
