"""Signing in through a real OpenID provider, with nothing but HTTP, and in a browser."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2
import pytest

from app.server import served
from app.standing import field
from app.test_serve import free_port
from conftest import alone
from counterfoil.app.directory import KEYS, made_directory
from counterfoil.ledger.keyholder import Keyholder
from counterfoil.terms.ids import Pseudonym

pytestmark = pytest.mark.realclients

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".clients"
INSTALL = "npm install --ignore-scripts --no-audit --no-fund --prefix .clients oidc-provider@9.13.3"
SECRET = "a secret & of + a test"
PEOPLE = {
    "robin": {"email": "Robin@Example.org", "email_verified": True, "preferred_username": "robin"},
    "kim": {"email": "kim@example.org", "email_verified": False, "preferred_username": "kim"},
    "stranger": {"email": "stranger@example.org", "email_verified": True},
}


@pytest.fixture(scope="session")
def package(need: Callable[[str, bool, str], None]) -> Path:
    """The provider's package, installed on first use."""
    found = CACHE / "node_modules" / "oidc-provider" / "package.json"
    with alone(CACHE):
        if not found.exists() and shutil.which("npm"):
            subprocess.run(INSTALL.split(), cwd=ROOT, capture_output=True, timeout=540, check=False)
    need("oidc-provider", found.exists(), INSTALL)
    need("node", shutil.which("node") is not None, "apt-get install nodejs")
    return found


@dataclass
class Both:
    """A provider and a server that know each other."""

    issuer: str
    address: str
    data: Path
    robin: Pseudonym


@contextmanager
def both(package: Path, folder: Path, *options: str, **client: Any) -> Iterator[Both]:
    theirs, ours = free_port(), free_port()
    known = {
        "client_id": "counterfoil",
        "redirect_uris": [f"http://127.0.0.1:{ours}/sign-in/callback"],
        "token_endpoint_auth_method": "none",
        **client,
    }
    told = {"port": theirs, "clients": [known], "people": PEOPLE, "modules": str(package)}
    data = folder / "data"
    made_directory(data)
    with Keyholder(data / KEYS) as keys:
        names = ["robin@example.org", "robin", "kim@example.org", "kim"]
        robin = keys.pseudonyms(names)[0]
    issuer = f"http://127.0.0.1:{theirs}"
    named = ("--oidc-issuer", issuer, "--oidc-client-id", "counterfoil", *options)
    environment = {"PATH": os.environ["PATH"], "PROVIDER": json.dumps(told)}
    script = str(Path(__file__).with_name("provider.mjs"))
    with subprocess.Popen(
        ["node", script], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as node:
        assert node.stdout is not None
        try:
            assert node.stdout.readline().strip() == "ready"
            with served(data, *named, port=ours) as server:
                parts = urlsplit(server.address)
                yield Both(issuer, f"{parts.scheme}://{parts.netloc}", data, robin)
        finally:
            node.terminate()


def forms_sent(http: httpx2.Client, answer: httpx2.Response, login: str, until: str) -> httpx2.Response:
    """Follow a provider's pages as somebody would who signs in and agrees, until an address of ours."""
    for _ in range(12):
        if answer.is_redirect:
            to = urljoin(str(answer.url), answer.headers["location"])
            if to.startswith(until):
                return answer
            answer = http.get(to)
            continue
        action = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
        assert action, answer.text[:500]
        prompt = field(answer.text, "prompt")
        filled = {"prompt": prompt, **({"login": login, "password": "any"} if prompt == "login" else {})}
        answer = http.post(urljoin(str(answer.url), unescape(action[1])), data=filled)
    raise AssertionError("it never came back")


def arrived(http: httpx2.Client, at: Both, login: str, wanted: str = "/role") -> httpx2.Response:
    """Go to the provider, sign in there, and come back."""
    begun = http.get(f"{at.address}/sign-in/organisation", params={"next": wanted})
    assert begun.status_code == 303
    back = forms_sent(http, begun, login, at.address)
    return http.get(back.headers["location"])


@pytest.mark.parametrize(
    ("options", "client"),
    [
        ((), {}),
        ((), {"id_token_signed_response_alg": "ES256"}),
        ((), {"id_token_signed_response_alg": "EdDSA"}),
        ((), {"id_token_signed_response_alg": "Ed25519"}),
        (("--oidc-identity-claim", "sub"), {}),
        (("--oidc-identity-claim", "preferred_username"), {}),
        (("SECRET",), {"token_endpoint_auth_method": "client_secret_basic", "client_secret": SECRET}),
    ],
)
def test_somebody_who_is_known_signs_in(
    package: Path, tmp_path: Path, options: tuple[str, ...], client: Mapping[str, Any]
) -> None:
    if options == ("SECRET",):
        file = tmp_path / "client.secret"
        file.write_text(SECRET + "\n")
        file.chmod(0o600)
        options = ("--oidc-client-secret-file", str(file))
    with both(package, tmp_path, *options, **client) as at, httpx2.Client() as http:
        assert at.issuer.removeprefix("http://") in http.get(f"{at.address}/sign-in").text
        answer = arrived(http, at, "robin")
        assert (answer.status_code, "You are signed in" in answer.text) == (200, True)
        assert '<a href="/role">' in answer.text
        assert "You look as an employee" in http.get(f"{at.address}/role").text


def test_the_cookie_of_an_attempt_comes_with_a_link_and_that_of_a_session_does_not(
    package: Path, tmp_path: Path
) -> None:
    with both(package, tmp_path) as at, httpx2.Client() as http:
        begun = http.get(f"{at.address}/sign-in/organisation")
        flags = begun.headers["set-cookie"].split("; ")
        assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=600"} == set(flags[1:])
        assert flags[0].startswith("counterfoil-attempt=")
        answer = http.get(forms_sent(http, begun, "robin", at.address).headers["location"])
        session = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("counterfoil="))
        assert {"HttpOnly", "SameSite=strict", "Path=/"} == set(session.split("; ")[1:])


