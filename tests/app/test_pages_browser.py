"""The server's pages in a real browser: by keyboard, without scripts, narrow, dark, printed, read aloud."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_core_python
import httpx2
import pytest

from app.standing import field
from deadline import until

IMAGES = Path(__file__).parents[2] / "docs" / "images"
AXE = Path(axe_core_python.__file__).with_name("axe.min.js")
PAGES = {
    "worth": ("leader", "/"),
    "delivery": ("leader", "/delivery"),
    "usage": ("finance", "/usage"),
    "units": ("leader", "/units"),
    "targets": ("council", "/targets"),
    "audit": ("employee", "/audit"),
    "programme": ("employee", "/programme"),
    "record": ("employee", "/me"),
    "tools": ("employee", "/me/tools"),
    "erase": ("employee", "/me/erase"),
    "log": ("council", "/ledger"),
    "admin": ("operator", "/admin"),
    "method": ("leader", "/methods/kept"),
    "refused": ("employee", "/admin"),
    "agents": ("employee", "/agents"),
    "agent": ("employee", "/agents/triage"),
    "agents-run": ("employee", "/agents/triage", "ol.log a"),
    "memory": ("employee", "/agents/notes/memory"),
    "approvals": ("leader", "/approvals"),
    "agents-card": ("employee", "/approvals", "a:has-text('mail/send')"),
    "accounts": ("employee", "/accounts"),
}
"""Each page with whose eyes it is looked at through, and the link by which it is come to where its address is
not known before; its picture is server-NAME.png."""
NO_PICTURE = {"agent", "memory", "approvals", "accounts"}
TALL = {
    "worth": 2100, "delivery": 3050, "usage": 1500, "targets": 1500, "audit": 1500, "programme": 1300,
    "record": 1500, "agents-run": 2600, "agents-card": 2000,
}  # fmt: skip
"""Unit: pixels of a picture, where a page is longer than a screen and worth seeing."""
SCREEN = {"width": 1000, "height": 900}
MOST_TABS = 60
pytestmark = pytest.mark.browser


class Visitor:
    """A browser that looks at the invented company, with a tab for each guest."""

    def __init__(self, browser: Any, sign_in: str, *, scripts: bool) -> None:
        self.browser, self.sign_in, self.scripts = browser, sign_in, scripts
        self.asked: list[str] = []
        self.said: list[str] = []
        self._tabs: dict[str, Any] = {}

    def tab(self, guest: str = "") -> Any:
        """The tab of a guest who has signed in; of nobody, where none is named."""
        if guest not in self._tabs:
            context = self.browser.new_context(java_script_enabled=self.scripts, viewport=SCREEN)
            context.on("request", lambda sent: self.asked.append(sent.url))
            self._tabs[guest] = tab = context.new_page()
            tab.on("console", lambda message: self.said.append(message.text))
            tab.goto(self.sign_in)
            if guest:
                tab.locator(f"button[value={guest}]").click()
        return self._tabs[guest]

    def open(self, name: str) -> Any:
        """A page through the eyes that it is meant for."""
        guest, path, *links = PAGES[name]
        tab = self.tab(guest)
        tab.set_viewport_size(SCREEN)
        tab.emulate_media(media="screen", color_scheme="light")
        tab.goto(self.sign_in.removesuffix("/example") + path)
        for link in links:
            tab.locator(link).first.click()
        return tab

    def close(self) -> None:
        """Leave, and see that nobody else was asked and nothing was complained of."""
        for tab in self._tabs.values():
            tab.context.close()
        ours = (self.sign_in.removesuffix("/example"), "data:")
        assert not [url for url in self.asked if not url.startswith(ours)]
        # What Chromium would rather have, where a form has two secrets, is no complaint.
        assert not [text for text in self.said if "403" not in text and not text.startswith("[DOM]")]


def made(example: str) -> str:
    """The example, once its agents have done what they do before anybody looks."""
    base, origin = example.removesuffix("/example"), {"Origin": example.removesuffix("/example")}
    with httpx2.Client(base_url=base, follow_redirects=True, timeout=30) as client:
        form = {"csrf": field(client.get("/example").text, "csrf"), "guest": "employee"}
        client.post("/example", data=form, headers=origin)
        until(lambda: "waits for a yes" in client.get("/agents/triage").text, 120)
        until(lambda: "mail/send" in client.get("/approvals").text, 60)
        until(lambda: "git/rollback" in client.get("/approvals").text, 60)
    return example


@pytest.fixture(scope="module")
def silent(browser: Any, example: str) -> Iterator[Visitor]:
    """A visitor without scripts."""
    visitor = Visitor(browser, made(example), scripts=False)
    yield visitor
    visitor.close()


@pytest.fixture(scope="module")
def scripted(browser: Any, example: str) -> Iterator[Visitor]:
    """A visitor into whose pages axe can be put."""
    visitor = Visitor(browser, made(example), scripts=True)
    yield visitor
    visitor.close()


@pytest.mark.parametrize("name", ["", *PAGES])
def test_nothing_serious_stands_between_anybody_and_a_page(scripted: Visitor, name: str) -> None:
    """In light and in dark.

    Source: axe-core, the rules of WCAG 2.2 A and AA and its best practices.
    """
    tab = scripted.open(name) if name else scripted.tab()
    # By the debugger, since the page's own policy lets no script in.
    tab.evaluate(AXE.read_text("utf-8"))
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        found = tab.evaluate("() => axe.run()")
        assert found["passes"]
        wrong = [
            (v["id"], v["impact"], node["html"][:200])
            for v in found["violations"]
            for node in v["nodes"]
            if v["impact"] in {"serious", "critical"}
        ]
        assert not wrong, scheme


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_telephone_prints_and_says_what_it_is(silent: Visitor, name: str) -> None:
    tab = silent.open(name)
    assert tab.get_by_role("heading", level=1).count() == 1
    assert "(invented)" in tab.title()
    assert tab.locator("nav.pages [aria-current=page]").count() <= 1
    drawn = tab.locator("figure:has(> svg)")
    assert drawn.count() == drawn.filter(has=tab.locator("table")).count()
    for width in (400, 320):
        tab.set_viewport_size({"width": width, "height": 800})
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.emulate_media(media="print")
    assert not [link for link in tab.locator("nav, a.skip, button").all() if link.is_visible()]
    assert len(tab.pdf()) > 10_000


def tab_to(tab: Any, wanted: str) -> None:
    """Press the tabulator until an element has the focus, and see that the focus can be seen."""
    for _ in range(MOST_TABS):
        tab.keyboard.press("Tab")
        if tab.locator(f"{wanted}:focus").count():
            assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            return
    raise AssertionError(f"no way by keyboard to {wanted}")


def test_the_way_through_by_keyboard_alone(silent: Visitor) -> None:
    tab = silent.tab()
    tab.keyboard.press("Tab")
    assert tab.locator("a.skip:focus").is_visible()
    tab_to(tab, "button[value=finance]")
    tab.keyboard.press("Enter")
    tab.get_by_role("heading", level=1, name="What the spend became").wait_for()
    tab_to(tab, "summary")
    tab.keyboard.press("Enter")
    assert tab.locator("details[open] table").is_visible()
    tab.keyboard.press("Shift+Tab")
    tab.goto(silent.sign_in.removesuffix("/example") + "/programme")
    tab.get_by_role("heading", level=2, name="Does it count?").wait_for()
    tab_to(tab, "nav.pages a[href='/me']")
    tab.keyboard.press("Enter")
    tab.get_by_role("heading", level=1, name="My record").wait_for()
    tab_to(tab, "a[href='/me/tools']")
    tab.keyboard.press("Enter")
    tab.get_by_role("heading", level=1, name="Connect your tools").wait_for()
    tab_to(tab, "button.main")
    tab.keyboard.press("Enter")
    tab.get_by_role("heading", level=2, name="Your new token").wait_for()
    token = tab.locator("section.note code").inner_text()
    assert token.startswith("cf_ingest_")
    assert token in tab.locator("#claude-code ~ pre").inner_text()
    tab_to(tab, "ul.held-tokens button")
    tab.keyboard.press("Enter")
    tab.get_by_text("The token holds no longer.").wait_for()


def test_an_objection_is_made_and_taken_back(silent: Visitor) -> None:
    tab = silent.open("record")
    tab.get_by_role("button", name="I object").click()
    tab.get_by_role("status").wait_for()
    tab.get_by_role("button", name="Take it back").click()
    tab.get_by_role("button", name="I object").wait_for()


def test_an_idle_seat_is_asked_about_and_answered_by_keyboard(silent: Visitor) -> None:
    tab = silent.open("record")
    tab.get_by_role("heading", level=2, name="A seat that you may not need").wait_for()
    tab_to(tab, "form[action='/me/seats'] button[value=leave]")
    tab.keyboard.press("Enter")
    tab.get_by_role("status").wait_for()
    assert tab.get_by_text("You said that you are on leave.").is_visible()
    tab.locator("form[action='/me/seats'] button[value=keep]").click()
    tab.get_by_text("You said that you keep it.").wait_for()


def test_a_drawing_is_told_to_who_does_not_see_it(silent: Visitor) -> None:
    tab = silent.open("worth")
    drawing = tab.get_by_role("img", name="Work kept, by block of four weeks")
    assert drawing.count() == 1
    assert "%" in tab.locator("#kept-says").text_content()


def test_pictures_of_it_are_taken(browser: Any, example: str) -> None:
    """`make pictures` renews what the documentation shows."""
    visitor = Visitor(browser, made(example), scripts=False)
    for name in PAGES.keys() - NO_PICTURE:
        picture = IMAGES / f"server-{name}.png"
        if os.environ.get("COUNTERFOIL_PICTURES") == "write":
            tab = visitor.open(name)
            tab.set_viewport_size({**SCREEN, "height": TALL.get(name, SCREEN["height"])})
            tab.screenshot(path=picture)
        assert picture.read_bytes().startswith(b"\x89PNG")
    visitor.close()
