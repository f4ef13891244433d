"""What a provider that lies, or somebody between, can send: none of it signs anybody in."""

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from app.lying import CLIENT, EC, OTHER_RSA, Lying, lying_provider, part
from app.standing import HOST, Standing, standing
from counterfoil.app.door import oidc
from counterfoil.app.door.oidc import Client, Provider, check_client
from counterfoil.terms.error import SourceError

Lie = Callable[[Lying], None]


@contextmanager
def told(folder: Path, claim: str = "email", secret: str | None = None) -> Iterator[tuple[Standing, Lying]]:
    with lying_provider() as lying:
        back = f"http://{HOST}/sign-in/callback"
        client = Client(issuer=lying.issuer, id=CLIENT, secret=secret, claim=claim, back=back)
        with standing(folder, provider=Provider(client)) as s:
            yield s, lying


def began(browser: Any, lying: Lying) -> dict[str, str]:
    """What the provider is asked when somebody goes there; it remembers the nonce."""
    answer = browser.get("/sign-in/organisation")
    assert answer.status_code == 303, answer.text
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    lying.nonce = asked["nonce"]
    return asked


def came_back(s: Standing, lying: Lying, **changed: str) -> Any:
    browser = s.browser()
    asked = began(browser, lying)
    answer = browser.get("/sign-in/callback", params={"state": asked["state"], "code": "c", **changed})
    signed = "counterfoil" in browser.cookies
    assert signed == (answer.status_code == 200)
    assert len(s.sessions) == int(signed)
    return answer


def test_an_honest_answer_signs_in(tmp_path: Path) -> None:
    with told(tmp_path) as (s, lying):
        assert came_back(s, lying).status_code == 200
        (form,) = [form for path, form in lying.asked if path == "/token"]
        assert form["grant_type"] == "authorization_code" and len(form["code_verifier"]) >= 43


def claims(**changed: Any) -> Lie:
    return lambda lying: lying.claims.update(changed)


def signed(alg: str, key: Any = None, **header: Any) -> Lie:
    def lie(lying: Lying) -> None:
        lying.alg, lying.signed_by = alg, key
        lying.header.update(header)

    return lie


def put(**changed: Any) -> Lie:
    def lie(lying: Lying) -> None:
        for name, value in changed.items():
            setattr(lying, name, value)

    return lie


LIES: dict[str, Lie] = {
    "another nonce": claims(nonce="another"),
    "no nonce": claims(nonce=None),
    "several nonces": lambda lying: lying.claims.update(nonce=["x", lying.nonce]),
    "another audience": claims(aud="another"),
    "no audience": claims(aud=None),
    "audiences without a party": claims(aud=[CLIENT, "another"]),
    "another party": claims(aud=[CLIENT, "another"], azp="another"),
    "another issuer": claims(iss="https://evil.example"),
    "no issuer": claims(iss=None),
    "expired": claims(exp=int(time.time()) - 120),
    "no end": claims(exp=None),
    "an end that is no time": claims(exp=True),
    "issued in the future": claims(iat=int(time.time()) + 3600),
    "not yet valid": claims(nbf=int(time.time()) + 3600),
    "no subject": claims(sub=None),
    "nobody's address": claims(email=None),
    "an address that is none": claims(email=["p00001"]),
    "an address that nobody verified": claims(email_verified=False),
    "an address verified in words": claims(email_verified="true"),
    "no signature": signed("none"),
    "a signature by the public key": signed("HS256"),
    "a signature by another key": signed("RS256", OTHER_RSA),
    "a signature of another kind": signed("ES256", EC),
    "an algorithm that is not allowed": signed("RS384"),
    "a key in the token": signed("RS256", OTHER_RSA, jwk=dict(OTHER_RSA.as_dict(private=False))),
    "an extension that must be understood": signed("RS256", None, crit=["exp"], exp=1),
    "no token": put(token="not.a.token"),
    "garbage": put(token="…"),
    "an empty token": put(token=".."),
    "a token without a signature": put(token=f"{part({'alg': 'none'})}.{part({'nonce': 'x'})}."),
    "no JSON": put(body=b"<html>"),
    "a list": put(body=b"[]"),
    "much too much": put(body=b" " * 2_000_000),
    "deep": put(body=b"[" * 100_000),
    "a redirect": put(redirects=True),
    "no keys": put(keys=[]),
    "keys that are none": put(keys=["x", {"kty": "RSA"}, {"kty": "RSA", "n": "!", "e": "!"}]),
    "a shared key among its keys": put(keys=[{"kty": "oct", "k": "AAAA", "kid": "one"}]),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_signs_nobody_in(tmp_path: Path, lie: str) -> None:
    with told(tmp_path) as (s, lying), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        browser = s.browser()
        asked = began(browser, lying)
        LIES[lie](lying)
        answer = browser.get("/sign-in/callback", params={"state": asked["state"], "code": "c"})
        assert answer.status_code == 422, answer.text
        assert "Nobody was signed in" in answer.text and "Something broke" not in answer.text
        assert "counterfoil" not in browser.cookies and len(s.sessions) == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"state": ""},
        {"state": "another"},
        {"code": ""},
        {"error": "access_denied"},
        {"iss": "https://evil.example"},
    ],
)
def test_an_answer_that_was_altered_on_its_way_signs_nobody_in(
    tmp_path: Path, changed: dict[str, str]
) -> None:
    with told(tmp_path) as (s, lying):
        assert came_back(s, lying, **changed).status_code == 422


