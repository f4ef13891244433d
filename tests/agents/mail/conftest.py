"""Mailboxes to try a connector on: two real IMAP servers, and stand-ins of two services."""

import importlib.util
import os
from collections.abc import Iterator
from itertools import count

import pytest

from agents.mail.gmail_server import Gmail
from agents.mail.graph_server import Graph
from agents.mail.outgoing import Outgoing, outgoing
from agents.mail.servers import (
    APT,
    DOVECOT,
    LMTP,
    OWNER,
    PASSWORD,
    POSTFIX,
    Running,
    dovecot,
    own_folder,
    postfix,
    pymap,
)
from agents.mail.service import Service, served
from agents.mail.world import GmailWorld, GraphWorld, Hand, ImapWorld, World
from conftest import Need
from counterfoil.agents.connectors.mail.gmail import GmailBox
from counterfoil.agents.connectors.mail.graph import PREFER, GraphBox
from counterfoil.agents.connectors.mail.imap import ImapBox
from counterfoil.agents.connectors.mail.session import Imap
from counterfoil.agents.connectors.mail.smtp import Smtp
from counterfoil.agents.connectors.mail.web import Web

USERS = count(1)
FOLDERS = ("INBOX", "Drafts", "Sent", "Trash", "Archive", "Invoices", "Outbox")


@pytest.fixture(scope="session")
def permission() -> Iterator[Service]:
    """Where Dovecot asks whether a token is valid."""
    service = Service()
    with served(service):
        yield service


@pytest.fixture(scope="session")
def real_dovecot(need: Need, permission: Service) -> Iterator[Running]:
    need("Dovecot", bool(DOVECOT) and LMTP, APT)
    with own_folder() as home, dovecot(home, f"{permission.url}/introspect?token=") as running:
        yield running


@pytest.fixture
def real_dovecot_home(real_dovecot: Running) -> str:
    return str(real_dovecot.home)


@pytest.fixture(scope="session")
def real_postfix(need: Need, real_dovecot: Running) -> Iterator[int]:
    need("Postfix", bool(POSTFIX) and os.getuid() == 0, APT + ", and be root")
    with own_folder() as home, postfix(home, real_dovecot) as port:
        yield port


@pytest.fixture(scope="session")
def real_pymap(need: Need, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    need("pymap", importlib.util.find_spec("pymap") is not None, "pip install pymap")
    with pymap(tmp_path_factory.mktemp("pymap")) as running:
        yield running


@pytest.fixture(scope="session")
def sink() -> Iterator[Outgoing]:
    with outgoing() as server:
        yield server


@pytest.fixture
def failing(sink: Outgoing) -> Iterator[Outgoing]:
    """The server that sends, to be told how to fail."""
    sink.mode, sink.taken = "", []
    yield sink
    sink.mode = ""


def imap_box(port: int, smtp: int, user: str, *, signs_in: bool = False) -> ImapBox:
    way = Imap(host="127.0.0.1", port=port, security="none", user=user, password=PASSWORD, timeout=20)
    out = Smtp(
        host="127.0.0.1",
        port=smtp,
        security="none",
        user=user if signs_in else "",
        password=PASSWORD,
        timeout=20,
    )
    return ImapBox(address=user, imap=way, smtp=out)


@pytest.fixture
def on_dovecot(real_dovecot: Running, failing: Outgoing) -> ImapWorld:
    user = f"u{next(USERS)}-{os.getpid()}@example.org"
    box = imap_box(real_dovecot.imap, failing.port, user)
    return ImapWorld(box, real_dovecot.imap, user, PASSWORD, "Sent Messages", real_dovecot.lmtp)


@pytest.fixture
def on_pymap(real_pymap: Running, failing: Outgoing) -> ImapWorld:
    world = ImapWorld(
        imap_box(real_pymap.imap, failing.port, OWNER), real_pymap.imap, OWNER, PASSWORD, "Sent"
    )
    with world.client() as client:
        have = {name for _, _, name in client.list_folders()}
        for name in FOLDERS:
            if name not in have:
                client.create_folder(name)
    world.emptied(*FOLDERS)
    return world


@pytest.fixture
def on_gmail() -> Iterator[GmailWorld]:
    service = Gmail()
    with served(service):
        web = Web(service.url + service.prefix, service.tokens(), address=OWNER, sleep=lambda _: None)
        yield GmailWorld(GmailBox(web, address=OWNER), service)


@pytest.fixture
def on_graph() -> Iterator[GraphWorld]:
    service = Graph()
    with served(service):
        web = Web(
            service.url + service.prefix,
            service.tokens(),
            address=OWNER,
            headers=PREFER,
            sleep=lambda _: None,
        )
        yield GraphWorld(GraphBox(web, address=OWNER), service)


@pytest.fixture(params=["dovecot", "pymap", "gmail", "graph"])
def world(request: pytest.FixtureRequest) -> World:
    """Each way in turn: what holds for a mailbox holds for all of them."""
    found: World = request.getfixturevalue(f"on_{request.param}")
    return found


@pytest.fixture
def hand(world: World) -> Hand:
    return Hand(world)
