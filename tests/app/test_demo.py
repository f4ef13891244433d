"""The pages of the demo, from the running program: whole, closed, and without anything from outside."""

import itertools
import re
from urllib.request import urlopen

import pytest

PAGES = ("/", "/launch", "/board", "/people", "/audit", "/linter", "/repaired")


def read(address: str, path: str) -> str:
    with urlopen(address.rstrip("/") + path, timeout=20) as answer:
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        return str(answer.read().decode("utf-8"))


@pytest.mark.parametrize("path", PAGES)
def test_each_page_says_that_it_is_invented_and_asks_nobody_else(demo: str, path: str) -> None:
    page = read(demo, path)
    assert "Everything here is invented." in page
    assert "a model, not a measurement" in page
    assert not re.search(r"<script|style=|https?://(?!127)", page)


def test_the_pages_lead_through_the_story(demo: str) -> None:
    for here, following in itertools.pairwise(PAGES[1:]):
        assert f'class="next screen">Next: <a href="{following}"' in read(demo, here)
    assert "Next:" not in read(demo, PAGES[-1])


def test_the_board_stands_as_history_with_its_findings(demo: str) -> None:
    page = read(demo, "/board")
    assert "85,000 people, 30 days, 60 trillion tokens. 250 places were shown." in page
    assert page.index("History.") < page.index("<table")
    for rule in ("AP101", "AP206", "AP301", "AP302", "AP303"):
        assert f"Rule {rule}" in page
    for title in ("Token Legend", "Session Immortal", "Model Connoisseur", "Cache Wizard", "emerald"):
        assert title in page
    assert page.count('<th scope="row">Person ') == 250


def test_an_audit_would_have_seen_it_within_weeks_and_what_the_repair_did(demo: str) -> None:
    page = read(demo, "/audit")
    found = re.search(r"<dt>Alarm</dt><dd>after (\d+) weeks", page)
    assert found is not None
    assert int(found[1]) <= 6
    assert "Has come apart from outcomes since week" in page
    assert page.count("<figure>") == page.count("<details>") == 2
    tokens = re.search(r"<dt>Tokens</dt><dd>([\d.]+) million tokens a head and week less", page)
    assert tokens is not None
    assert not re.search(r"Person \d|team-\d", page)


def test_the_linter_and_the_repair_are_those_of_the_commands(demo: str) -> None:
    rules = set(re.findall(r"Rule (AP\d+)", read(demo, "/linter")))
    assert {"AP101", "AP102", "AP103", "AP301", "AP303", "AP304", "AP306", "AP403", "AP601"} <= rules
    repaired = read(demo, "/repaired")
    assert "The board of people is gone" in repaired
    assert "before launch" in repaired
    assert "[review]" in repaired


def test_the_dashboard_falls_and_the_hours_stay(demo: str) -> None:
    page = read(demo, "/repaired")
    rows = {
        name: [float(cell.split()[0]) for cell in re.findall(r"<td>([^<]+)</td>", cells)]
        for name, cells in re.findall(r'<tr><th scope="row">([^<]+)</th>(.*?)</tr>', page)
        if "under" not in cells and "over " not in cells and "(" not in cells
    }
    before, after = rows["active, as the dashboard has it"]
    assert before > 85 > after
    early, late = rows["hours gained by 100 people in the week"]
    assert early == pytest.approx(late, rel=0.05)
    honest = rows["used AI and left the number alone"]
    assert honest[1] > honest[0] + 15
