"""The door: who gets in, with what, for how long, and what another site can't do."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.standing import field, standing
from counterfoil.app.door import session
from counterfoil.app.door.limit import Limit, client_of
from counterfoil.app.door.onward import onward
from counterfoil.app.door.session import Sessions
from counterfoil.app.server.site import Limits
from counterfoil.guard.roles import give
from counterfoil.terms.ask import Role
from counterfoil.terms.ids import Pseudonym

EVIL = {"Origin": "https://evil.example"}


def test_a_secret_signs_its_person_in_and_opens_what_is_sealed_about_them(tmp_path: Path) -> None:
    with standing(tmp_path) as s:
        browser = s.inside(3)
        (cookie,) = [value for name, value in browser.cookies.items() if name == "counterfoil"]
        signed = s.sessions.of(cookie)
        assert signed is not None and signed.who == s.who[3]
        assert signed.secret is not None and s.g.keys.whose(signed.secret) == s.who[3]
        assert "secret" not in repr(signed) and signed.csrf not in repr(signed)
        assert browser.get("/role").status_code == 200


def test_the_file_of_a_secret_signs_in_as_well(tmp_path: Path) -> None:
    with standing(tmp_path) as s:
        browser = s.browser()
        csrf = field(browser.get("/sign-in").text, "csrf")
        answer = browser.post(
            "/sign-in/secret",
            data={"csrf": csrf, "next": "/role", "text": ""},
            files={"file": ("me.secret", s.secret(1).encode())},
            headers={"Origin": s.address},
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "/role")
        assert "an employee" in browser.get("/role").text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "counterfoil-secret-1:AAAA",
        "counterfoil-secret-1:ö",
        "\x00",
        f"counterfoil-secret-1:{'A' * 43}=",
    ],
)
def test_what_is_no_secret_signs_nobody_in_and_is_not_said_back(tmp_path: Path, text: str) -> None:
    with standing(tmp_path) as s:
        browser = s.browser()
        csrf = field(browser.get("/sign-in").text, "csrf")
        answer = s.sent(browser, "/sign-in/secret", {"csrf": csrf, "text": text})
        assert answer.status_code == 422
        assert "Nobody was signed in" in answer.text
        assert len(text) < 2 or text not in answer.text
        assert "counterfoil" not in browser.cookies and len(s.sessions) == 0


def test_an_erased_person_is_nobody_here(tmp_path: Path) -> None:
    with standing(tmp_path) as s:
        secret = s.secret(1)
        s.g.keys.destroy(s.who[1])
        browser = s.browser()
        csrf = field(browser.get("/sign-in").text, "csrf")
        assert s.sent(browser, "/sign-in/secret", {"csrf": csrf, "text": secret}).status_code == 422


def test_a_page_leads_to_the_door_and_the_door_back_to_it(tmp_path: Path) -> None:
    with standing(tmp_path) as s:
        browser = s.browser()
        answer = browser.get("/role?next=/units")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/sign-in?next=/role%3Fnext%3D/units"
        page = browser.get(answer.headers["location"])
        assert field(page.text, "next") == "/role?next=/units"
        assert s.signs_in(browser, 1, "/role?next=/units").headers["location"] == "/role?next=/units"


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/ok\r\nSet-Cookie: a=b",
        "/%5cevil#@",
        "",
        "/sign-out",
        "/enter/x",
    ],
)
def test_nobody_is_led_elsewhere(tmp_path: Path, wanted: str) -> None:
    assert onward(wanted) == "/"
    with standing(tmp_path) as s:
        browser = s.browser()
        csrf = field(browser.get("/sign-in", params={"next": wanted}).text, "csrf")
        form = {"csrf": csrf, "next": wanted, "text": s.secret(1)}
        assert s.sent(browser, "/sign-in/secret", form).headers["location"] == "/"


def test_the_cookie_is_for_this_server_and_no_script(tmp_path: Path) -> None:
    with standing(tmp_path) as s:
        cookies = s.signs_in(s.browser(), 1).headers.get_list("set-cookie")
        flags = next(one for one in cookies if one.startswith("counterfoil="))
        assert {"HttpOnly", "Path=/", "SameSite=strict"} == set(flags.split("; ")[1:])


def test_over_https_the_cookie_is_bound_to_the_host(tmp_path: Path) -> None:
    with standing(tmp_path, wide=True) as s:
        answer = s.signs_in(s.browser(), 1)
        flags = next(
            one for one in answer.headers.get_list("set-cookie") if one.startswith("__Host-counterfoil=")
        )
        assert {"HttpOnly", "Path=/", "SameSite=strict", "Secure"} == set(flags.split("; ")[1:])
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        plain = s.browser()
        csrf = field(plain.get("/sign-in").text, "csrf")
        form = {"csrf": csrf, "text": s.secret(1)}
        assert (
            s.sent(plain, "/sign-in/secret", form, Origin="http://counterfoil.example.org").status_code == 403
        )


def test_a_session_that_was_there_before_is_not_the_one_after(tmp_path: Path) -> None:
    with standing(tmp_path) as s:
        browser = s.browser()
        browser.cookies.set("counterfoil", "planted-by-somebody-else", domain="127.0.0.1")
        s.signs_in(browser, 1)
        assert s.sessions.of("planted-by-somebody-else") is None
        first = [one.value for one in browser.cookies.jar if one.name == "counterfoil"][-1]
        assert first is not None
        again = browser.get("/sign-in")
        form = {"csrf": field(again.text, "csrf"), "text": s.secret(2)}
        assert s.sent(browser, "/sign-in/secret", form).status_code == 303
        assert s.sessions.of(first) is None, "the session before is over once somebody signs in anew"


@pytest.mark.parametrize("csrf", [None, "", "guessed", "ö"])
def test_a_form_without_what_its_page_had_is_refused(tmp_path: Path, csrf: str | None) -> None:
    with standing(tmp_path) as s:
        browser = s.inside(1)
        form = {} if csrf is None else {"csrf": csrf}
        for path in ("/sign-out", "/role", "/sign-in/secret"):
            assert s.sent(browser, path, form).status_code == 403, path
        assert browser.get("/role").status_code == 200, "still signed in"
        stranger = s.browser()
        answer = s.sent(stranger, "/sign-in/secret", {**form, "text": s.secret(1)})
        assert answer.headers.get("location") == "/sign-in", "no page showed this form"


def test_what_a_stranger_can_fetch_is_no_form_of_somebody_signed_in(tmp_path: Path) -> None:
    with standing(tmp_path) as s:
        stranger = s.browser()
        csrf = field(stranger.get("/sign-in").text, "csrf")
        tossed = stranger.cookies["counterfoil-form"]
        browser = s.inside(1)
        browser.cookies.set("counterfoil-form", tossed, domain="127.0.0.1")
        assert s.sent(browser, "/sign-out", {"csrf": csrf}).status_code == 403


def test_another_site_can_send_nothing(tmp_path: Path) -> None:
    with standing(tmp_path) as s:
        browser = s.inside(1)
        csrf = field(browser.get("/role").text, "csrf")
        for headers in (EVIL, {"Origin": "null"}, {}, {"Sec-Fetch-Site": "cross-site"}):
            assert browser.post("/sign-out", data={"csrf": csrf}, headers=headers).status_code == 403
        assert browser.get("/role", headers={"Host": "evil.example"}).status_code == 421
        assert s.sent(browser, "/sign-out", {"csrf": csrf}).status_code == 303


def test_signing_out_ends_the_session_everywhere(tmp_path: Path) -> None:
    with standing(tmp_path) as s:
        browser = s.inside(1)
        kept = browser.cookies["counterfoil"]
        csrf = field(browser.get("/role").text, "csrf")
        assert s.sent(browser, "/sign-out", {"csrf": csrf}).headers["location"] == "/sign-in"
        assert s.sessions.of(kept) is None
        again = s.browser()
        again.cookies.set("counterfoil", kept, domain="127.0.0.1")
        assert again.get("/role").headers["location"].startswith("/sign-in")


def test_a_session_ends_when_idle_and_at_the_latest_after_its_time() -> None:
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    sessions = Sessions(lambda: now)
    idle, used = sessions.begin(None), sessions.begin(None)
    for _ in range(24):
        now += timedelta(minutes=29)
        assert sessions.of(used) is not None
    assert sessions.of(idle) is None
    now += timedelta(minutes=29)
    assert sessions.of(used) is None, "twelve hours are over, however much it was used"
    assert len(sessions) == 0


def test_sessions_are_bounded_and_end_with_their_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "MOST", 3)
    sessions = Sessions()
    cookies = [sessions.begin(Pseudonym(str(n % 2))) for n in range(5)]
    assert [sessions.of(cookie) is not None for cookie in cookies] == [False, False, True, True, True]
    sessions.end_of(Pseudonym("0"))
    assert [sessions.of(cookie) is not None for cookie in cookies] == [False, False, False, True, False]


def test_somebody_looks_only_in_a_role_that_they_hold(tmp_path: Path) -> None:
    with standing(tmp_path) as s:
        give(s.g, Role.COUNCIL, s.who[1])
        browser = s.inside(1)
        page = browser.get("/role").text
        assert "the works council" in page and "finance" not in page
        csrf = field(page, "csrf")
        assert s.sent(browser, "/role", {"csrf": csrf, "role": "finance"}).status_code == 403
        assert s.sent(browser, "/role", {"csrf": csrf, "role": "queen"}).status_code == 400
        assert s.sent(browser, "/role", {"csrf": csrf, "role": "operator"}).status_code == 403
        answer = s.sent(browser, "/role", {"csrf": csrf, "role": "council", "next": "/ledger"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/ledger")
        signed = s.sessions.of(browser.cookies["counterfoil"])
        assert signed is not None and signed.viewer().role is Role.COUNCIL
        assert "You look as the works council" in browser.get("/role").text


def test_attempts_are_limited_for_each_place_and_pages_for_each_session(tmp_path: Path) -> None:
    few = Limits(Limit(burst=2, per_second=0.01), Limit(burst=4, per_second=0.01))
    with standing(tmp_path, limits=few) as s:
        browser = s.browser()
        answers = [browser.get(f"/enter/{n}") for n in range(3)]
        assert [one.status_code for one in answers] == [303, 303, 429]
        assert answers[2].headers["content-security-policy"].startswith("default-src 'none'")
        assert int(answers[2].headers["retry-after"]) > 0 and "<h1>" in answers[2].text
        cookie = s.sessions.begin(s.who[0])
        made_up = [
            browser.get("/style.css", headers={"Cookie": f"counterfoil={n}"}).status_code for n in range(5)
        ]
        assert made_up == [200, 200, 200, 200, 429], "a cookie that was made up is no place of its own"
        mine = [
            browser.get("/role", headers={"Cookie": f"counterfoil={cookie}"}).status_code for _ in range(5)
        ]
        assert mine == [200, 200, 200, 200, 429]


def test_a_hundred_thousand_attempts_take_bounded_memory() -> None:
    limit = Limit(burst=5, per_second=1)
    for n in range(100_000):
        limit.wait(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
    assert len(limit) == 10_000


def test_a_bucket_fills_again() -> None:
    now = 0.0
    limit = Limit(burst=2, per_second=0.5, now=lambda: now)
    assert [limit.wait("a"), limit.wait("a"), limit.wait("a"), limit.wait("b")] == [0, 0, 2, 0]
    now = 2.0
    assert [limit.wait("a"), limit.wait("a")] == [0, 2]


def test_a_network_of_one_owner_is_one_place() -> None:
    def place(host: str) -> str:
        return client_of({"type": "http", "client": (host, 1)})

    assert place("2001:db8:1:2::1") == place("2001:db8:1:2:ffff::9") != place("2001:db8:1:3::1")
    assert place("10.0.0.1") != place("10.0.0.2")
    assert client_of({"type": "http"}) == ""
    assert place("testclient") == "testclient"


GARBAGE = [
    (b"", "multipart/form-data"),
    (b"--x\r\nContent-Disposition: form-data\r\n\r\n", "multipart/form-data; boundary=x"),
    (b"--x\r\n" + b"A" * 9_000, "multipart/form-data; boundary=x"),
    (
        b'--x\r\nContent-Disposition: form-data; name="csrf"; filename="f"\r\n\r\na\r\n--x--\r\n',
        "multipart/form-data; boundary=x",
    ),
    (b"csrf=%ff%00&csrf=2&next=%0d%0a", "application/x-www-form-urlencoded"),
    (b"&".join(b"a=%d" % n for n in range(5_000)), "application/x-www-form-urlencoded"),
    (b'{"csrf": 1}', "application/json"),
    (b"\xff" * 2_000_000, "application/octet-stream"),
]


@pytest.mark.parametrize("place", range(len(GARBAGE)))
def test_garbage_is_answered_as_such(tmp_path: Path, place: int) -> None:
    body, kind = GARBAGE[place]
    with standing(tmp_path) as s:
        inside, outside = s.inside(1), s.browser()
        outside.get("/sign-in")
        for browser in (inside, outside):
            for path in ("/sign-in/secret", "/role", "/sign-out"):
                headers = {"Origin": s.address, "Content-Type": kind}
                answer = browser.post(path, content=body, headers=headers)
                assert answer.status_code in {303, 400, 403, 413}, (path, answer.status_code)
        for headers in ({"Cookie": "counterfoil=\x7f; =; ;;"}, {"Cookie": "counterfoil"}, {"Accept": "\x01"}):
            assert s.browser().get("/role", headers=headers).status_code == 303
