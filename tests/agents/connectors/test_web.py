"""Fetching a page: where it may go, what comes back, and what is never let in."""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agents.connectors.effects import effect
from agents.connectors.pages import Site, certificate, serving
from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.connectors.web.connector import Web
from counterfoil.agents.connectors.web.net import is_public
from counterfoil.agents.connectors.web.page import page_of
from counterfoil.terms.effect import EffectFate

LOOPBACK = (ipaddress.ip_network("127.0.0.1/32"),)
NAMES = {
    "host.test": ["127.0.0.1"],
    "other.test": ["127.0.0.1"],
    "inside.test": ["10.0.0.8"],
    "both.test": ["127.0.0.1", "169.254.169.254"],
    "mapped.test": ["::ffff:127.0.0.1"],
    "scoped.test": ["fe80::1%eth0"],
}


def resolve(host: str, port: int) -> Sequence[str]:
    if host not in NAMES:
        raise socket.gaierror
    return NAMES[host]


def slowly(host: str, port: int) -> Sequence[str]:
    time.sleep(2)
    return ["127.0.0.1"]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving() as made:
        yield made


@pytest.fixture
def web(site: Site) -> Web:
    site.asked.clear()
    site.headers.clear()
    ports = {"http": site.port, "https": site.port}
    return Web(seconds=15, resolve=resolve, allowed=LOOPBACK, ports=ports)


def fetch(web: Web, path: str, host: str = "host.test", scheme: str = "http") -> dict[str, Any]:
    value = web.do("fetch", {"host": host, "path": path, "scheme": scheme}, "run:1").value
    assert isinstance(value, dict)
    return value


def test_a_page_comes_back_as_words(web: Web, site: Site) -> None:
    said = fetch(web, "/plain?q=a b#part")
    assert (said["title"], said["text"], said["status"]) == ("A page", "Hello there\nnextx", 200)
    assert said["links"] == [{"host": "host.test", "path": "/next?a=1"}, {"host": "x.example", "path": "/y"}]
    assert site.asked == [f"host.test:{site.port} /plain?q=a%20b"]
    assert not {"Cookie", "Authorization", "Referer"} & set(site.headers[0])
    assert fetch(web, "/latin")["text"] == "Grüße"
    assert fetch(web, "/packed")["text"] == "packed"
    assert fetch(web, "/missing")["status"] == 404
    assert fetch(web, "/picture")["failed"] == "it is not text"
    assert "packed" in fetch(web, "/strange")["failed"]


def test_what_nobody_sees_is_left_out_and_counted(web: Web) -> None:
    said = fetch(web, "/hiding")
    assert said["text"] == "seen\nseen again\nlast"
    assert said["hidden"] > 100


def test_a_redirect_elsewhere_is_given_back_and_not_followed(web: Web, site: Site) -> None:
    onward = fetch(web, "/away")["redirect"]
    assert onward == {"scheme": "http", "host": "other.test", "path": "/landing?k=v"}
    assert len(site.asked) == 1
    assert fetch(web, "/inside")["redirect"]["host"] == "inside.test"
    assert fetch(web, "/here")["text"].startswith("Hello")
    assert fetch(web, "/loop")["failed"] == "it sends us on and on"
    for path in ("/file", "/port"):
        assert fetch(web, path)["failed"] == "it sends us on to no address"
    assert all("Cookie" not in headers for headers in site.headers)


@pytest.mark.parametrize("host", ["inside.test", "both.test", "mapped.test", "scoped.test"])
def test_a_host_with_an_address_inside_is_never_asked(web: Web, site: Site, host: str) -> None:
    with pytest.raises(NotDone, match="public"):
        fetch(web, "/", host)
    assert site.asked == []


def test_a_name_that_changes_its_address_is_connected_to_as_it_was_checked(site: Site) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.8"]])
    web = Web(resolve=lambda host, port: next(answers), allowed=LOOPBACK, ports={"http": site.port})
    assert fetch(web, "/plain")["status"] == 200
    with pytest.raises(NotDone, match="public"):
        fetch(web, "/plain")


@pytest.mark.parametrize(
    "host",
    ["127.1", "2130706433", "0x7f000001", "017700000001", "localhost", "169.254.169.254", "0.0.0.0"],
)
def test_no_way_of_writing_it_leads_inside(site: Site, host: str) -> None:
    web = Web(ports={"http": site.port, "https": site.port}, seconds=3)
    with pytest.raises(NotDone):
        fetch(web, "/", host)


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("host", "user:pw@host.test"),
        ("host", "host.test:22"),
        ("host", "[::1]"),
        ("host", "Host.test"),
        ("host", "host.test."),
        ("host", "host.test/x"),
        ("host", "ho\r\nst"),
        ("host", "ⓗost.test"),
        ("host", ""),
        ("host", ["host.test"]),
        ("host", "none.test"),
        ("path", "plain"),
        ("path", "/" + "a" * 2_001),
        ("path", 7),
        ("path", "/\ud83d"),
        ("scheme", "file"),
        ("scheme", "gopher"),
    ],
)
def test_what_is_no_address_is_not_asked(web: Web, site: Site, given: str, value: object) -> None:
    arguments = {"host": "host.test", "path": "/", "scheme": "http", given: value}
    with pytest.raises(NotDone):
        web.do("fetch", arguments, "run:1")
    assert site.asked == []


