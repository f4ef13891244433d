"""Audits from the command line, on the page and over HTTP; no person is in any of it, wherever it is told."""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from app.standing import Standing, standing
from counterfoil.app.directory import opened
from counterfoil.app.run import run
from counterfoil.app.server.compacting import Compactor
from counterfoil.guard.audited import OPERATOR, audit, audits_due
from counterfoil.guard.tokens import Scope, issue
from counterfoil.guard.weekly import unit_weeks
from counterfoil.measure.cohort.metric import Fact
from counterfoil.show.audited import audits, audits_json
from counterfoil.store.batches import BatchLog
from counterfoil.terms.organisation import Person
from guard.audited_company import BEGINS, lived_for_long, with_target
from guard.organisation import LONG_AGO, people_rows, put, put_in_force, usage

PEOPLE = 300


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """A server of a company whose tokens have come apart, audited as its job would."""
    with standing(tmp_path_factory.mktemp("audited"), people=PEOPLE) as found:
        put_in_force(found.g, with_target())
        lived_for_long(found.g, found.who, gamed_from=20, share=0.4)
        for ask in audits_due(found.g):
            audit(found.g, ask, OPERATOR)
        yield found


@pytest.fixture(scope="module")
def shown(there: Standing) -> str:
    return there.inside(13).get("/audit").text


def test_the_page_says_it_in_words_with_its_evidence_and_what_follows(there: Standing, shown: str) -> None:
    assert "Is the number still true?" in shown
    assert "Has come apart from outcomes since week" in shown
    assert '<a href="/targets#target-tokens"><code>targets.tokens</code></a>' in shown
    assert "withdraws its target and display until a new version" in shown
    assert shown.count("<figure>") == shown.count("<details>") == 2
    assert "What could be seen here" in shown
    assert "No person is named" not in shown and "no person is named" in shown
    assert not re.search(r"<script|style=|score(?!d)", shown.replace("has a score", ""))


def test_targets_and_boards_and_the_log_tell_of_the_suspension(there: Standing) -> None:
    browser = there.inside(13)
    text = browser.get("/targets").text
    assert "refused <code>suspended</code>" in text
    assert 'href="/audit#audit-tokens"' in text
    assert "tokens was suspended, as the programme says: entry" in text
    log = browser.get("/ledger").text
    assert "Tokens was suspended, as the programme says" in log
    assert "asked whether tokens of the company is still true; allowed" in log
    assert "Sums of units were kept of usage in the week from" in log


def test_the_api_tells_what_the_page_does_and_refuses_what_is_suspended(there: Standing) -> None:
    api = there.browser()
    key = {"Authorization": f"Bearer {issue(there.g, Scope.READ, 'a test')}"}
    answer = api.get("/api/v1/audits", headers=key)
    told = api.get("/api/openapi.json").json()
    form = told["paths"]["/api/v1/audits"]["get"]["responses"]["200"]["content"]["application/json"]
    jsonschema.validate(answer.json(), {**form["schema"], "components": told["components"]})
    (one,) = answer.json()["audits"]
    assert (one["metric"], one["verdict"]) == ("tokens", "has come apart from outcomes")
    asked = {"metric": "tokens", "by": "company", "period": "2026-W30", "purpose": "value_reporting"}
    for kind in ("json", "csv", "parquet"):
        refused = api.get("/api/v1/ask", params={**asked, "format": kind}, headers=key)
        assert (refused.status_code, refused.json()["clause"]) == (403, "suspended")


def test_nobody_is_in_anything_that_is_told(there: Standing, shown: str) -> None:
    """A law over every output: no identity, no pseudonym, no unit of the panel by its name."""
    browser = there.inside(13)
    key = {"Authorization": f"Bearer {issue(there.g, Scope.READ, 'a test')}"}
    asked = [(ask, (one := audit(there.g, ask, OPERATOR)).verdict, one.entry) for ask in audits_due(there.g)]
    texts = [
        shown,
        browser.get("/targets").text,
        browser.get("/ledger").text,
        there.browser().get("/api/v1/audits", headers=key).text,
        audits(asked, width=80, color=True, unicode=True),
        audits_json(asked),
        *(there.g.log.entry(n)[1:].decode("utf-8", "replace") for n in range(len(there.g.log))),
    ]
    people = {*map(str, there.who), *(f"p{n:05d}" for n in range(PEOPLE))}
    for text in texts:
        assert not [name for name in people if name in text]
        assert not re.search(r"team-\d{3}", text)


def test_the_command_has_its_exit_code_and_says_what_it_rests_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    with opened(data, make=True) as g:
        who = people_rows(g, PEOPLE)
        put_in_force(g, with_target())
        lived_for_long(g, who, gamed_from=20, share=0.4)
    where = ["--data", str(data)]
    assert run(["workload", "add", "ci", "--kind", "ci", "--for", "reviews", *where]) == 0
    assert run(["workload", "add", "CI", "--kind", "ci", "--for", "reviews", *where]) == 3
    assert run(["workload", "list", "--json", *where]) == 0
    assert run(["workload", "retire", "ci", *where]) == 0
    out = capsys.readouterr().out
    assert "ci is declared since" in out and "refused (no-name)" in out and '"for": "reviews"' in out
    assert run(["audit", *where]) == 1
    out = capsys.readouterr().out
    assert "Has come apart from outcomes since week" in out and "It points at targets.tokens" in out
    assert run(["audit", "kept", "--json", *where]) == 3
    assert json.loads(capsys.readouterr().out)[0]["clause"] == "not-audited"
    assert run(["audit", "tokens", "--event", "programme@v1", *where]) == 1
    assert "launched a target" in capsys.readouterr().out
    assert run(["audit", *where, "--people", "9"]) == run(["audit", "--event", "programme@v1", *where]) == 2


def test_what_could_be_seen_is_told_before_anything_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", "--power"]) == 0
    out = capsys.readouterr().out
    assert [size for size in ("300", "1,000", "3,000", "10,000") if f"{size} people" in out] == [
        "300", "1,000", "3,000", "10,000",
    ]  # fmt: skip
    assert run(["audit", "--power", "--people", "700", "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["people"], one["simulated"]) == (700, 300)


def test_a_job_audits_once_a_day_before_rows_go(tmp_path: Path) -> None:
    with standing(tmp_path, people=60) as s, BatchLog(tmp_path) as log:
        put_in_force(s.g, with_target(), witnesses=())
        put(s.g, *(usage(one, day=BEGINS, output=10) for one in s.who))
        compactor = Compactor(s.desk, log)
        compactor.once()
        entries = len(s.g.log)
        assert unit_weeks(s.g, Fact.USAGE)
        compactor.once()
        assert len(s.g.log) == entries
        assert s.inside(13).get("/audit").text.count("Not audited yet") >= 1


def test_a_token_of_somebody_who_left_is_told_no_audit(there: Standing) -> None:
    token = issue(there.g, Scope.READ, "of-a-leaver", who=there.who[5], role="employee")
    asked = {"Authorization": f"Bearer {token}"}
    assert there.inside(13).get("/api/v1/audits", headers=asked).status_code == 200
    put(there.g, Person(who=there.who[5], role="office", joined=LONG_AGO, left=date(2026, 6, 1)))
    assert there.inside(13).get("/api/v1/audits", headers=asked).status_code == 401
