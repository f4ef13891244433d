"""What was planted of sessions and their changes comes out of the invented company, figure by figure."""

import csv
import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from app.test_pages import HEADERS, HOST, MOST_BYTES, form_of
from counterfoil.app.door.session import Sessions
from counterfoil.app.progress import Meter
from counterfoil.app.server import asked
from counterfoil.app.server.agreed import in_force
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.example import invented, known_guests
from counterfoil.app.server.site import Site
from counterfoil.guard.dominance import rounded
from counterfoil.guard.figures import base_of
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.members import members_of
from counterfoil.guard.page import answers
from counterfoil.terms.ask import Ask, Figure, Role, Viewer
from counterfoil.terms.ids import MetricId
from counterfoil.terms.period import Block, Period
from counterfoil.terms.release import Released, Withheld

PARTS = ("standing", "undone", "not-landed", "too-young", "not-examined")
Rows = list[dict[str, str]]


def read(path: Path) -> Rows:
    with path.open(encoding="ascii", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def day_of(text: str) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


class Company:
    """An invented company, and what was planted in it."""

    def __init__(self, g: Guarded, tables: Path) -> None:
        self.g, self.today = g, g.now.date()
        self.changes = {row["work"]: row for row in read(tables / "changes.csv")}
        self.sessions = {row["session"]: row for row in read(tables / "sessions.csv")}
        self.truth: dict[str, Rows] = defaultdict(list)
        for row in read(tables / "truth" / "sessions.csv"):
            self.truth[row["session"]].append(row)
        force = in_force(g)
        assert force is not None
        self.periods = asked.blocks(force.programme, MetricId("spend-standing"), self.today)

    def fate(self, row: Mapping[str, str]) -> str | None:
        """What became of a change by today; None where nothing told of it."""
        change = self.changes[row["work"]]
        landed = day_of(change["landed_at"])
        if landed is None or row["connected"] == "0":
            return None
        undone = [d for name in ("reverted_at", "corrected_at") if (d := day_of(change[name])) is not None]
        if undone and min(undone) <= landed + timedelta(days=30):
            return "undone"
        return "standing" if landed + timedelta(days=30) <= self.today else "too-young"

    def planted(self, period: Period) -> tuple[Mapping[str, np.ndarray], Mapping[str, float]]:
        """Each member's parts of a period, and the spend and the changes of the company."""
        members = members_of(self.g.lake, Block.parse(period.name))
        people = {str(who): place for place, who in enumerate(members.who)}
        names = sorted({row["who"] for row in self.sessions.values()})
        place_of = {
            name: people.get(str(who)) for name, who in zip(names, self.g.keys.pseudonyms(names), strict=True)
        }
        parts = {name: np.zeros(len(people), np.int64) for name in (*PARTS, "joined")}
        days = Counter((row["who"], row["day"]) for row in self.sessions.values())
        changes = 0
        for number, session in self.sessions.items():
            place, day = place_of[session["who"]], date.fromisoformat(session["day"])
            made, cost = self.truth[number], int(session["cost"])
            if place is None or not period.since <= day < period.until or not made[0]["path"]:
                continue
            if made[0]["path"] == "mark" and days[session["who"], session["day"]] > 1:
                # Which of the day's sessions left the mark, nobody can say.
                continue
            parts["joined"][place] += cost
            fates = [fate for row in made if (fate := self.fate(row)) is not None]
            changes += fates.count("standing")
            if not fates:
                known = made[0]["named"] == "1" and made[0]["connected"] == "1"
                fates = ["not-landed" if known else "not-examined"]
            for n, fate in enumerate(fates):
                # Remainders of a micro-dollar go to the works in their order.
                parts[fate][place] += cost // len(fates) + (n < cost % len(fates))
        spent = sum(int(parts[name].sum()) for name in PARTS[:4])
        return parts, {"spent": spent, "changes": changes, "joined": int(parts["joined"].sum())}

    def figure(self, ask: Ask) -> Figure | Withheld:
        viewer = Viewer(who=known_guests(self.g.keys)["employee"].who, role=Role.EMPLOYEE)
        (verdict,) = (answer.verdict for answer in answers(self.g, [ask], viewer)[0].answers)
        assert not isinstance(verdict, str)
        if isinstance(verdict, Released):
            told: Figure = verdict.answer
            return told
        assert isinstance(verdict, Withheld), verdict
        return verdict


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    with invented(300, date.today(), Meter(shown=False)) as (g, data):
        yield Company(g, data.parent / "tables")


def test_every_planted_fate_comes_out_as_the_gate_rounds_it(company: Company) -> None:
    period = company.periods[-1]
    parts, sums = company.planted(period)
    told = 0
    for name in PARTS:
        figure = company.figure(asked.whole(MetricId(f"spend-{name}"), period))
        if isinstance(figure, Figure):
            dollars, base = parts[name].sum() / 1e6, base_of(parts[name]) / 1e6
            assert figure.value == rounded(base * round(dollars / base)), name
            told += 1
    # Parts that few people have are kept back, each with another one.
    assert told >= 2
    cost = company.figure(asked.whole(MetricId("cost-per-standing-change"), period))
    assert isinstance(cost, Figure)
    assert cost.value == rounded(sums["spent"] / sums["changes"] / 1e6)
    assert isinstance(cost.low, float) and isinstance(cost.high, float)
    assert cost.low <= sums["spent"] / sums["changes"] / 1e6 <= cost.high
    values = {"since": period.since, "until": period.until}
    chosen = dict.fromkeys(("tool", "model", "trigger"))
    mine = members_of(company.g.lake, Block.parse(period.name)).who.astype(str)
    spend = company.g.lake.run("spend", ["spend"], {**values, "path": None})
    listed = company.g.lake.run("usage", ["usage_day"], {**values, **chosen})
    here = np.isin(spend["who"].astype(str), mine)
    whole = int(listed["cost"][np.isin(listed["who"].astype(str), mine)].sum())
    columns = [*(name.replace("-", "_") for name in PARTS), "unknown"]
    assert sum(int(spend[name][here].sum()) for name in columns) == whole
    joined = company.figure(asked.whole(MetricId("spend-joined"), period))
    assert isinstance(joined, Figure)
    assert joined.value == rounded(sums["joined"] / whole)


def test_the_page_begins_with_what_became_of_the_spend(company: Company) -> None:
    guests = known_guests(company.g.keys)
    site = Site(Desk(company.g), Sessions(), hosts={HOST}, guests=guests)
    browser = TestClient(site, headers=HEADERS, follow_redirects=False)
    browser.post("/example", data={"guest": "employee", "csrf": form_of(browser)})
    answer = browser.get("/")
    assert len(gzip.compress(answer.content, 6)) <= MOST_BYTES
    text = answer.text
    assert text.index("<h2>Spend by fate</h2>") < text.index("The block in figures")
    for words in ("A change that still stands cost $", "still standing", "corrected or reverted"):
        assert words in text
    assert "spend is not tied to single changes" not in text
    rows = re.findall(r'<a href="/methods/(spend-[a-z-]+)">', text)
    assert rows[:6] == [f"spend-{name}" for name in (*PARTS, "unknown")]
    drawn = re.findall(r'<rect class="fate [a-z-]+" x="([\d.]+)" y="4" width="([\d.]+)"', text)
    assert sum(float(width) for _, width in drawn) == pytest.approx(720, abs=0.1)
    assert re.search(r"list prices of genai-prices [\d.]+ \(PyPI, MIT\), read \d{4}-\d\d-\d\d", text)
    for name in ("cost-per-standing-change", "spend-unknown", "spend-joined"):
        assert browser.get(f"/methods/{name}").status_code == 200