@pytest.mark.parametrize(
    ("login", "says"), [("stranger", "Nobody is known here by that"), ("kim", "has to be verified")]
)
def test_a_stranger_and_an_address_that_nobody_verified_sign_nobody_in(
    package: Path, tmp_path: Path, login: str, says: str
) -> None:
    with both(package, tmp_path) as at:
        before = (at.data / KEYS / "people").stat().st_size
        with httpx2.Client() as http:
            answer = arrived(http, at, login)
            assert answer.status_code == 422 and says in answer.text
            assert "stranger@" not in answer.text
            assert http.get(f"{at.address}/role").headers["location"].startswith("/sign-in")
        assert (at.data / KEYS / "people").stat().st_size == before, "nobody is enrolled by signing in"


def test_an_answer_is_good_once_and_in_the_browser_that_asked(package: Path, tmp_path: Path) -> None:
    with both(package, tmp_path) as at:
        with httpx2.Client() as http, httpx2.Client() as other:
            begun = http.get(f"{at.address}/sign-in/organisation")
            back = forms_sent(http, begun, "robin", at.address).headers["location"]
            assert "another browser began this attempt" in other.get(back).text
            assert "never begun here, or is over" in http.get(back).text, "whoever tries it ends it"
        with httpx2.Client() as http:
            begun = http.get(f"{at.address}/sign-in/organisation")
            back = forms_sent(http, begun, "robin", at.address).headers["location"]
            kept = http.cookies["counterfoil-attempt"]
            assert http.get(back).status_code == 200
            again = http.get(back, headers={"Cookie": f"counterfoil-attempt={kept}"})
            assert again.status_code == 422
            # The code of one attempt with the state of another one.
            begun = http.get(f"{at.address}/sign-in/organisation")
            state = re.search(r"state=([^&]+)", begun.headers["location"])
            code = re.search(r"code=([^&]+)", back)
            assert state and code
            mixed = f"{at.address}/sign-in/callback?state={state[1]}&code={code[1]}&iss={at.issuer}"
            assert http.get(mixed).status_code == 422


@pytest.mark.browser
def test_a_browser_signs_in_and_goes_on_without_a_script(package: Path, tmp_path: Path, browser: Any) -> None:
    with both(package, tmp_path) as at:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(f"{at.address}/role")
        page.get_by_role("link", name=re.compile("Go to")).click()
        page.locator("[name=login]").fill("robin")
        page.locator("[name=password]").fill("any")
        page.get_by_role("button").first.click()
        page.get_by_role("button", name=re.compile("Continue")).click()
        page.get_by_role("heading", name="In which role do you look?").wait_for()
        assert page.url == f"{at.address}/role"
        cookies = {cookie["name"]: cookie["sameSite"] for cookie in context.cookies(at.address)}
        assert cookies.get("counterfoil") == "Strict" and "counterfoil-attempt" not in cookies
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("heading", name="Sign in", exact=True).wait_for()
        page.goto(f"{at.address}/role")
        assert "/sign-in" in page.url
        context.close()
