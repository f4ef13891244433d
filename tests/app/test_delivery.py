"""The page about delivery over an invented company: what was planted is what it says, and nothing else."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pytest

from app.test_pages import Company, read
from counterfoil.app.server import asked
from counterfoil.app.server.agreed import in_force
from counterfoil.app.server.example import company_of
from counterfoil.guard.dominance import rounded, rounded_count
from counterfoil.guard.incidents import FLOOR, incidents_linked
from counterfoil.guard.members import members_of
from counterfoil.guard.page import answers
from counterfoil.measure.cohort.metric import METRICS
from counterfoil.show.server.delivery import BESIDE, KEYS
from counterfoil.show.server.figure import cell
from counterfoil.simulate.company.fates import FATE, Planted
from counterfoil.simulate.forge.rollout import NOBODY
from counterfoil.simulate.forge.tell import Forge, forge
from counterfoil.simulate.tables.sheet import PERSON
from counterfoil.terms.ask import Figure, Role, Viewer
from counterfoil.terms.delivered import STEPS, step_of
from counterfoil.terms.error import StoreError
from counterfoil.terms.ids import MetricId
from counterfoil.terms.period import Period
from counterfoil.terms.release import Released

OPERATOR = Viewer(who=None, role=Role.OPERATOR)
A_DAY = 86_400


@pytest.fixture(scope="module")
def planted() -> Forge:
    lived, _ = company_of(400, date.today())
    return forge(lived)


def last_block(company: Company) -> Period:
    force = in_force(company.g)
    assert force is not None
    return asked.blocks(force.programme, MetricId("reverts"), company.g.now.date())[-1]


def figure(company: Company, metric: str, block: Period) -> Figure:
    (told,) = answers(company.g, [asked.whole(MetricId(metric), block)], OPERATOR)
    verdict = told.answers[0].verdict
    assert isinstance(verdict, Released), metric
    return verdict.answer


def is_near(middle: object, minutes: Sequence[float]) -> bool:
    """Whether a median lies in the step in which that of the planted durations lies."""
    place = STEPS.index(step_of(float(np.median(minutes))))
    return (
        isinstance(middle, float)
        and STEPS[place] <= middle * 60 * 1.05
        and middle * 60 <= STEPS[place + 1] * 1.05
    )


def test_the_five_keys_are_what_was_planted(company: Company, planted: Forge) -> None:
    g, block = company.g, last_block(company)
    pseudonyms = g.keys.pseudonyms([PERSON % n for n in range(len(planted.teams))])
    inside = set(members_of(g.lake, block.blocks()[0]).who.tolist())
    member = np.array([who in inside for who in pseudonyms])

    def counts(seconds: int, who: int) -> bool:
        day = planted.first.date() + timedelta(days=seconds // A_DAY)
        return block.since <= day < block.until and who != NOBODY and bool(member[who])

    real = [one for one in planted.planted.rollouts if one.succeeded and counts(one.at, one.owner)]
    back = [(one.right - one.at) / 60 for one in real if one.right is not None]
    made = planted.made
    took = [
        (one.at - int(made.changes.at[one.change])) / 60
        for one in planted.planted.arrivals
        if counts(one.at, int(made.changes.who[one.change]))
    ]
    landed = [
        n for n in np.flatnonzero(made.fates.lands).tolist()
        if counts(int(made.fates.landed[n]), int(made.changes.who[n]))
    ]  # fmt: skip
    taken = sum(
        made.fates.fate[n] == FATE[Planted.REVERTED]
        and made.fates.undone[n] // A_DAY <= made.fates.landed[n] // A_DAY + 30
        for n in landed
    )
    looks = sum(int(made.fates.reviews[n] + made.fates.comments[n]) for n in landed)
    wanted = {
        "change-fail-rate": sum(one.failed for one in real) / len(real),
        "deployment-rework-rate": sum(one.unplanned for one in real) / len(real),
        "reverts": taken / len(landed),
        "review-load": looks / len(landed),
    }
    assert {name: figure(company, name, block).value for name in wanted} == {
        name: rounded(value) for name, value in wanted.items()
    }
    assert 0.04 < wanted["change-fail-rate"] < 0.25 and len(back) > 20
    assert figure(company, "deployment-frequency", block).value == pytest.approx(len(real), rel=0.1)
    assert is_near(figure(company, "failed-deployment-recovery-time", block).value, back)
    assert is_near(figure(company, "change-lead-time", block).value, took)
    assert 0.7 < float(str(figure(company, "change-fail-rate", block).coverage)) < 1


def test_incidents_are_linked_as_was_planted(company: Company, planted: Forge) -> None:
    block = last_block(company)
    days = [(planted.first.date() + timedelta(days=one.opened // A_DAY), one.link) for one in
            planted.planted.outages]  # fmt: skip
    links = [link for day, link in days if block.since <= day < block.until]
    told = incidents_linked(company.g, block, asked.WHOLE, OPERATOR)
    assert isinstance(told, Released)
    assert told.answer.incidents == rounded_count(len(links))
    for link, count in told.answer.by.items():
        planned = links.count(link)  # type: ignore[arg-type]
        assert count == (rounded_count(planned) if planned >= FLOOR else None), link


def test_every_figure_on_the_page_came_out_of_the_guard(company: Company) -> None:
    """Values, and what the drawings say, are those of the questions, and there are no others."""
    g, text = company.g, read(company.open("employee"), "/delivery")
    force = in_force(g)
    assert force is not None
    shown = re.findall(r'<dd class="value">\s*<b>([^<]*)</b>', text)
    now = [figure(company, name, last_block(company)) for name in (*KEYS, *BESIDE)]
    told = answers(
        g, [asked.whole(MetricId(name), last_block(company)) for name in (*KEYS, *BESIDE)], OPERATOR
    )
    assert len(now) == len(shown)
    assert shown == [cell(one.answers[0]).says for one in told]
    for name in (*KEYS, *BESIDE):
        weeks = asked.weeks(force.programme, MetricId(name), g.now.date())
        over = answers(g, [asked.whole(MetricId(name), week) for week in weeks], OPERATOR)
        (says,) = re.findall(rf'<desc id="{name}-says">([^<]*)</desc>', text)
        assert [part.rpartition(": ")[2] for part in says.split("; ")] == [
            cell(one.answers[0]).says for one in over
        ]
        assert f'href="/methods/{name}"' in text
    assert text.count("95 % interval") >= len(KEYS) and "Beside it: Deployment rework rate" in text
    assert METRICS.keys() >= {*KEYS, *BESIDE}
    assert not re.search(r"department-|team-|p0\d{5}", text)


def test_while_the_keys_are_away_the_page_has_no_figure(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = company.open("leader")

    def away(*_: object) -> str:
        raise StoreError("keyholder-down", "the keyholder is away", hint="start it")

    monkeypatch.setattr(type(company.g.keys), "name", away)
    text = read(browser, "/delivery")
    assert "keyholder-down" in text and "Whoever holds the keys" in text
    assert not re.findall(r"about \d|\d %|<dd class=\"value\">\s*<b>", text.split("<h2>By week")[0])
    assert "What people report" in read(browser, "/") and "keyholder-down" in read(browser, "/")


def test_what_people_report_stands_apart_from_what_is_measured(company: Company) -> None:
    text = read(company.open("employee"), "/")
    section = text.split('<h2 id="reported">')[1].split("<h2>")[0]
    assert "Reported, and not measured" in section
    assert re.search(r"about \d+ % of those who may answer did", section)
    rows = re.findall(r'(?s)<tr><th scope="row">([^<]*)</th>(.*?)</tr>', section)
    assert [len(re.findall("<td>", cells)) for _, cells in rows] == [2] * 6
    assert "Net hours" in rows[3][0] and "hours" in rows[3][1]
    assert re.search(r"\d %.*of about \d+", rows[4][1].replace("\n", " "))
    assert "<dt>Work corrected</dt>" in section and "95 % interval" in section
    assert "A programme came into force" in read(company.open("council"), "/ledger?before=3")
    log = read(company.open("council"), "/ledger")
    assert "asked what the pulse autumn came to, for value reporting; allowed" in log