def test_a_host_is_judged_as_it_is_looked_up(web: Web) -> None:
    asked = {"host": "Bücher.Example.", "path": "/"}
    assert web.normal("fetch", asked) == {"host": "xn--bcher-kva.example", "path": "/"}
    with pytest.raises(NotDone, match="small letters"):
        web.do("fetch", asked, "run:1")
    with pytest.raises(NotDone):
        web.normal("fetch", {"host": "a b"})


def test_a_path_can_smuggle_no_second_request(web: Web, site: Site) -> None:
    fetch(web, "/plain\r\nX: y\r\n\r\nGET /other HTTP/1.1 ü")
    assert len(site.asked) == 1
    assert "%0D%0A" in site.asked[0]


def test_no_answer_is_larger_or_slower_than_its_bounds(web: Web) -> None:
    began = time.monotonic()
    assert fetch(web, "/bomb")["cut"]
    endless = fetch(web, "/endless")
    assert "failed" in endless or (endless["cut"] and len(endless["text"]) == 100_000)
    quick = Web(seconds=0.5, resolve=resolve, allowed=LOOPBACK, ports=web.ports)
    for path in ("/trickle", "/silent"):
        assert "failed" in fetch(quick, path)
    slow = Web(seconds=0.3, resolve=slowly, allowed=LOOPBACK)
    with pytest.raises(NotDone, match="no such host"):
        fetch(slow, "/")
    assert time.monotonic() - began < 30


def test_what_left_is_told_from_what_did_not(web: Web) -> None:
    assert "failed" in fetch(web, "/garbage")
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    with pytest.raises(NotDone, match="reached"):
        fetch(Web(resolve=resolve, allowed=LOOPBACK, ports={"http": port}), "/")
    with pytest.raises(NotDone, match="reached"):
        fetch(web, "/", scheme="https")
    with pytest.raises(NotDone, match="no such tool"):
        web.do("post", {}, "run:1")
    assert web.read_back("fetch", {}, "run:1") is None
    assert web.needless("fetch", {}) == ""
    assert web.follow(effect("", "run:1", "web/fetch"), datetime.now(UTC)).fate is EffectFate.NOT_EXAMINED


@pytest.mark.parametrize(
    "address",
    [
        *(
            "0.0.0.0",
            "10.1.2.3",
            "100.100.100.200",
            "127.0.0.1",
            "168.63.129.16",
            "169.254.169.254",
            "172.31.0.1",
        ),
        *("192.168.1.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "::ffff:8.8.8.8"),
        *("64:ff9b::a00:1", "fd00:ec2::254", "fe80::1", "ff02::1", "2002:7f00:1::", "2001:0:7f00:1::"),
    ],
)
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


def test_addresses_of_the_public_net_are() -> None:
    assert is_public(ipaddress.ip_address("93.184.215.14"))
    assert is_public(ipaddress.ip_address("2606:2800:21f::1"))


@pytest.mark.parametrize(
    "html",
    [
        *("<" * 500_000, "<a " * 100_000, "<!--" * 200_000, "<div>" * 200_000 + "x", "</p>" * 300_000),
        *("<![" * 200_000, "<script>" + "a" * 2_000_000, "<div style='" + " " * 1_000_000, "&#" * 300_000),
    ],
    ids=lambda html: html[:6],
)
def test_a_hostile_page_ends(html: str) -> None:
    began = time.monotonic()
    page = page_of(html, "host.test")
    assert len(page.text) <= 100_000
    assert time.monotonic() - began < 15


def test_certificates_are_checked_for_the_name_and_not_the_address(tmp_path: Path) -> None:
    path = certificate("host.test", tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    with serving(server) as site:
        trusted = ssl.create_default_context(cafile=str(path))
        ports = {"https": site.port}
        web = Web(resolve=resolve, allowed=LOOPBACK, ports=ports, trusted=trusted)
        assert fetch(web, "/plain", scheme="https")["status"] == 200
        with pytest.raises(NotDone, match="reached"):
            fetch(web, "/plain", "other.test", scheme="https")
        with pytest.raises(NotDone, match="reached"):
            fetch(Web(resolve=resolve, allowed=LOOPBACK, ports=ports), "/plain", scheme="https")
        assert len(site.asked) == 1