def test_a_provider_that_names_itself_in_its_answer_has_to(tmp_path: Path) -> None:
    with told(tmp_path) as (s, lying):
        lying.described = {"authorization_response_iss_parameter_supported": True}
        assert came_back(s, lying).status_code == 422
        assert came_back(s, lying, iss=lying.issuer).status_code == 200


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "http://evil.example/auth"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_safe(tmp_path: Path, described: dict[str, Any]) -> None:
    with told(tmp_path) as (s, lying):
        lying.described = described
        answer = s.browser().get("/sign-in/organisation")
        assert answer.status_code == 422 and "location" not in answer.headers


def test_claims_that_are_told_apart_have_to_be_of_the_same_person(tmp_path: Path) -> None:
    with told(tmp_path, claim="preferred_username") as (s, lying):
        lying.user = {"sub": "another", "preferred_username": "p00001"}
        assert came_back(s, lying).status_code == 422
        lying.user = {"sub": "s-1", "preferred_username": "p00001"}
        assert came_back(s, lying).status_code == 200


def test_a_new_key_of_the_provider_is_found_once_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with told(tmp_path) as (s, lying):
        assert came_back(s, lying).status_code == 200
        lying.key = OTHER_RSA
        lying.keys = [dict(OTHER_RSA.as_dict(private=False))]
        s.sessions.end_of(s.who[1])
        assert came_back(s, lying).status_code == 422, "it was looked for a moment ago"
        monkeypatch.setattr(oidc, "KEYS_SECONDS", -1)
        assert came_back(s, lying).status_code == 200


def test_a_client_with_a_secret_shows_it_to_the_provider_alone(tmp_path: Path) -> None:
    with told(tmp_path, secret="s/e c") as (s, lying):
        lying.described = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
        answer = came_back(s, lying)
        assert answer.status_code == 200
        (form,) = [form for path, form in lying.asked if path == "/token"]
        assert form["client_secret"] == "s/e c"


def test_attempts_are_bounded_and_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with told(tmp_path) as (s, lying):
        browser = s.browser()
        asked = began(browser, lying)
        monkeypatch.setattr(oidc, "LASTS_SECONDS", -1)
        late = s.browser()
        over = began(late, lying)
        assert late.get("/sign-in/callback", params={"state": over["state"], "code": "c"}).status_code == 422
        lying.nonce = asked["nonce"]
        assert (
            browser.get("/sign-in/callback", params={"state": asked["state"], "code": "c"}).status_code == 200
        )


def test_a_hundred_thousand_attempts_are_forgotten_again() -> None:
    with lying_provider() as lying:
        provider = Provider(
            Client(issuer=lying.issuer, id=CLIENT, secret=None, claim="sub", back="http://127.0.0.1/x")
        )
        for _ in range(100_000):
            provider.begin("/")
        assert len(provider) == oidc.MOST_BEGUN
        assert sum(path == "/.well-known/openid-configuration" for path, _ in lying.asked) == 1


@pytest.mark.parametrize(
    "issuer",
    ["http://login.example.org", "ftp://x", "https://", "https://x?y=1", "https://u:p@x", "x", "http://[::1"],
)
def test_a_provider_that_could_be_overheard_is_none(issuer: str) -> None:
    with pytest.raises(SourceError):
        check_client(Client(issuer=issuer, id="c", secret=None, claim="sub", back=""))


def test_a_provider_that_is_away_is_told_as_such(tmp_path: Path) -> None:
    client = Client(issuer="http://127.0.0.1:9", id=CLIENT, secret=None, claim="sub", back="")
    with standing(tmp_path, provider=Provider(client)) as s:
        answer = s.browser().get("/sign-in/organisation")
        assert answer.status_code == 422 and "does not answer as it should" in answer.text


def test_without_a_provider_there_is_no_way_to_one(tmp_path: Path) -> None:
    with standing(tmp_path) as s:
        assert s.browser().get("/sign-in/organisation").status_code == 404
        assert s.browser().get("/sign-in/callback").status_code == 404
