"""The local site as other programs see it: whose requests it answers, what it keeps, what it sends."""

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from html import unescape
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from counterfoil.programme.questions import safe_answers

EXAMPLES = Path(__file__).parents[2] / "examples" / "programmes"
AMAZON = (EXAMPLES / "amazon-2026.toml").read_text("utf-8")
EDGE = "form-of-a-test"
Fields = list[tuple[str, str]]


def multipart(fields: Fields, file: tuple[str, bytes] | None = None) -> bytes:
    parts = [
        f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields
    ]
    if file is not None:
        head = f'--{EDGE}\r\nContent-Disposition: form-data; name="file"; filename="{file[0]}"\r\n\r\n'
        parts.append(head.encode() + file[1] + b"\r\n")
    return b"".join([*parts, f"--{EDGE}--\r\n".encode()])


def asked(
    web: str, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = {}
) -> tuple[HTTPResponse, str]:
    at = urlsplit(web)
    assert at.hostname == "127.0.0.1" and at.port
    connection = HTTPConnection(at.hostname, at.port, timeout=20)
    connection.request(method, path, body, dict(headers))
    answer = connection.getresponse()
    text = answer.read().decode("utf-8")
    connection.close()
    return answer, text


def sent(
    web: str, path: str, fields: Fields, file: tuple[str, bytes] | None = None
) -> tuple[HTTPResponse, str]:
    headers = {"Content-Type": f"multipart/form-data; boundary={EDGE}", "Origin": web.rstrip("/")}
    return asked(web, "POST", path, multipart(fields, file), headers)


def answers(**given: str) -> Fields:
    held = {**safe_answers(), **{name: (value,) for name, value in given.items()}}
    return [(name, value) for name, values in held.items() for value in values]


def test_every_answer_is_closed_to_scripts_other_sites_and_memory(web: str) -> None:
    for answer, _ in (asked(web, "GET", "/"), asked(web, "GET", "/gone"), sent(web, "/answers", answers())):
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self';") and "script" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers and "Server" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "words"),
    [
        ("GET", "/", {"Host": "rebound.example"}, 421, "This is not its address"),
        ("GET", "/", {"Host": "127.0.0.1"}, 421, "This is not its address"),
        ("POST", "/answers", {}, 403, "This came from another page"),
        ("POST", "/answers", {"Origin": "https://other.example"}, 403, "This came from another page"),
        ("POST", "/answers", {"Origin": "null"}, 403, "This came from another page"),
        ("POST", "/answers", {"Sec-Fetch-Site": "cross-site"}, 403, "This came from another page"),
        ("GET", "/gone", {}, 404, "There is no such page"),
        ("GET", "/letter", {}, 405, "This page is made of your answers"),
        ("GET", "/docs", {}, 404, "There is no such page"),
        ("GET", "/openapi.json", {}, 404, "There is no such page"),
    ],
)
def test_what_is_not_answered_is_told_as_a_plain_page(
    web: str, method: str, path: str, headers: Mapping[str, str], status: int, words: str
) -> None:
    answer, text = asked(web, method, path, b"" if method == "POST" else None, headers)
    assert answer.status == status
    assert words in text and "<h1>" in text and "Not legal advice" in text


@pytest.mark.parametrize("size", [1_048_577, 5_000_000])
def test_too_much_is_refused_in_words_after_it_was_sent(web: str, size: int) -> None:
    answer, text = sent(web, "/file", [("text", "#" * size)])
    assert answer.status == 413
    assert "More than 1 MB was sent" in text


def test_a_form_that_is_none_is_told(web: str) -> None:
    headers = {"Content-Type": "multipart/form-data", "Origin": web.rstrip("/")}
    answer, text = asked(web, "POST", "/file", b"xx", headers)
    assert answer.status in {400, 422}
    assert "<h1>" in text
    answer, text = sent(web, "/answers", [])
    assert answer.status == 422 and text.count('class="bad"') == 19
    assert sent(web, "/programme.toml", [("text", " ")])[0].status == 422
    assert sent(web, "/cake", [("text", AMAZON)])[0].status == 404
    assert sent(web, "/letter.pdf", [("text", AMAZON)])[0].status == 404


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "is empty"),
        (b"[about\n", "is not TOML"),
        (b'[about]\nname = "\xff"\n', "not UTF-8"),
        (b"[about]\nname = 3\n", "line 2, about.name is 3, and has to be a text"),
        (b"#" * 1_000_001, "longer than 1,000,000 bytes"),
        (b"PK\x03\x04\x00\xff", "not UTF-8"),
    ],
)
def test_a_wrong_file_is_told_in_the_linters_words(web: str, raw: bytes, words: str) -> None:
    answer, text = sent(web, "/file", [("text", "")], ("/home/xyzzy/plan.toml", raw))
    assert answer.status == 422
    assert words in unescape(text) and "plan.toml" in text and "xyzzy" not in text
    assert "What to do: " in text
    for path in ("/letter", "/letter.txt", "/annex.html"):
        assert sent(web, path, [], ("plan.toml", raw))[0].status == 422


