"""The organisation's server over a small data directory, with the tokens that a directory shows."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from counterfoil.app.door.session import Sessions
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.site import Site
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.tokens import Scope, issue
from guard.organisation import gate

HOST = "127.0.0.1:8750"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@dataclass
class Served:
    """A running server, what is behind it, and what a directory asks of it."""

    g: Guarded
    client: TestClient
    scim: str
    roles: str

    def ask(self, method: str, path: str, told: Any = None, *, token: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.scim if token is None else token}"}
        more = {} if told is None else {"json": told}
        return self.client.request(method, f"/scim/v2{path}", headers=headers, **more)

    def new_person(self, name: str, /, **said: Any) -> str:
        answer = self.ask("POST", "/Users", {"schemas": [USER, ENTERPRISE], "userName": name, **said})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def new_group(self, name: str, *inside: str, token: str | None = None) -> str:
        told = {"schemas": [GROUP], "displayName": name, "members": [{"value": id} for id in inside]}
        answer = self.ask("POST", "/Groups", told, token=token)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def patch(self, path: str, *operations: Any, token: str | None = None) -> Any:
        return self.ask("PATCH", path, {"schemas": [PATCH], "Operations": operations}, token=token)


@contextmanager
def scim_server(folder: Path) -> Iterator[Served]:
    with gate(folder, now=datetime.now(UTC)) as g:
        tokens = issue(g, Scope.SCIM, "hr"), issue(g, Scope.ROLES, "office")
        site = Site(Desk(g), Sessions(), hosts={HOST})
        with closing(TestClient(site, base_url=f"http://{HOST}")) as client:
            yield Served(g, client, *tokens)
