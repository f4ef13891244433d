"""The report on this machine beside an invented company: to whoever has the link, apart, and nowhere else."""

import http.client
import os
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_core_python
import click
import pytest

from app.conftest import Machine
from app.server import served
from counterfoil.app.intake.inlet import Inlet
from counterfoil.app.reporting import report_here
from counterfoil.app.server.reach import Reach
from counterfoil.app.server.run import Served, run_serve
from counterfoil.app.server.this_machine import COOKIE, HERE, ThisMachine

IMAGES = Path(__file__).parents[2] / "docs" / "images"
AXE = Path(axe_core_python.__file__).with_name("axe.min.js")
LINK = "What the report found on this machine"


@dataclass(frozen=True)
class Up:
    """A server with the report, with the cookie of whoever opened its link."""

    address: str
    link: str
    cookie: str

    def got(self, path: str, cookie: str = "", **headers: str) -> tuple[http.client.HTTPResponse, str]:
        """The answer to one request."""
        with closing(http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=20)) as connection:
            connection.request("GET", path, headers={"Cookie": cookie, **headers})
            answer = connection.getresponse()
            return answer, answer.read().decode()


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """As `make up` starts it, where no tool has left a log."""
    home = tmp_path_factory.mktemp("home")
    people = "2000" if os.environ.get("COUNTERFOIL_PICTURES") == "write" else "200"
    cache, data = str(home / "cache"), str(home / "data")
    with served(
        None,
        *("--example", "--report", "--people", people),
        HOME=str(home),
        COUNTERFOIL_CACHE=cache,
        COUNTERFOIL_DATA=data,
    ) as server:
        parts = urlsplit(server.address)
        found = Up(f"{parts.scheme}://{parts.netloc}", server.address, "")
        answer, _ = found.got(parts.path)
        assert (answer.status, answer.headers["location"]) == (303, "/example")
        given = answer.headers["set-cookie"]
        assert "HttpOnly" in given and "samesite=strict" in given.lower()
        yield Up(found.address, found.link, given.partition(";")[0])


def test_only_the_browser_that_came_by_the_link_has_the_page(up: Up) -> None:
    answer, text = up.got(HERE, up.cookie)
    assert answer.status == 200
    assert text.count("EXAMPLE: everything on this page was invented") == 2
    assert 'href="/example">Back to the invented company</a>' in text
    _, start = up.got("/example", up.cookie)
    assert f'<a href="{HERE}">{LINK}</a>' in start
    again, _ = up.got(urlsplit(up.link).path)
    assert (again.status, again.headers["set-cookie"]) == (303, None)
    for cookie in ("", f"{COOKIE}=", f"{COOKIE}=made-up", up.cookie.replace(COOKIE, "counterfoil")):
        assert up.got(HERE, cookie)[0].status == 404, cookie
        assert LINK not in up.got("/example", cookie)[1]


def test_whoever_looks_through_invented_eyes_is_not_the_person_at_this_machine(up: Up) -> None:
    """The invented operator neither; and the link opens nobody's page of the company."""
    for path in ("/", "/me", "/admin", "/ledger"):
        assert up.got(path, up.cookie)[0].status == 303, path
    assert up.got(HERE, up.cookie, Host="elsewhere.example")[0].status == 421
    with closing(http.client.HTTPConnection(urlsplit(up.address).netloc, timeout=20)) as connection:
        connection.request("GET", "/example")
        start = connection.getresponse()
        csrf = re.findall(r'name="csrf" value="([^"]+)"', start.read().decode())[0]
        body = f"csrf={csrf}&guest=operator"
        sent = {"Cookie": start.headers["set-cookie"].partition(";")[0], "Origin": up.address}
        sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request("POST", "/example", body, sent)
        entered = connection.getresponse()
        entered.read()
    operator = entered.headers.get_all("set-cookie", [])[0].partition(";")[0]
    assert up.got("/admin", operator)[0].status == 200
    assert up.got(HERE, operator)[0].status == 404
    _, log = up.got("/ledger", operator)
    assert "this-machine" not in log and "this machine" not in log


