"""The page: complete without a script or a request, readable aloud, by keyboard and on paper."""

import re
from collections.abc import Callable
from dataclasses import fields, replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, meta

from counterfoil.show import chart
from counterfoil.show import page as page_module
from counterfoil.show.page import Page, page
from counterfoil.terms.ids import MicroUsd
from counterfoil.terms.work import SpendPart

TEMPLATE = Path(page_module.__file__).parent / "templates" / "report.html.j2"
KINDS = ("full", "empty", "bare")


class Elements(HTMLParser):
    """Every element in order, with its attributes and the elements around it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], tuple[str, ...]]] = []
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), tuple(self._open)))
        if tag not in {"meta", "rect", "line", "path", "link", "br"}:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), tuple(self._open)))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes, _ in self.found if name == tag]


@pytest.fixture(params=KINDS)
def shown(request: pytest.FixtureRequest, make: Callable[..., Any]) -> str:
    return page(make(request.param))


def test_the_template_shows_every_field_of_the_page_and_nothing_else() -> None:
    source = TEMPLATE.read_text("utf-8")
    used = meta.find_undeclared_variables(Environment().parse(source))
    assert used == {field.name for field in fields(Page)} | {"width", "height", "left"}


def test_nothing_is_fetched_and_nothing_runs(shown: str) -> None:
    elements = Elements(shown)
    assert (
        not elements.named("script")
        + elements.named("link")
        + elements.named("iframe")
        + elements.named("img")
    )
    assert not [a for _, a, _ in elements.found for key in a if key.startswith("on")]
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//|url\(", shown)
    policy = [
        m["content"] for m in elements.named("meta") if m.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy and "default-src 'none'" in str(policy[0])


def test_every_chart_has_words_and_is_followed_by_its_table(shown: str) -> None:
    elements = Elements(shown)
    assert shown.count("<figure>") == len(re.findall(r"</figure>\s*<div class=\"wide\"", shown))
    charts = [a for a in elements.named("svg") if a.get("role") == "img"]
    assert all(a.get("aria-labelledby") for a in charts)
    others = [a for a in elements.named("svg") if a.get("role") != "img"]
    assert all(a.get("aria-hidden") == "true" for a in others)


def test_headings_follow_each_other_and_tables_are_named(shown: str) -> None:
    levels = [int(tag[1]) for tag in re.findall(r"<(h[1-6])[ >]", shown)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert shown.count("<table>") == shown.count("<caption>")
    assert all(th.get("scope") in ("col", "row") for th in Elements(shown).named("th"))
    assert '<html lang="en">' in shown and 'class="skip" href="#report"' in shown and 'id="report"' in shown


def test_an_example_is_marked_wherever_one_looks(make: Callable[..., Any]) -> None:
    shown = page(make("full", example=True))
    assert shown.count("EXAMPLE: everything on this page was invented") == 2
    assert 'content:"EXAMPLE"' in shown and "<title>EXAMPLE: " in shown
    assert "EXAMPLE" not in page(make("full", example=False))


@pytest.mark.parametrize("largest", ["standing", "nothing_found", "unknown"])
def test_every_segment_has_a_number_of_its_own_however_narrow(make: Callable[..., Any], largest: str) -> None:
    report = make("full").answer
    spend = {part.value: MicroUsd(10**9 if part == largest else 1) for part in SpendPart}
    bar = chart.fate_bar(replace(report, worth=replace(report.worth, spend_by_fate=spend)))
    assert [s.number for s in bar] == list(range(1, len(SpendPart) + 1))
    places = [0.0, *(s.number_at for s in bar), chart.WIDTH]
    assert all(b - a >= chart.NUMBER_APART / 2 for a, b in pairwise(places))
    assert all(b - a >= chart.NUMBER_APART - 0.02 for a, b in pairwise(places[1:-1]))
    assert all(s.number_at == s.middle for s in bar if s.key == largest and s.number not in (1, len(bar)))


def test_the_legend_names_the_number_of_every_segment(make: Callable[..., Any]) -> None:
    released = make("full")
    shown = page(released)
    for bar in (chart.fate_bar(released.answer), chart.tier_bar(released.answer)):
        for s in bar:
            assert f'y="59">{s.number}</text>' in shown
            assert re.search(rf"<li>{s.number} <svg[^>]*><title>{re.escape(s.label)}</title>", shown)


def test_bars_tile_their_width_and_columns_stay_in_the_plot(make: Callable[..., Any]) -> None:
    report = make("full").answer
    for bar in (chart.fate_bar(report), chart.tier_bar(report)):
        assert bar[0].x == 0
        assert all(abs(a.x + a.width - b.x) < 0.05 for a, b in pairwise(bar))
        assert abs(bar[-1].x + bar[-1].width - chart.WIDTH) < 0.05
    columns, _, _ = chart.day_columns(report)
    assert columns
    assert all(c.y >= 0 and abs(c.y + c.height - chart.PLOT_HEIGHT) < 0.05 for c in columns)
    assert all(c.x >= chart.LEFT and c.x + c.width <= chart.WIDTH for c in columns)
    curves, _ = chart.curves(report)
    for curve in curves:
        across = [float(x) for x in re.findall(r"[MH](-?[\d.]+)", curve.line)]
        assert across == sorted(across)


def colours(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z_0-9]+):(#[0-9a-f]{6})\b", css))


def contrast(one: str, other: str) -> float:
    """Source: WCAG 2.2, contrast ratio."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_words_stand_out_in_light_and_dark() -> None:
    light, dark = (
        colours(block) for block in re.findall(r":root\{(.*?)\}", TEMPLATE.read_text("utf-8"), re.DOTALL)[:2]
    )
    for palette in (light, light | dark):
        for ink in ("ink", "soft", "accent"):
            for ground in ("ground", "card"):
                assert contrast(palette[ink], palette[ground]) >= 4.5, (ink, ground)
    for part in ("standing", "corrected", "reverted", "replaced"):
        assert contrast(light[part], "#ffffff") >= 4.5 and contrast(dark[part], "#0d1116") >= 4.5, part


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 400])
def test_a_browser_shows_it_without_script_or_request(
    browser: Any, make: Callable[..., Any], tmp_path: Path, scheme: str, width: int
) -> None:
    file = tmp_path / "report.html"
    file.write_text(page(make("full", example=True)), "utf-8")
    context = browser.new_context(
        java_script_enabled=False, color_scheme=scheme, viewport={"width": width, "height": 900}
    )
    tab = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: said.append(message.text))
    tab.goto(file.as_uri())
    assert asked == [file.as_uri()]
    assert not said
    tab.keyboard.press("Tab")
    assert tab.locator("a.skip:focus").count() == 1
    tab.keyboard.press("Enter")
    tab.wait_for_url("**#report")
    regions = tab.locator("[role=region][tabindex='0']").count()
    assert regions == tab.locator("table").count() > 5
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert len(tab.pdf()) > 10_000
    context.close()
