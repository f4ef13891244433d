"""Figures of changes on their way to users: what was planted comes out through the gate, or nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from counterfoil.guard.figures import MADE_BY_FEW, figure_of
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.person import erase
from counterfoil.guard.release import release
from counterfoil.guard.retired import retire
from counterfoil.measure.cohort.metric import COUNTED_BY_STEP, METRICS, Fact
from counterfoil.store.tables import BY_NAME
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import Figure
from counterfoil.terms.delivered import STEPS, CheckRun, Delivery, Deployment, Incident, Landing, Review
from counterfoil.terms.ids import CommitId, MetricId, Pseudonym
from counterfoil.terms.metric import Level
from counterfoil.terms.organisation import WorkFate
from counterfoil.terms.release import Refuse, Released, Withheld
from guard.organisation import MONDAY, ask, gate, people_rows, programme, put, put_in_force, viewer

FLOW = (
    "reverts", "review-load", "change-lead-time", "deployment-frequency", "change-fail-rate",
    "deployment-rework-rate", "failed-deployment-recovery-time", "needless-effects",
)  # fmt: skip
ROBOT = Pseudonym("")
SHA = CommitId("a" * 40)
PEOPLE = 240
LONG_OVER = date(2026, 6, 1)
Table = Mapping[str, np.ndarray[tuple[int, ...], np.dtype[np.int64]]]


def measured() -> str:
    """A programme that measures all of them."""
    kinds = {name: METRICS[MetricId(name)].kind for name in FLOW}
    added = "".join(
        f'[[metrics]]\nid = "{name}"\nkind = "{kind}"\nlevel = "unit"\n\n' for name, kind in kinds.items()
    )
    listed = ", ".join(f'"{name}"' for name in FLOW)
    return programme(
        ('[[metrics]]\nid = "kept"', f'{added}[[metrics]]\nid = "kept"'),
        ('metrics = ["kept", "corrected",', f'metrics = [{listed}, "kept", "corrected",'),
    )


class Planted:
    """Two departments of which everything is known."""

    def __init__(self, g: Guarded) -> None:
        self.g = g
        self.who = people_rows(g, PEOPLE)
        chance = np.random.default_rng(11)
        self.landed = chance.poisson(4, PEOPLE) + 1
        self.deployed = chance.poisson(3, PEOPLE) + 1
        self.rows: list[WorkFate | Delivery | Deployment] = []
        for n, who in enumerate(self.who):
            self._changes(chance, who, n)
            self._deployments(chance, who, n)
            self._agents(chance, who, n)
        self.rows += [deployment(ROBOT, f"robot@{n}") for n in range(100)]
        put(g, *self.rows)
        put_in_force(g, measured())

    def _changes(self, chance: np.random.Generator, who: Pseudonym, n: int) -> None:
        for work in range(self.landed[n]):
            taken = {"undone": MONDAY + timedelta(days=9), "reverted": MONDAY + timedelta(days=9)}
            self.rows.append(
                WorkFate(
                    who=who, kind="change", work=f"a/b#{n}-{work}", landed=MONDAY,
                    reviews=int(chance.integers(1, 4)), comments=int(chance.integers(0, 5)),
                    **(taken if chance.random() < 0.2 else {}),
                )
            )  # fmt: skip
            slow = int(STEPS[min(max(int(chance.normal(7 if n < 120 else 10, 2)), 0), len(STEPS) - 1)])
            self.rows.append(
                Delivery(who=who, work=f"a/b#{n}-{work}", repository="h/a/b", day=MONDAY, minutes=slow)
            )

    def _deployments(self, chance: np.random.Generator, who: Pseudonym, n: int) -> None:
        for work in range(self.deployed[n]):
            failed = chance.random() < 0.3
            recovery = int(STEPS[int(chance.integers(1, 8))]) if failed and chance.random() < 0.9 else None
            self.rows.append(
                deployment(
                    who, f"a/b@{n}-{work}", failed=failed, recovery=recovery, unplanned=chance.random() < 0.25
                )
            )
        self.rows.append(deployment(who, f"a/b@{n}-t", environment="testing"))
        self.rows.append(deployment(who, f"a/b@{n}-f", result="failed"))

    def _agents(self, chance: np.random.Generator, who: Pseudonym, n: int) -> None:
        for work in range(int(chance.poisson(3)) + 1):
            kind = "agent-needless" if chance.random() < 0.3 else "agent-mail"
            self.rows.append(WorkFate(who=who, kind=kind, work=f"run-{n}:{work}", landed=MONDAY))

    def of(self, noun: type, first: int, last: int) -> Sequence[WorkFate | Delivery | Deployment]:
        mine = set(self.who[first:last])
        return [row for row in self.rows if isinstance(row, noun) and row.who in mine]


def deployment(
    who: Pseudonym,
    work: str,
    *,
    failed: bool = False,
    recovery: int | None = None,
    unplanned: bool = False,
    environment: str = "production",
    result: str = "succeeded",
) -> Deployment:
    more = {} if recovery is None else {"recovery": recovery}
    return Deployment(
        who=who, work=work, day=MONDAY, environment=environment, repository="h/a/b", sha=SHA, result=result,
        unplanned=int(unplanned), unplanned_by="label" if unplanned else "", failed=int(failed),
        failed_by="incident" if failed else "", **more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    with gate(tmp_path_factory.mktemp("flow")) as g:
        yield Planted(g)


def figures(planted: Planted, metric: str) -> dict[str, Figure]:
    found = {}
    for answer in release(planted.g, ask(metric), viewer(planted.who[0])).answers:
        if isinstance(answer.verdict, Released):
            found[answer.group] = answer.verdict.answer
    return found


def two_digits(value: float) -> float:
    return float(f"{value:.2g}")


def test_what_was_planted_comes_out(planted: Planted) -> None:
    for place, first in enumerate((0, 120)):
        name, last = f"department-{place}", first + 120
        fates, works = planted.of(WorkFate, first, last), planted.of(Deployment, first, last)
        real = [
            one
            for one in works
            if isinstance(one, Deployment) and (one.environment, one.result) == ("production", "succeeded")
        ]
        all_works = [one for one in fates if isinstance(one, WorkFate)]
        changes = [one for one in all_works if one.kind == "change"]
        acted = [one.kind for one in all_works if one.kind != "change"]
        looks = sum(int(str(one.reviews)) + int(str(one.comments)) for one in changes)
        said = {metric: figures(planted, metric)[name] for metric in FLOW}
        wanted = {
            "needless-effects": acted.count("agent-needless") / len(acted),
            "reverts": sum(not isinstance(one.reverted, Unknown) for one in changes) / len(changes),
            "review-load": looks / len(changes),
            "change-fail-rate": sum(one.failed for one in real) / len(real),
            "deployment-rework-rate": sum(one.unplanned for one in real) / len(real),
        }
        for metric, value in wanted.items():
            assert said[metric].value == two_digits(value), metric
            assert isinstance(said[metric].low, float)
        took = [one.minutes for one in planted.of(Delivery, first, last) if isinstance(one, Delivery)]
        back = [one.recovery for one in real if isinstance(one.recovery, int)]
        for metric, minutes in (("change-lead-time", took), ("failed-deployment-recovery-time", back)):
            middle = said[metric].value
            step = STEPS.index(int(np.percentile(minutes, 50, method="inverted_cdf")))
            assert isinstance(middle, float)
            assert STEPS[step] / 60 - 0.1 <= middle <= STEPS[step + 1] / 60 + 0.1, metric
        frequency = said["deployment-frequency"].value
        assert isinstance(frequency, float)
        assert frequency == pytest.approx(len(real), rel=0.1)


def test_coverage_says_what_is_told_of_nobody(planted: Planted) -> None:
    everyone = int(planted.deployed.sum())
    for figure in figures(planted, "deployment-frequency").values():
        assert figure.coverage == pytest.approx(everyone / (everyone + 100), abs=0.026)
    for figure in figures(planted, "change-lead-time").values():
        assert figure.coverage == 1
    for figure in figures(planted, "failed-deployment-recovery-time").values():
        assert isinstance(figure.coverage, float)
        assert 0.5 < figure.coverage < 0.9


def test_figures_of_the_same_work_share_their_atoms(planted: Planted) -> None:
    for metric in FLOW:
        figures(planted, metric)
    assert {Fact.WORK, Fact.DELIVERY, Fact.DEPLOYMENT} == {METRICS[MetricId(name)].fact for name in FLOW}
    assert [name for name in planted.g.lake.registry.all_kept("atoms") if not name.startswith("work/")] == []
    # A team is less than the floor, whichever table is asked.
    for metric in FLOW:
        answered = release(planted.g, ask(metric, by=Level.TEAM), viewer(planted.who[0]))
        assert all(isinstance(answer.verdict, Refuse | Withheld) for answer in answered.answers)


def table(counts: Sequence[Sequence[int]], whole: str) -> Table:
    steps = np.array(counts)
    told = {name: steps[:, n] for n, name in enumerate(COUNTED_BY_STEP)}
    return {whole: steps.sum(axis=1), **told}


def test_a_median_that_few_people_make_is_told_in_words() -> None:
    metric = METRICS[MetricId("change-lead-time")]
    counts = np.zeros((12, len(STEPS)), np.int64)
    counts[:6, 1], counts[6:, 9], counts[5, 7] = 2, 2, 1
    told = figure_of(metric, table(counts.tolist(), "delivered"), caps={}, coverage=1.0)
    assert isinstance(told, Figure)
    assert (told.value, told.says, told.between) == (MADE_BY_FEW, "an hour to a day", "")
    counts[:, 7] += 3
    told = figure_of(metric, table(counts.tolist(), "delivered"), caps={}, coverage=1.0)
    assert isinstance(told, Figure)
    assert told.says == "18 hours"
    assert told.between.endswith("hours")
    counts[1:] = 0
    few = figure_of(metric, table(counts.tolist(), "delivered"), caps={}, coverage=1.0)
    assert isinstance(few, Withheld)


def test_a_rate_that_one_person_makes_is_withheld() -> None:
    metric = METRICS[MetricId("review-load")]
    sums = {"reviewed": np.full(20, 3), "looks": np.array([400, *[1] * 19])}
    assert isinstance(figure_of(metric, sums, caps={}, coverage=1.0), Withheld)
    told = figure_of(metric, {**sums, "looks": np.arange(20)}, caps={}, coverage=1.0)
    assert isinstance(told, Figure)
    assert told.says == "3.2 reviews and comments"


def test_rows_go_with_a_person_and_when_their_time_is_over(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 24)
        rows = [
            Landing(repository="h/a/b", commit=SHA, work="a/b#1", day=LONG_OVER),
            CheckRun(work="a/b#1", commit=SHA, day=LONG_OVER, green=1),
            Incident(incident="a/b#9", repository="h/a/b", day=LONG_OVER),
            *[Review(who=one, work="a/b#1", day=LONG_OVER, rounds=1, comments=0) for one in who[:2]],
            *[replace(deployment(one, f"a/b@{n}"), day=LONG_OVER) for n, one in enumerate(who[:2])],
        ]
        put(g, *rows)
        assert erase(g, who[0]) == 5
        assert {len(g.lake.rows_of(who[1])[name]["who"]) for name in ("review", "deployment")} == {1}
        assert not any(
            who[0].encode() in path.read_bytes() for path in (tmp_path / "lake").rglob("*.parquet")
        )
        put_in_force(g, measured())
        gone = retire(g)
    assert set(gone) == {"landing", "check_run", "incident", "review", "deployment"}
    assert {table.name for table in BY_NAME.values() if table.day} >= set(gone)
