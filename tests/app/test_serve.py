"""The server as a process: it says where it is, lets its operator in once, and keeps to itself."""

import http.client
import json
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.server import served
from counterfoil.app.server.reach import Reach
from counterfoil.terms.error import SourceError

OIDC = ("--oidc-issuer", "https://login.example.org", "--oidc-client-id", "counterfoil")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])


def got(address: str, path: str, **headers: str) -> http.client.HTTPResponse:
    """The answer to one request."""
    with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)) as connection:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer


def test_the_link_signs_in_once(tmp_path: Path) -> None:
    with served(tmp_path / "data") as server:
        link = server.address
        path = urlsplit(link).path
        first, again = got(link, path), got(link, path)
        assert (first.status, first.headers["location"]) == (303, "/")
        cookie = first.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert (again.status, again.headers["location"]) == (303, "/sign-in")
        assert again.headers["set-cookie"] is None
        assert got(link, "/healthz").status == 200
        assert got(link, "/", Host="elsewhere.example").status == 421


def test_an_invented_company_is_served_and_gone_after(tmp_path: Path) -> None:
    with served(None, "--example", "--people", "200", TMPDIR=str(tmp_path)) as server:
        address = server.address
        assert urlsplit(address).path == "/example"
        assert got(address, "/example").status == 200
        (folder,) = tmp_path.glob("counterfoil-example-*")
        assert folder.stat().st_mode & 0o77 == 0
        # A mail server of another user may go through its own folder, and see nothing of it.
        assert not [one for one in tmp_path.iterdir() if one.stat().st_mode & 0o66]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("options", [("--data", "x", "--example"), (), ("--data", "x", "--people", "300")])
def test_one_of_data_and_example_is_named(tmp_path: Path, options: tuple[str, ...]) -> None:
    line = [sys.executable, "-m", "counterfoil", "serve", *options]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert "--example" in done.stderr
    assert not list(tmp_path.iterdir())


REFUSED: dict[str, list[tuple[str, ...]]] = {
    "oidc-missing": [
        ("--host", "0.0.0.0"),
        ("--public-url", "https://counterfoil.example.org"),
        ("--host", "::"),
    ],
    "public-url": [
        ("--host", "0.0.0.0", *OIDC),
        ("--host", "0.0.0.0", *OIDC, "--public-url", "http://counterfoil.example.org"),
        ("--public-url", "https://counterfoil.example.org/below", *OIDC),
    ],
    "otlp-tokens": [("--otlp-host", "0.0.0.0"), ("--otlp-host", "::", "--otlp-tokens", "claimed")],
    "oidc-half": [("--oidc-issuer", "https://login.example.org"), ("--oidc-client-id", "x")],
    "issuer-unsafe": [("--oidc-issuer", "http://login.example.org", "--oidc-client-id", "x")],
    "no-secret": [(*OIDC, "--oidc-client-secret-file", "/nowhere/secret")],
}


@pytest.mark.parametrize(
    ("code", "options"), [(code, options) for code, several in REFUSED.items() for options in several]
)
def test_nobody_is_served_whom_no_organisation_signs_in(
    tmp_path: Path, code: str, options: tuple[str, ...]
) -> None:
    command = [sys.executable, "-m", "counterfoil", "serve", "--data", str(tmp_path / "data"), "--port", "0"]
    done = subprocess.run([*command, "--json", *options], capture_output=True, text=True, timeout=60)
    assert done.returncode == 4, done.stderr
    assert json.loads(done.stdout)["error"]["code"] == code
    assert "hint: " in done.stderr and "address" not in json.loads(done.stdout)


def test_a_secret_of_the_client_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("s")
    file.chmod(0o644)
    with pytest.raises(SourceError) as refused:
        Reach(issuer="https://x", client_id="c", secret_file=file).provider(1)
    assert refused.value.code == "secret-open"
    file.chmod(0o600)
    provider = Reach(
        issuer="https://x", client_id="c", secret_file=file, public_url="https://C.example"
    ).provider(1)
    assert provider is not None
    assert (provider.client.secret, provider.client.back) == ("s", "https://c.example/sign-in/callback")


def test_beyond_this_machine_it_answers_under_its_public_address_alone(tmp_path: Path) -> None:
    options = ("--host", "0.0.0.0", "--public-url", "https://counterfoil.example.org", *OIDC)
    with served(tmp_path / "data", *options, port=(port := free_port())) as server:
        link = server.address
        assert link.startswith("https://counterfoil.example.org/enter/")
        here, mine = f"http://127.0.0.1:{port}", {"Host": "counterfoil.example.org"}
        assert got(here, "/sign-in").status == 421
        answer = got(here, urlsplit(link).path, **mine)
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-counterfoil=") and "Secure" in cookie
        assert answer.headers["strict-transport-security"]
        assert got(here, "/healthz").status == 200


def test_where_a_request_comes_from_nobody_says_but_the_proxy_that_was_named(tmp_path: Path) -> None:
    for options, last in (((), 429), (("--proxy", "127.0.0.1"), 303)):
        with served(tmp_path / f"data{last}", *options) as server:
            link = server.address
            answers = [got(link, "/enter/x", **{"X-Forwarded-For": f"10.0.0.{n}"}).status for n in range(22)]
            assert answers[0] == 303
            assert answers[-1] == last
