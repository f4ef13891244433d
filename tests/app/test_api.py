"""The API: the same guard for programs as for people, each trouble told, nothing asked without an entry."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from app.standing import Standing, standing
from counterfoil.guard.roles import give, take
from counterfoil.guard.tokens import Scope, issue, tokens, withdraw
from counterfoil.ledger.entry import told_of
from counterfoil.show.asked import answers_json
from counterfoil.terms.ask import Answer, Answered, Figure, Role
from counterfoil.terms.organisation import Membership, Person
from counterfoil.terms.period import Period
from counterfoil.terms.release import Withheld
from guard.organisation import LONG_AGO, ask, put

KEPT = {"metric": "kept", "by": "unit", "period": "2026-W37", "purpose": "enablement"}
TOKENS = {"metric": "tokens", "by": "company", "period": "2026-W37", "purpose": "value_reporting"}


@pytest.fixture(scope="module")
def s(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    with standing(tmp_path_factory.mktemp("api"), people=1200, full=True) as found:
        yield found


@pytest.fixture
def api(s: Standing) -> TestClient:
    return s.browser()


def as_of(s: Standing, person: int | None, role: str = "") -> dict[str, str]:
    who = {} if person is None else {"who": s.who[person]}
    return {"Authorization": f"Bearer {issue(s.g, Scope.READ, 'a test', role=role, **who)}"}


def described(api: TestClient) -> Any:
    return api.get("/api/openapi.json").json()


def holds(api: TestClient, path: str, answer: Any) -> Any:
    """The JSON of an answer, once its form is the one that is described."""
    told = described(api)
    form = told["paths"][path]["get"]["responses"][str(answer.status_code)]["content"]["application/json"]
    jsonschema.validate(answer.json(), {**form["schema"], "components": told["components"]})
    return answer.json()


def test_a_question_is_answered_as_the_command_answers_it(s: Standing, api: TestClient) -> None:
    before = len(s.g.log)
    answer = api.get("/api/v1/ask", params=KEPT, headers=as_of(s, 0))
    assert answer.status_code == 200, answer.text
    told = holds(api, "/api/v1/ask", answer)
    assert len(told["answers"]) == 10
    assert {one["verdict"] for one in told["answers"]} == {"released"}
    _, bodies = told_of(s.g.log.entry(told["entry"]))
    assert {(b["role"], b["purpose"], b["metric"]) for b in bodies} == {("employee", "enablement", "kept")}
    assert [body["group"] for body in bodies] == [one["group"] for one in told["answers"]]
    assert len(s.g.log) > before
    assert answer.headers["cache-control"] == "no-store"


def test_the_same_answer_as_csv_and_as_parquet(s: Standing, api: TestClient) -> None:
    shown = as_of(s, 0)
    told = api.get("/api/v1/ask", params=KEPT, headers=shown).json()["answers"]
    for headers, more in (({"Accept": "text/csv"}, {}), ({"Accept": "*/*"}, {"format": "csv"})):
        answer = api.get("/api/v1/ask", params={**KEPT, **more}, headers={**shown, **headers})
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert [row["group"] for row in rows] == [one["group"] for one in told]
        assert [float(row["value"]) for row in rows] == [one["figure"]["value"] for one in told]
    answer = api.get("/api/v1/ask", params={**KEPT, "format": "parquet"}, headers=shown)
    table = pq.read_table(io.BytesIO(answer.content))
    assert table["value"].to_pylist() == [one["figure"]["value"] for one in told]
    assert table["people"].to_pylist() == [one["figure"]["people"] for one in told]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json", "application/json"),
        ("text/html, application/vnd.apache.parquet;q=0.5", "application/vnd.apache.parquet"),
        ("text/*", "text/csv; charset=utf-8"),
        ("text/csv;q=0, application/*", "application/json"),
    ],
)
def test_an_answer_comes_in_the_form_that_is_accepted(
    s: Standing, api: TestClient, accept: str, kind: str
) -> None:
    answer = api.get("/api/v1/ask", params=KEPT, headers={**as_of(s, 0), "Accept": accept})
    assert answer.headers["content-type"] == kind


def test_a_form_that_there_is_not_is_not_guessed(s: Standing, api: TestClient) -> None:
    before = len(s.g.log)
    shown = as_of(s, 0)
    answer = api.get("/api/v1/ask", params=KEPT, headers={**shown, "Accept": "image/png"})
    assert answer.status_code == 406
    assert len(s.g.log) == before + 1, "the token's issue alone"


def test_a_refusal_has_its_clause_and_its_entry(s: Standing, api: TestClient) -> None:
    for purpose in ("performance_review", "ranking"):
        answer = api.get("/api/v1/ask", params={**KEPT, "purpose": purpose}, headers=as_of(s, 0))
        assert answer.status_code == 403
        told = holds(api, "/api/v1/ask", answer)
        assert told["clause"] and told["error"]["code"] == "refused"
        assert {one["verdict"] for one in told_of(s.g.log.entry(told["entry"]))[1]} == {"refused"}
    person = api.get("/api/v1/ask", params={**KEPT, "filter": f"who={s.who[5]}"}, headers=as_of(s, 0))
    assert person.status_code == 403
    assert s.who[5] not in person.text
    refused = api.get(
        "/api/v1/ask", params={**KEPT, "purpose": "ranking", "format": "csv"}, headers=as_of(s, 0)
    )
    assert refused.headers["content-type"] == "application/json"


def test_what_is_withheld_is_said_and_is_no_zero(api: TestClient) -> None:
    answered = Answered(ask=ask(), answers=[Answer(group="=2+3", verdict=Withheld())], entry=1)
    told = described(api)["components"]["schemas"]
    form = {"$ref": "#/components/schemas/AnswersForm", "components": {"schemas": told}}
    jsonschema.validate(json.loads(answers_json(answered)), form)
    from counterfoil.show.answered import answers_csv, answers_parquet

    (row,) = csv.DictReader(io.StringIO(answers_csv(answered)))
    assert (row["verdict"], row["value"], row["value_unknown"], row["group"]) == ("withheld", "", "", "'=2+3")
    table = pq.read_table(io.BytesIO(answers_parquet(answered)))
    assert table["value"].to_pylist() == [None] and table["group"].to_pylist() == ["=2+3"]


def test_what_is_not_known_is_null_with_its_reason() -> None:
    from counterfoil.show.answered import answers_csv, answers_parquet
    from counterfoil.terms.absent import Unknown
    from counterfoil.terms.release import Released

    why = Unknown("nothing was read")
    figure = Figure(
        value=why,
        low=why,
        high=why,
        says="unknown",
        between="",
        unit="x",
        people=50,
        coverage=why,
        method="kept",
    )
    answered = Answered(ask=ask(), answers=[Answer(group="a", verdict=Released(figure, "c"))], entry=1)
    (row,) = csv.DictReader(io.StringIO(answers_csv(answered)))
    assert (row["value"], row["value_unknown"]) == ("", "nothing was read")
    table = pq.read_table(io.BytesIO(answers_parquet(answered)))
    assert table["coverage"].to_pylist() == [None]
    assert table["coverage_unknown"].to_pylist() == ["nothing was read"]


def test_a_token_of_a_person_asks_as_that_person_in_a_role_that_they_hold(
    s: Standing, api: TestClient
) -> None:
    give(s.g, Role.FINANCE, s.who[700])
    shown = as_of(s, 700, "finance")
    assert api.get("/api/v1/ask", params=TOKENS, headers=shown).status_code == 200
    take(s.g, Role.FINANCE, s.who[700])
    answer = api.get("/api/v1/ask", params=TOKENS, headers=shown)
    assert (answer.status_code, answer.json()["clause"]) == (403, "role-not-held")


def test_a_token_of_nobody_asks_as_the_operator_and_in_no_other_role(s: Standing, api: TestClient) -> None:
    shown = as_of(s, None)
    assert api.get("/api/v1/ask", params=TOKENS, headers=shown).status_code == 200
    usage = {**TOKENS, "by": "unit", "purpose": "cost_control"}
    assert api.get("/api/v1/ask", params=usage, headers=shown).status_code == 403, "it may be of any team"
    for role in ("finance", "council", "leader", "employee", "admin", "dpo"):
        answer = api.get("/api/v1/ask", params=TOKENS, headers=as_of(s, None, role))
        assert (answer.status_code, answer.json()["clause"]) == (403, "role-not-held")


def test_a_token_of_somebody_who_left_asks_nothing(s: Standing, api: TestClient) -> None:
    (gone,) = s.g.keys.pseudonyms(["left-long-ago"])
    put(s.g, Person(who=gone, role="office", joined=LONG_AGO, left=date(2026, 11, 1)))
    put(s.g, Membership(who=gone, unit=ask_unit(), since=LONG_AGO, until=date(2026, 11, 1)))
    token = issue(s.g, Scope.READ, "", who=gone)
    answer = api.get("/api/v1/ask", params=TOKENS, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403
    assert holds(api, "/api/v1/ask", answer)["clause"] == "token-of-somebody-gone"


def ask_unit() -> Any:
    return "team-000"


@pytest.mark.parametrize("path", ["ask", "metrics", "programme", "ledger/checkpoint"])
def test_without_a_token_of_its_scope_nothing_is_told(s: Standing, api: TestClient, path: str) -> None:
    wrong = [issue(s.g, scope, "a test") for scope in Scope if scope is not Scope.READ]
    gone = issue(s.g, Scope.READ, "gone")
    withdraw(s.g, next(name for name, token in tokens(s.g) if token.name == "gone"))
    before = len(s.g.log)
    for shown in (
        "",
        "Bearer",
        "Basic YTpi",
        "Bearer cf_read_guess",
        *(f"Bearer {one}" for one in (*wrong, gone)),
    ):
        answer = api.get(f"/api/v1/{path}", params=KEPT, headers={"Authorization": shown} if shown else {})
        assert answer.status_code == 401, shown
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["error"]["code"] == "no-token"
    assert len(s.g.log) == before


@pytest.mark.parametrize(
    "changed",
    [
        {"period": "yesterday"},
        {"period": "0001-01-01"},
        {"period": "9999-12-31"},
        {"period": "2026-W60"},
        {"period": "2026-W3\N{ARABIC-INDIC DIGIT SEVEN}"},
        {"by": "person"},
        {"by": "nobody"},
        {"metric": ""},
        {"metric": "x" * 101},
        {"purpose": ""},
        {"filter": "unit"},
        {"filter": "=x"},
        {"filter": ["unit=a", "unit=b"]},
        {"filter": "unit=" + "x" * 300},
        {"filter": [f"n{n}=x" for n in range(9)]},
        {"format": "xlsx"},
    ],
)
def test_what_can_t_be_read_is_told_and_not_logged(s: Standing, api: TestClient, changed: Any) -> None:
    shown, before = as_of(s, 0), len(s.g.log)
    answer = api.get("/api/v1/ask", params={**KEPT, **changed}, headers=shown)
    assert answer.status_code == 422, answer.text
    assert holds(api, "/api/v1/ask", answer)["error"]["hint"]
    assert len(s.g.log) == before


def test_what_can_be_asked_the_programme_and_the_checkpoint(s: Standing, api: TestClient) -> None:
    shown = as_of(s, None)
    metrics = holds(api, "/api/v1/metrics", api.get("/api/v1/metrics", headers=shown))["metrics"]
    assert {"kept", "tokens"} <= {one["id"] for one in metrics if one["measured"]}
    assert all(one["breaks_when"] for one in metrics)
    programme = holds(api, "/api/v1/programme", api.get("/api/v1/programme", headers=shown))
    assert "enablement" in programme["purposes"] and "[about]" in programme["text"]
    answer = api.get("/api/v1/ledger/checkpoint", headers=shown)
    assert answer.text == s.g.log.checkpoint and answer.headers["content-type"].startswith("text/plain")


def test_without_a_programme_there_is_none_to_tell(tmp_path: Path) -> None:
    with standing(tmp_path) as empty:
        api = empty.browser()
        shown = as_of(empty, None)
        answer = api.get("/api/v1/programme", headers=shown)
        assert answer.status_code == 404
        assert holds(api, "/api/v1/programme", answer)["error"]["code"] == "no-programme"
        assert api.get("/api/v1/metrics", headers=shown).json()["metrics"][0]["measured"] is False
        asked = api.get("/api/v1/ask", params=KEPT, headers=shown)
        assert (asked.status_code, asked.json()["clause"]) == (403, "no-programme")


def test_its_description_is_whole_and_from_nowhere_else(api: TestClient) -> None:
    told = described(api)
    assert set(told["paths"]) == {
        "/api/v1/ask",
        "/api/v1/audits",
        "/api/v1/metrics",
        "/api/v1/programme",
        "/api/v1/ledger/checkpoint",
        "/healthz",
        "/metrics",
    }
    assert told["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    for path, methods in told["paths"].items():
        (operation,) = methods.values()
        assert operation["summary"] and operation["description"], path
        assert (path == "/healthz") or operation["security"] == [{"token": []}], path
        assert all(answer["description"] for answer in operation["responses"].values())
    text = api.get("/api/openapi.json").text
    assert "://" not in text.replace("https://counterfoil", "")
    assert api.get("/docs").status_code == 303 or api.get("/docs").status_code == 404
    assert api.get("/api/docs").json()["error"]["code"] == "no-answer"
    assert api.post("/api/v1/ask").status_code == 405


def test_asking_too_often_is_told(s: Standing) -> None:
    api, shown = TestClient(s.site, base_url=s.address), as_of(s, 0)
    answers = [api.get("/api/v1/metrics", headers=shown)]
    while answers[-1].status_code == 200 and len(answers) < 500:
        answers.append(api.get("/api/v1/metrics", headers=shown))
    late = answers[-1]
    assert len(answers) > 120
    assert late.status_code == 429 and int(late.headers["retry-after"]) > 0
    assert late.json()["error"]["code"] == "too-often"
    assert api.get("/api/v1/metrics", headers=as_of(s, 1)).status_code == 200, "another program may"


def test_periods_of_other_centuries_and_digits_are_none() -> None:
    for text in ("1999-W01", "2200-B01", "2026-0\N{ARABIC-INDIC DIGIT ONE}"):
        with pytest.raises(ValueError, match="a period is"):
            Period.parse(text)
