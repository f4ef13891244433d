"""A server in this process over a small organisation, at a fixed moment."""

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from counterfoil.app.door.limit import Limit
from counterfoil.app.door.oidc import Provider
from counterfoil.app.door.session import Sessions
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.site import Limits, Site
from counterfoil.guard.guarded import Guarded
from counterfoil.ledger.keyholder import Keyholder
from counterfoil.ledger.keys import secret_text
from counterfoil.terms.ids import Pseudonym
from guard.organisation import NOW, gate, lived, people_rows, programme, put_in_force

HOST = "127.0.0.1:8750"
WIDE = "counterfoil.example.org"


@dataclass
class Standing:
    """A site with what stands behind it."""

    g: Guarded
    desk: Desk
    sessions: Sessions
    site: Site
    who: Sequence[Pseudonym]
    address: str

    def browser(self) -> TestClient:
        """A browser of its own."""
        return TestClient(self.site, base_url=self.address, follow_redirects=False)

    def secret(self, person: int) -> str:
        """The text of a person's secret."""
        assert isinstance(self.g.keys, Keyholder)
        return secret_text(self.g.keys.secret_of(f"p{person:05d}"))

    def inside(self, person: int) -> TestClient:
        """A browser in which somebody signed in."""
        browser = self.browser()
        assert self.signs_in(browser, person).status_code == 303
        return browser

    def signs_in(self, browser: TestClient, person: int, wanted: str = "/") -> Any:
        page = browser.get("/sign-in", params={"next": wanted})
        form = {
            "csrf": field(page.text, "csrf"),
            "next": field(page.text, "next"),
            "text": self.secret(person),
        }
        return self.sent(browser, "/sign-in/secret", form)

    def sent(self, browser: TestClient, path: str, form: dict[str, str], **headers: str) -> Any:
        return browser.post(path, data=form, headers={"Origin": self.address, **headers})


def field(page: str, name: str) -> str:
    """What a hidden field of a page holds."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


BEGUN: dict[tuple[int, bool], Path] = {}
"""Data directories that were made once, and are copied for each test."""


def begun(folder: Path, people: int, *, full: bool) -> None:
    """Make a folder the data directory of an organisation, in force where `full`."""
    made = BEGUN.get((people, full))
    if made is None:
        made = folder.with_name(f"{folder.name}-begun")
        made.mkdir()
        with gate(made) as g:
            who = people_rows(g, people)
            if full:
                lived(g, who)
                put_in_force(g, programme())
        BEGUN[people, full] = made
    shutil.copytree(made, folder, dirs_exist_ok=True)


@contextmanager
def standing(
    folder: Path,
    *,
    people: int = 24,
    full: bool = False,
    provider: Provider | None = None,
    wide: bool = False,
    limits: Limits | None = None,
) -> Iterator[Standing]:
    """A server, with figures and a programme in force where `full`; reached over HTTPS where `wide`."""
    sessions, host = Sessions(), WIDE if wide else HOST
    scheme = "https" if wide else "http"
    begun(folder, people, full=full)
    with gate(folder) as g:
        who = list(g.keys.pseudonyms([f"p{n:05d}" for n in range(people)]))
        desk = Desk(g, lambda: NOW)
        plenty = limits or Limits(Limit(burst=10_000, per_second=100), Limit(burst=10_000, per_second=100))
        site = Site(desk, sessions, hosts={host}, scheme=scheme, provider=provider, limits=plenty)
        yield Standing(g, desk, sessions, site, who, f"{scheme}://{host}")
