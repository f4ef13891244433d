"""The pages of the server over an invented company: who sees what, what is refused, and what a form needs."""

import gzip
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from counterfoil.app.door.session import COOKIE, Sessions
from counterfoil.app.progress import Meter
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.example import GUESTS, Known, invented, known_guests
from counterfoil.app.server.site import Site, pages
from counterfoil.guard.force import keep_cosigned
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.tokens import Scope, token_of, tokens
from counterfoil.ledger.entry import EntryKind
from counterfoil.ledger.sign import SignerKey, signature_line
from counterfoil.terms.ask import Role
from counterfoil.terms.error import StoreError
from guard.organisation import gate, programme, put_in_force

HOST = "testserver"
HEADERS = {"origin": f"http://{HOST}"}
MOST_BYTES = 25_000
EVERYBODY = (
    "/", "/delivery", "/usage", "/usage?by=block", "/usage?by=day", "/units", "/targets", "/audit",
    "/programme", "/ledger",
)  # fmt: skip
OF_ONES_OWN = ("/me", "/me/tools", "/me/erase")
METHODS = tuple(
    f"/methods/{name}"
    for name in ("tokens", "list-cost", "weekly-use", "kept", "seats", "review-load", "change-lead-time")
)


def form_of(browser: TestClient) -> str:
    """What the form that leads into the invented company sends along."""
    found = re.search(r'name="csrf" value="([^"]+)"', browser.get("/example").text)
    assert found is not None
    return found[1]


class Company:
    """An invented company with its pages."""

    def __init__(self, g: Guarded, guests: Mapping[str, Known]) -> None:
        self.g, self.guests, self.sessions = g, guests, Sessions()
        self.site = Site(Desk(g), self.sessions, hosts={HOST}, guests=guests)

    def open(self, guest: str) -> TestClient:
        """A browser of somebody who signed in."""
        browser = TestClient(self.site, headers=HEADERS, follow_redirects=False)
        assert browser.post("/example", data={"guest": guest, "csrf": form_of(browser)}).status_code == 303
        return browser

    def csrf(self, browser: TestClient) -> str:
        signed = self.sessions.of(browser.cookies[COOKIE])
        assert signed is not None
        return signed.csrf