def test_the_page_can_do_nothing_but_be_looked_at(up: Up) -> None:
    answer, text = up.got(HERE, up.cookie)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy and policy.endswith("frame-ancestors 'none'; sandbox")
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(r"<script|\son\w+=|\sstyle=|<form|(?:src|href)=\"https?:", text)


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_goes_from_one_to_the_other_and_back(browser: Any, up: Up, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1000, "height": 900})
    name, _, value = up.cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": up.address}])
    tab = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    tab.on("request", lambda sent: asked.append(sent.url))
    tab.on("console", lambda message: said.append(message.text))
    tab.goto(f"{up.address}/example")
    apart = tab.get_by_role("region", name="Apart from all this: your own machine")
    if os.environ.get("COUNTERFOIL_PICTURES") == "write" and scheme == "light":
        tab.set_viewport_size({"width": 1000, "height": 1050})
        tab.screenshot(path=IMAGES / "server-example.png")
    assert apart.get_by_text("EXAMPLE:").is_visible()
    apart.get_by_role("link", name=LINK).click()
    tab.get_by_role("heading", level=1, name="What your AI use was worth").wait_for()
    # The policy lets the style in, and the debugger alone a script.
    assert tab.evaluate("getComputedStyle(document.body).maxWidth") != "none"
    for width in (400, 1000):
        tab.set_viewport_size({"width": width, "height": 900})
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
    if os.environ.get("COUNTERFOIL_PICTURES") == "write" and scheme == "light":
        tab.screenshot(path=IMAGES / "server-this-machine.png")
    tab.get_by_role("link", name="Back to the invented company").click()
    tab.get_by_role("heading", level=1, name="Look at an invented company").wait_for()
    context.close()
    assert not [url for url in asked if not url.startswith((up.address, "data:"))]
    assert not said


@pytest.mark.browser
def test_nothing_serious_stands_between_anybody_and_the_report(browser: Any, up: Up, tmp_path: Path) -> None:
    """In light and in dark; from a file, since its page on the server lets in no script at all."""
    file = tmp_path / "report.html"
    file.write_text(up.got(HERE, up.cookie)[1], "utf-8")
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(file.as_uri())
    tab.evaluate(AXE.read_text("utf-8"))
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        found = tab.evaluate("() => axe.run()")
        assert found["passes"]
        assert not [v["id"] for v in found["violations"] if v["impact"] in {"serious", "critical"}], scheme
    context.close()


def test_it_is_what_report_says_of_this_machine(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.session("s1", {str(machine.repo / "a.py"): "a = 1\n"}, days_ago=3)
    machine.commit("a", {"a.py": "a = 1\n"}, days_ago=2.9)
    monkeypatch.setenv("HOME", str(machine.home))
    monkeypatch.setenv("COUNTERFOIL_CACHE", str(machine.root / "cache"))
    monkeypatch.setenv("COUNTERFOIL_DATA", str(machine.root / "data"))
    monkeypatch.chdir(machine.root)
    released = report_here()
    assert not ThisMachine(released).is_example
    assert released.answer.usage.totals.requests == machine.report()["usage"]["totals"]["requests"] == 3


def test_it_stays_on_this_machine(tmp_path: Path) -> None:
    here = Inlet(http=0, grpc=0)
    open_to_senders = Inlet(host="0.0.0.0", http=0, grpc=0, need_token=True)
    wide = Reach(proxy="127.0.0.1")
    example = Served(data=None, example=True, people=None, report=True)
    for served_here, reach, inlet in (
        (Served(data=tmp_path, example=False, people=None, report=True), Reach(), here),
        (example, wide, here),
        (example, Reach(), open_to_senders),
    ):
        with pytest.raises(click.UsageError, match="--report"):
            run_serve(served_here, port=0, inlet=inlet, reach=reach, every=1, as_json=True)
