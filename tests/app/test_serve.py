"""The server as a process: it says where it is, lets its operator in once, and keeps to itself."""

import http.client
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

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