def read(browser: TestClient, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, (path, answer.text)
    return answer.text


@pytest.mark.parametrize("guest", [guest.key for guest in GUESTS])
def test_every_page_is_whole_small_and_says_that_it_is_invented(company: Company, guest: str) -> None:
    browser = company.open(guest)
    mine = OF_ONES_OWN if guest != "operator" else ("/me", "/admin")
    for path in (*EVERYBODY, *METHODS, *mine):
        answer = browser.get(path)
        assert answer.status_code == 200, path
        text = answer.text
        assert len(gzip.compress(answer.content, 6)) <= MOST_BYTES, path
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["content-encoding"] == "gzip"
        assert ">EXAMPLE<" in text, path
        assert not re.search(r"<script|\son\w+=|style=|(?:src|href|action)=\"https?:", text), path
        levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", text)]
        assert levels.count(1) == 1 and all(b - a <= 1 for a, b in pairwise(levels)), path
        ids = re.findall(r"\sid=\"([^\"]+)\"", text)
        assert len(ids) == len(set(ids)), path
        named = re.findall(r"(?:href=\"#|\sfor=\"|aria-labelledby=\"|aria-describedby=\")([^\"]+)\"", text)
        assert not [part for name in named for part in name.split() if part not in [*ids, "content"]], path


def test_without_a_report_on_this_machine_there_is_no_page_of_it(company: Company) -> None:
    browser = company.open("operator")
    for path in ("/this-machine", "/enter/this-machine/made-up"):
        assert browser.get(path).status_code == 404
    assert "/this-machine" not in browser.get("/example").text


def test_no_page_names_or_orders_people(company: Company) -> None:
    """No identity and no pseudonym is on any page, and no link orders anything."""
    browser = company.open("leader")
    names = {known.guest.identity for known in company.guests.values()} - {""}
    pseudonyms = {str(known.who) for known in company.guests.values() if known.who}
    for path in (*EVERYBODY, "/me", "/units?figure=tokens"):
        text = read(browser, path)
        assert not [name for name in names | pseudonyms if name in text], path
        assert not re.search(r"sort|order=|rank=|top=", text), path


def test_worth_has_money_work_and_rework_side_by_side_with_what_they_rest_on(company: Company) -> None:
    text = read(company.open("employee"), "/")
    for words in ("Cost at list price", "Work that landed", "Work kept", "Work corrected"):
        assert f"<dt>{words}</dt>" in text
    assert text.count("95 % interval") >= 4
    assert text.count("coverage") >= 4
    assert "Beside it: Work corrected" in text
    assert 'href="/methods/kept"' in text
    assert "Unknown is not zero." in text
    assert "Incidents that customers felt" in text
    assert "Whether people believe this programme" not in text and "Believe that it stays out" in text
    assert "score" not in text.replace("No page here has a score", "")


def test_a_period_is_one_that_a_link_leads_to(company: Company) -> None:
    browser = company.open("employee")
    links = re.findall(r'href="(/\?period=[^"]+)"', read(browser, "/"))
    assert links
    assert all(browser.get(link).status_code == 200 for link in links)
    for wrong in ("/?period=2020-B01", "/?period=now", "/usage?by=hour", "/usage?by=day&week=2020-W01"):
        assert browser.get(wrong).status_code == 404, wrong


def test_usage_carries_the_finding_where_it_is_a_target(company: Company) -> None:
    text = read(company.open("employee"), "/usage")
    assert "This programme makes use a target" in text
    assert "Rule AP101" in text
    assert "Tokens, by week" in text
    week = read(company.open("employee"), "/usage?by=day")
    assert "Tokens, by day" in week and "/usage?by=day&amp;week=" in week


def test_what_units_show_hangs_on_the_role_and_ones_own_team_is_refused(company: Company) -> None:
    employee, leader = company.open("employee"), company.open("leader")
    text = read(employee, "/units")
    names = re.findall(r'<tr><th scope="row">(department-\d+)', text)
    assert names == sorted(names) and len(names) > 2
    assert "Tokens: the programme shows it of units to leaders and finance." in text
    assert employee.get("/units?figure=tokens").status_code == 404
    use = read(leader, "/units?figure=tokens")
    assert "activity-of-many" in use
    assert "billion" in use or "million" in use


def test_targets_show_their_denominator_and_what_speaks_against_them(company: Company) -> None:
    text = read(company.open("council"), "/targets")
    assert "is to reach 80 %, counted over a week" in text
    assert "the first day of the block" in text
    assert "no" in text and "leaves out leave, part-time work, disability" in text
    assert re.search(r"Rule AP101, at <code>targets\.weekly-use</code>", text)
    assert "came into force" in text
    assert "People who use AI in a week, against 80 %" in text
    assert "/units?figure=weekly-use" not in text
    assert "/units?figure=weekly-use" in read(company.open("leader"), "/targets")


def test_the_programme_says_first_whether_it_counts_and_counts_who_read_it(company: Company) -> None:
    browser = company.open("employee")
    text = read(browser, "/programme")
    assert text.index("count in reviews") < text.index("What is measured")
    assert "<b>No.</b>" in text
    assert "Fewer than five people have said so." in text
    assert browser.post("/programme/read").status_code == 403
    done = browser.post("/programme/read", data={"csrf": company.csrf(browser)})
    assert done.status_code == 200 and "You are counted" in done.text
    operator = company.open("operator")
    assert operator.post("/programme/read", data={"csrf": company.csrf(operator)}).status_code == 403


def test_ones_own_record_is_shown_corrected_objected_to_and_taken_away(company: Company) -> None:
    browser = company.open("council")
    csrf = company.csrf(browser)
    text = read(browser, "/me")
    assert "Your use of AI, by day" in text and "Figures of many that you are part of" in text
    assert browser.post("/me/objection", data={"objects": "true"}).status_code == 403
    wrong = browser.post("/me/objection", data={"objects": "true", "csrf": "guessed"})
    assert wrong.status_code == 403 and "This is not yours to do" in wrong.text
    done = browser.post("/me/objection", data={"objects": "true", "csrf": csrf})
    assert done.headers["location"] == "/me?done=objected"
    assert "You objected" in read(browser, "/me?done=objected")
    browser.post("/me/objection", data={"objects": "false", "csrf": csrf})
    assert "Object to being measured" in read(browser, "/me")
    says = "The third <b>was</b> never mine."
    assert browser.post("/me/correction", data={"says": says, "csrf": csrf}).status_code == 303
    assert browser.post("/me/correction", data={"says": " ", "csrf": csrf}).status_code == 400
    assert "The third &lt;b&gt;was&lt;/b&gt; never mine." in read(browser, "/me")
    rows = browser.get("/me/usage_day.csv")
    assert rows.headers["content-type"].startswith("text/csv")
    assert rows.text.splitlines()[0].startswith("who,day,tool")
    assert browser.get("/me/nothing.csv").status_code == 404


def test_a_token_is_shown_once_with_the_lines_and_is_ones_own_to_withdraw(company: Company) -> None:
    browser, other = company.open("finance"), company.open("leader")
    csrf = company.csrf(browser)
    made = browser.post("/me/tools", data={"csrf": csrf})
    (token,) = set(re.findall(r"cf_ingest_[\w-]+", made.text))
    known = token_of(company.g, token, Scope.INGEST)
    assert known is not None and known.who == company.guests["finance"].who
    again = read(browser, "/me/tools")
    assert token not in again
    (name,) = re.findall(r'name="name" value="([0-9a-f]{12})"', again)
    assert name not in read(other, "/me/tools")
    theirs = {"csrf": company.csrf(other), "name": name}
    assert other.post("/me/tools/withdraw", data=theirs).status_code == 404
    assert browser.post("/me/tools/withdraw", data={"csrf": csrf, "name": name}).status_code == 200
    assert token_of(company.g, token, Scope.INGEST) is None


def test_admin_is_for_keepers_and_has_counts_alone(company: Company) -> None:
    for guest in ("employee", "leader", "council", "finance"):
        browser = company.open(guest)
        refused = browser.get("/admin")
        assert refused.status_code == 403 and "role-not-held" in refused.text
        csrf = company.csrf(browser)
        asked = {"csrf": csrf, "name": "n", "scope": "scim"}
        assert browser.post("/admin/tokens", data=asked).status_code == 403
        assert browser.post("/admin/tokens/withdraw", data=asked).status_code == 403
    browser = company.open("operator")
    csrf = company.csrf(browser)
    made = browser.post("/admin/tokens", data={"csrf": csrf, "name": "HR <x>", "scope": "read",
                                               "role": "finance"})  # fmt: skip
    (token,) = set(re.findall(r"cf_read_[\w-]+", made.text))
    known = token_of(company.g, token, Scope.READ)
    assert known is not None and (known.name, known.role) == ("HR <x>", Role.FINANCE)
    text = read(browser, "/admin")
    assert token not in text and "HR &lt;x&gt;" in text and "as finance" in text
    (name,) = re.findall(r'name="name" value="([0-9a-f]{12})"', text)
    for wrong in ({"scope": "root"}, {"scope": "read", "role": "operator"}, {"scope": "read", "name": " "}):
        asked = {"csrf": csrf, "name": "n", **wrong}
        assert browser.post("/admin/tokens", data=asked).status_code in {400, 422}
    assert browser.post("/admin/tokens/withdraw", data={"csrf": csrf, "name": "0" * 12}).status_code == 404
    assert browser.post("/admin/tokens/withdraw", data={"csrf": csrf, "name": name}).status_code == 200
    assert not [found for _, found in tokens(company.g) if not found.who]


def test_what_sources_sent_is_shown_where_it_is_counted(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        sessions = Sessions()
        app = pages(Desk(g), sessions)
        browser = TestClient(app, headers=HEADERS, cookies={COOKIE: sessions.begin(None)})
        assert "What came in" not in read(browser, "/admin")
        app.state.sent = lambda: [("OTLP over HTTP", "12 requests, 340 events")]
        assert "12 requests, 340 events" in read(browser, "/admin")


def test_an_admin_form_does_not_reach_tokens_of_people(company: Company) -> None:
    browser, operator = company.open("employee"), company.open("operator")
    browser.post("/me/tools", data={"csrf": company.csrf(browser)})
    (name,) = [known for known, found in tokens(company.g) if found.who]
    asked = {"csrf": company.csrf(operator), "name": name}
    assert operator.post("/admin/tokens/withdraw", data=asked).status_code == 404
    browser.post("/me/tools/withdraw", data={"csrf": company.csrf(browser), "name": name})


def test_the_log_has_every_page_that_was_opened(company: Company) -> None:
    before = len(company.g.log)
    browser = company.open("council")
    read(browser, "/")
    assert len(company.g.log) > before
    text = read(browser, "/ledger")
    assert "The works council asked for cost at list price of the company" in text
    assert "A programme came into force" in read(browser, "/ledger?before=3")
    assert browser.get("/ledger?before=-1").status_code in {400, 422}
    assert "counterfoil verify" in text


def test_who_has_not_signed_in_is_shown_where_to(company: Company) -> None:
    browser = TestClient(company.site, headers=HEADERS, follow_redirects=False)
    for path in ("/", "/me", "/admin", "/methods/kept"):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/example")
    assert browser.post("/me/erase").status_code == 303
    text = read(browser, "/example")
    assert text.count("Look at it as") == len(GUESTS)
    assert browser.post("/example", data={"guest": "nobody"}).status_code == 403
    asked = {"guest": "nobody", "csrf": form_of(browser)}
    assert browser.post("/example", data=asked).status_code == 404
    assert browser.get("/nothing").status_code == 404
    elsewhere = TestClient(company.site, headers={"origin": "http://evil.example"})
    assert elsewhere.post("/example", data={"guest": "employee"}).status_code == 403


def test_the_operator_has_no_record_and_no_tools(company: Company) -> None:
    browser = company.open("operator")
    assert "about whom nothing is held" in read(browser, "/me")
    assert browser.get("/me/tools").status_code == 403
    assert browser.get("/me/erase").status_code == 403


def test_without_ones_secret_the_record_stays_sealed(company: Company) -> None:
    cookie = company.sessions.begin(company.guests["employee"].who)
    browser = TestClient(company.site, headers=HEADERS, cookies={COOKIE: cookie})
    assert "only your secret opens them" in read(browser, "/me")
    assert "only your secret opens them" in read(browser, "/me/usage_day.csv")
    assert "sign in with your secret" in read(browser, "/programme")


def test_a_keyholder_that_is_away_means_that_nothing_is_read(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = company.open("employee")

    def away(*_: object) -> str:
        raise StoreError("keyholder-down", "the keyholder is away", hint="start it")

    monkeypatch.setattr(type(company.g.keys), "name", away)
    text = read(browser, "/")
    assert (
        "keyholder-down" in text and "<b>" not in re.findall(r"(?s)<dl class=\"figures\">.*?</dl>", text)[0]
    )
    answer = browser.get("/me")
    assert answer.status_code == 403 and "keyholder-down" in answer.text


def test_a_store_that_fails_is_told_as_such(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise StoreError("ledger-unwritable", "the log can't be written", hint="make room")

    browser = company.open("employee")
    monkeypatch.setattr(type(company.g.log), "append", full)
    answer = browser.get("/")
    assert answer.status_code == 503 and "Make room." in answer.text
    assert answer.headers["retry-after"] == "30"


@pytest.fixture
def another() -> Iterator[Company]:
    """A company of its own: after an erasure, of its weeks nothing new is answered."""
    with invented(200, date.today(), Meter(shown=False)) as (g, _):
        yield Company(g, known_guests(g.keys))


def test_whoever_means_it_is_erased_and_signed_out(another: Company) -> None:
    company = another
    mine, browser = company.guests["leader"].who, company.open("leader")
    csrf = company.csrf(browser)
    assert "can't be undone" in read(browser, "/me/erase")
    browser.post("/me/tools", data={"csrf": csrf})
    assert [found.who for _, found in tokens(company.g)] == [mine]
    wrong = browser.post("/me/erase", data={"csrf": csrf, "word": "yes"})
    assert wrong.status_code == 422 and "Not erased" in wrong.text
    done = browser.post("/me/erase", data={"csrf": csrf, "word": "Erase"})
    assert done.status_code == 200 and "your keys were erased" in done.text
    assert browser.get("/me").headers["location"] == "/example"
    assert not list(tokens(company.g))
    sealed = [n for n in range(len(company.g.log)) if company.g.log.entry(n)[0] == EntryKind.PERSON_READ]
    assert sealed


def test_a_wider_audience_is_announced_before_it_holds(tmp_path: Path) -> None:
    """It is proposed, everybody sees what would change, and what it waits for."""
    witness = SignerKey.of("witness.test/one", b"w" * 32, witness=True)
    with gate(tmp_path) as g:
        before = programme()
        put_in_force(g, before, [str(witness.verifier)])
        wider = before.replace('audience = ["leaders", "finance"]', 'audience = ["everyone"]')
        assert put_in_force(g, wider, [str(witness.verifier)]).state == "proposed"
        sessions = Sessions()
        site = Site(Desk(g), sessions, hosts={HOST})
        browser = TestClient(site, headers=HEADERS, cookies={COOKIE: sessions.begin(None)})
        for path in ("/targets", "/programme"):
            text = read(browser, path)
            assert "Proposed, and not in force" in text
            assert "<b>weaker</b>" in text and "everyone" in text
        assert "was proposed" in read(browser, "/targets")
        assert "0 of 14 days lie between" in read(browser, "/programme")
        assert "witness.test/one" in read(browser, "/programme")
        assert "No witness has cosigned" in read(browser, "/ledger")
        checkpoint = g.log.checkpoint
        text = checkpoint[: checkpoint.rindex("\n\n") + 1]
        at = int(datetime.now(UTC).timestamp())
        keep_cosigned(g, checkpoint + signature_line(text, witness, at=at), witness.verifier)
        assert "witness.test/one, " in read(browser, "/ledger")


def test_without_a_programme_nothing_is_measured_and_nothing_breaks(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        sessions = Sessions()
        site = Site(Desk(g), sessions, hosts={HOST})
        browser = TestClient(site, headers=HEADERS, cookies={COOKIE: sessions.begin(None)})
        for path in ("/", "/delivery", "/usage", "/units", "/targets", "/programme"):
            text = read(browser, path)
            assert "No programme is in force" in text and "EXAMPLE" not in text
        assert "What the lake has" in read(browser, "/admin")
        assert "0 entries" in read(browser, "/ledger")
        assert read(browser, "/methods/kept")
        stranger = TestClient(site, headers=HEADERS, follow_redirects=False)
        assert stranger.get("/").headers["location"] == "/sign-in"
        assert "the file of your secret" in read(stranger, "/sign-in")
        assert stranger.get("/example").status_code == 404
        csrf = re.findall(r'name="csrf" value="([^"]+)"', read(stranger, "/sign-in"))[0]
        asked = {"guest": "operator", "csrf": csrf}
        assert stranger.post("/example", data=asked).status_code == 404
        assert stranger.get("/server.css").headers["content-type"].startswith("text/css")
        assert stranger.get("/demo.css").status_code == 404
