"""The demo in a real browser: by keyboard alone, without scripts, narrow, dark, printed, read aloud."""

import itertools
import os
from pathlib import Path
from typing import Any

import pytest

PAGES = ("", "launch", "board", "people", "linter", "repaired")
IMAGES = Path(__file__).parents[2] / "docs" / "images"
pytestmark = pytest.mark.browser


@pytest.fixture
def tab(demo_tab: Any) -> Any:
    """A page without scripts that asks nobody else, in light and in dark."""
    return demo_tab


def test_the_whole_story_by_keyboard_alone(tab: Any, demo: str) -> None:
    tab.keyboard.press("Tab")
    assert tab.locator("a.skip:focus").is_visible()
    for title in ("The launch", "The board", "What people did"):
        link = "ol.story a" if tab.url == demo else "p.next a"
        for _ in range(60):
            tab.keyboard.press("Tab")
            if tab.locator(f"{link}:focus").count():
                break
        assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        tab.keyboard.press("Enter")
        tab.get_by_role("heading", level=1, name=title).wait_for()
    tab.locator("summary").first.focus()
    tab.keyboard.press("Enter")
    assert tab.get_by_role("table", name="What people did, every fourth week").is_visible()


@pytest.mark.parametrize("width", [320, 400])
def test_nothing_is_wider_than_a_telephone(tab: Any, demo: str, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 800})
    for page in PAGES:
        tab.goto(demo + page)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, page


def test_a_drawing_is_told_to_who_does_not_see_it(tab: Any, demo: str) -> None:
    tab.goto(demo + "people")
    drawing = tab.get_by_role("img", name="What people did, by week")
    assert drawing.count() == 1
    assert "made calls only to be over the line: 3" in tab.locator("#behaviour-says").text_content()
    for area in tab.locator("svg text.mid").all():
        assert area.text_content()


def test_each_page_has_one_heading_and_names_where_it_is(tab: Any, demo: str) -> None:
    for page in PAGES:
        tab.goto(demo + page)
        assert tab.get_by_role("heading", level=1).count() == 1
        assert tab.locator("nav [aria-current=page]").count() == 1
        levels = [int(h.evaluate("e => e.tagName[1]")) for h in tab.locator("h1,h2,h3,h4").all()]
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), page


def test_it_prints(tab: Any, demo: str) -> None:
    for page in PAGES:
        tab.goto(demo + page)
        tab.emulate_media(media="print")
        assert not [link for link in tab.locator("nav, a.skip, p.next").all() if link.is_visible()]
        assert len(tab.pdf()) > 10_000


def test_words_stand_out_from_their_ground(tab: Any, demo: str) -> None:
    """4.5 to 1 for words, 3 to 1 for what is drawn, in light and in dark."""
    tab.goto(demo + "people")
    ratios = tab.evaluate(
        """() => {
          const lum = c => { const v = c.match(/[\\d.]+/g).slice(0, 3).map(x => x / 255)
            .map(x => x <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4)
            return .2126 * v[0] + .7152 * v[1] + .0722 * v[2] }
          const ground = lum(getComputedStyle(document.body).backgroundColor)
          const ratio = c => { const l = lum(c)
            return (Math.max(l, ground) + .05) / (Math.min(l, ground) + .05) }
          const words = [...document.querySelectorAll('p,li,a,text,th,td,summary')]
            .map(e => ratio(getComputedStyle(e)[e.tagName === 'text' ? 'fill' : 'color']))
          const drawn = [...document.querySelectorAll('path.layer')].map(e => ratio(getComputedStyle(e).fill))
          return [Math.min(...words), Math.min(...drawn)] }"""
    )
    assert ratios[0] >= 4.5
    assert ratios[1] >= 3


def test_pictures_of_it_are_taken(browser: Any, demo: str) -> None:
    """`make pictures` renews what the documentation shows."""
    names = {"people": "demo-people.png", "board": "demo-board.png"}
    context = browser.new_context(viewport={"width": 900, "height": 700}, color_scheme="light")
    for page, name in names.items():
        tab = context.new_page()
        tab.goto(demo + page)
        if os.environ.get("COUNTERFOIL_PICTURES") == "write":
            tab.screenshot(path=IMAGES / name)
        assert (IMAGES / name).read_bytes().startswith(b"\x89PNG")
    context.close()