def test_what_was_pasted_is_kept_and_never_becomes_markup(web: str) -> None:
    evil = '[about]\nname = "</textarea><script>alert(1)</script>"\nends = 1\n'
    answer, text = sent(web, "/file", [("text", evil)])
    assert answer.status == 422
    assert "<script" not in text and evil in unescape(text)
    answer, text = sent(web, "/file", [("text", evil.replace("ends = 1\n", ""))])
    assert answer.status == 200 and "<script" not in text


def test_answers_come_back_as_they_were(web: str) -> None:
    given = answers(name="Our <plan>", person="board", target="share", people="12")
    answer, text = sent(web, "/answers", given)
    assert answer.status == 200 and "It puts people in an order." in text
    again, page = sent(web, "/change", [*given, ("text", "x")])
    assert again.status == 200 and 'value="Our &lt;plan&gt;"' in page
    for name, value in given:
        if name not in {"name", "people"}:
            assert re.search(rf'name="{name}" value="{value}" checked', page), (name, value)
    wrong, page = sent(web, "/answers", answers(people="a few"))
    assert wrong.status == 422 and "Not taken: Write a whole number" in page and 'value="a few"' in page


def test_papers_are_handed_out_alone(web: str) -> None:
    for kind, words in (("letter", "Dear colleagues,"), ("annex", "1. Scope and parties")):
        answer, text = sent(web, f"/{kind}", [("text", AMAZON)])
        assert answer.status == 200 and words in text and "<form" not in text and "Not legal advice" in text
        assert "style-src 'unsafe-inline'" in answer.headers["Content-Security-Policy"]
        for form in ("txt", "html"):
            answer, text = sent(web, f"/{kind}.{form}", [("text", AMAZON)])
            assert answer.headers["Content-Disposition"] == f'attachment; filename="{kind}.{form}"'
            assert words in text and "Not legal advice" in text
    answer, text = sent(web, "/programme.toml", [("text", AMAZON.replace("\n", "\r\n"))])
    assert text == AMAZON
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_what_is_left_to_do_stays_in_sight_after_the_repair_was_checked(web: str) -> None:
    _, text = sent(web, "/file", [("text", AMAZON)])
    left = [unescape(step) for step in re.findall(r'name="to_do" value="([^"]*)"', text)]
    assert len(left) == 4
    found = re.search(r'<textarea id="text"[^>]*>\n(.*?)</textarea>', text, re.DOTALL)
    assert found
    repaired = unescape(found[1])
    answer, page = sent(web, "/check", [("text", repaired), *(("to_do", step) for step in left)])
    assert answer.status == 200
    assert "Nothing here will hurt people" in page and "4 things are left to do" in page
    assert all(step in unescape(page) for step in left)
    assert "Will hurt people or the number" not in page


def test_a_port_in_use_is_told_and_another_is_taken(machine: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        words = ["programme", "web", "--port", str(port), "--json"]
        with subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "counterfoil", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as served:
            assert served.stdout is not None
            address = json.loads(served.stdout.readline())["address"]
            assert asked(address, "GET", "/")[0].status == 200
            served.send_signal(signal.SIGINT)
            _, err = served.communicate(timeout=20)
    assert served.returncode == 0
    assert err.startswith(f"port {port} is in use; another was taken\n")
    assert not address.endswith(f":{port}/")


def test_without_the_server_packages_the_command_says_what_to_install() -> None:
    script = (
        "import sys\nsys.modules['fastapi'] = None\n"
        "from counterfoil.app.run import run\nsys.exit(run(['programme', 'web']))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 4
    assert done.stderr.splitlines() == [
        "error: the local page needs the server packages",
        "hint: install it with: pip install 'counterfoil[server]'",
    ]


@pytest.mark.parametrize("words", [["--version"], ["programme", "rules"], ["programme", "--help"]])
def test_no_other_command_loads_the_server(words: list[str]) -> None:
    script = (
        "import sys\n"
        f"sys.argv = ['counterfoil', *{words!r}]\n"
        "from counterfoil.app.entry import main\n"
        "main()\n"
        "print({'fastapi', 'starlette', 'uvicorn', 'pydantic', 'jinja2'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
