"""Whoever has an idle seat is asked on their own page; no page, API or log of others says whose it is."""

from collections.abc import Iterator
from datetime import date

import pytest
from starlette.testclient import TestClient

from counterfoil.app.door.session import COOKIE, Sessions
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.site import Site
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.tokens import Scope, issue
from counterfoil.ledger.entry import EntryKind
from counterfoil.terms.ask import Role
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.organisation import NEVER_USED, Seat
from guard.organisation import NOW, gate, lived, people_rows, programme, put, put_in_force

HOST = "testserver"
SAID = {
    "keep": "You said that you keep it.",
    "return": "You said that it may be returned.",
    "leave": "You said that you are on leave.",
}
PEOPLE, IDLE = 120, 30
OF_ALL = ("/", "/usage", "/usage?by=block", "/units", "/targets", "/programme", "/ledger", "/admin")


class Company:
    """A company in which some have a seat that they don't use."""

    def __init__(self, g: Guarded) -> None:
        self.g, self.sessions = g, Sessions()
        self.who = people_rows(g, PEOPLE)
        lived(g, self.who)
        put(
            g,
            *[
                Seat(
                    who=who,
                    tool="copilot",
                    assigned=date(2026, 1, 5),
                    last_active=NEVER_USED if n < IDLE else NOW.date(),
                )
                for n, who in enumerate(self.who)
            ],
        )
        put_in_force(g, programme())
        self.site = Site(Desk(g, lambda: NOW), self.sessions, hosts={HOST})

    def open(
        self, who: Pseudonym | None, role: Role = Role.EMPLOYEE, secret: bytes | None = None
    ) -> TestClient:
        """A browser of somebody who signed in."""
        cookie = self.sessions.begin(who, secret, role=role)
        headers = {"origin": f"http://{HOST}"}
        return TestClient(self.site, headers=headers, cookies={COOKIE: cookie}, follow_redirects=False)

    def csrf(self, browser: TestClient) -> str:
        signed = self.sessions.of(browser.cookies[COOKIE])
        assert signed is not None
        return signed.csrf


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with gate(tmp_path_factory.mktemp("idle")) as g:
        yield Company(g)


def answered(company: Company, browser: TestClient, says: str, tool: str = "copilot") -> tuple[int, str]:
    form = {"csrf": company.csrf(browser), "tool": tool, "answer": says}
    answer = browser.post("/me/seats", data=form)
    return answer.status_code, answer.headers.get("location", "")


def test_a_holder_is_asked_answers_and_is_told_what_they_said(company: Company) -> None:
    secret = company.g.keys.secret_of("p00003")  # type: ignore[attr-defined]
    browser = company.open(company.who[3], secret=secret)
    before = len(company.g.log)
    text = browser.get("/me").text
    assert len(company.g.log) == before + 1, "one entry about themselves, for all of the page"
    assert "A seat that you may not need" in text and "not used since you got it on 2026-01-05" in text
    assert browser.post("/me/seats", data={"tool": "copilot", "answer": "keep"}).status_code == 403, (
        "no token"
    )
    assert answered(company, browser, "sell")[0] in {400, 422}
    for says, words in SAID.items():
        assert answered(company, browser, says) == (303, f"/me?done={says}")
        assert f"<b>{words}</b>" in browser.get(f"/me?done={says}").text


def test_who_has_no_idle_seat_is_not_asked_and_can_not_answer(company: Company) -> None:
    browser = company.open(company.who[IDLE + 1])
    assert "A seat that you may not need" not in browser.get("/me").text
    assert answered(company, browser, "return")[0] == 403
    assert answered(company, company.open(None), "return")[0] == 403, "an operator has no seat"


def test_who_signed_in_without_their_secret_is_asked_too(company: Company) -> None:
    browser = company.open(company.who[4])
    text = browser.get("/me").text
    assert "only your secret opens them" in text and 'action="/me/seats"' in text
    assert answered(company, browser, "return") == (303, "/me?done=return")
    assert "nobody learns that it is yours" in browser.get("/me?done=return").text


def test_no_page_api_or_log_of_others_names_somebody_whose_seat_is_idle(company: Company) -> None:
    """The law of idle seats: counts alone, whatever an admin opens."""
    for n in range(8, 16):
        assert answered(company, company.open(company.who[n]), "return")[0] == 303
    names = [*map(str, company.who[:IDLE]), *[f"p{n:05d}" for n in range(IDLE)]]
    admin = company.open(None, Role.OPERATOR)
    told = {path: admin.get(path).text for path in OF_ALL}
    assert "Seats by tool" in told["/admin"] and "about 30" in told["/admin"] and "about 10" in told["/admin"]
    token = {"Authorization": f"Bearer {issue(company.g, Scope.READ, 'admin')}"}
    metrics = {"Authorization": f"Bearer {issue(company.g, Scope.METRICS, 'monitor')}"}
    program = TestClient(company.site)
    for metric in ("seats", "seats-used"):
        ask = {"metric": metric, "by": "unit", "period": "2026-B10", "purpose": "capacity_planning"}
        for form in ("json", "csv"):
            told[f"{metric} as {form}"] = program.get(
                "/api/v1/ask", params={**ask, "format": form}, headers=token
            ).text
    told["/metrics"] = program.get("/metrics", headers=metrics).text
    log = [company.g.log.entry(place) for place in range(len(company.g.log))]
    told["the log"] = b"\n".join(entry[1:] for entry in log if entry[0] != EntryKind.PERSON_READ).decode()
    assert all(len(text) > 100 for text in told.values())
    assert not [(where, name) for where, text in told.items() for name in names if name in text]
