"""The server as a process: it says where it is, lets its operator in once, and keeps to itself."""

import http.client
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.server import served


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
        (folder,) = tmp_path.iterdir()
        assert folder.stat().st_mode & 0o77 == 0
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("options", [("--data", "x", "--example"), (), ("--data", "x", "--people", "300")])
def test_one_of_data_and_example_is_named(tmp_path: Path, options: tuple[str, ...]) -> None:
    line = [sys.executable, "-m", "counterfoil", "serve", *options]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert "--example" in done.stderr
    assert not list(tmp_path.iterdir())
