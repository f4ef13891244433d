"""Secrets planted where people write appear in nothing that is written, printed or kept."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from counterfoil.app import reporting, run
from counterfoil.simulate.formats.codex import write_codex
from counterfoil.simulate.formats.gemini import write_gemini
from counterfoil.simulate.formats.session import (
    EditFile,
    Prompt,
    Request,
    RunCommand,
    Talk,
    Tokens,
    WriteFile,
)
from counterfoil.terms.ids import SessionId

PROMPT, THOUGHT, ARGUMENT, BODY, RESULT, SUBJECT, MESSAGE, AUTHOR, MAIL, BRANCH, TRAILER, TAG, TOKEN = (
    SECRETS
) = [
    f"canary-{name}-7f3a91"
    for name in (
        *("prompt", "thought", "argument", "body", "result", "subject"),
        *("message", "author", "mail", "branch", "trailer", "tag", "token"),
    )
]


def record(machine: Any, kind: str, content: Any, **more: Any) -> str:
    usage = {"input_tokens": 10, "output_tokens": 5}
    message = {"role": kind, "content": content}
    if kind == "assistant":
        message |= {
            "id": more.pop("id"),
            "model": "claude-sonnet-4-5",
            "usage": usage,
            "stop_reason": "end_turn",
        }
    return json.dumps(
        {
            "type": kind,
            "message": message,
            "uuid": os.urandom(4).hex(),
            "timestamp": "2026-10-01T10:00:00.000Z",
            "sessionId": "aaaa-1",
            "cwd": str(machine.repo),
            "version": "2.1.197",
            **more,
        }
    )


def whisper_to_others(machine: Any, text: str) -> None:
    """The same in the logs of the other tools."""
    at = datetime(2026, 10, 2, 10, tzinfo=UTC)
    tokens = Tokens(input_uncached=90, cache_read=0, cache_write=0, output=20)
    calls: tuple[WriteFile | EditFile | RunCommand, ...] = (
        WriteFile("b.py", f"{BODY} = 1\n{text}"),
        EditFile("a.py", f"{ARGUMENT} = 1", f"{BODY} = 2"),
        RunCommand(f"git commit -m {ARGUMENT}", f"[main 1234567] {RESULT}"),
    )
    turns: list[Prompt | Request] = [Prompt(at, PROMPT)]
    for number, call in enumerate(calls, start=1):
        moment = at + timedelta(minutes=number)
        turns.append(Request(at=moment, model="some-model", tokens=tokens, says="", calls=(call,)))
    turns.append(Request(at=at + timedelta(minutes=9), model="some-model", tokens=tokens, says=THOUGHT))
    for name, write in (("1", write_codex), ("2", write_gemini)):
        session = SessionId(f"0000000{name}-aaaa-4aaa-8aaa-00000000000{name}")
        place = str(machine.repo)
        write(
            machine.home,
            [Talk(id=session, directory=place, branch="main", version="1.0.0", turns=tuple(turns))],
        )
        broken = f'{{"type":"{PROMPT}\n{PROMPT} is no JSON\n'
        for log in machine.home.rglob("*.jsonl"):
            log.write_text(log.read_text("utf-8") + broken, "utf-8")


@pytest.fixture
def whispering(machine: Any) -> Any:
    """Logs and a history that hold a secret wherever one can be."""
    text = f"value = '{BODY}'\nother = 1\nthird = 2\nfourth = 3\n"
    machine.commit("feat: begin", {"README.md": f"{BODY}\n"}, days_ago=60)
    machine.git("config", "user.name", AUTHOR)
    machine.git("config", "user.email", f"{MAIL}@example.org")
    (machine.repo / "a.py").write_text(text, "utf-8")
    machine.git("add", "-A")
    author, message = f"--author={AUTHOR} <{MAIL}@example.org>", f"fix: {SUBJECT}\n\n{MESSAGE}"
    message += (
        f"\n\nCo-Authored-By: {TRAILER} <{TRAILER}@example.org>\nReviewed-by: {AUTHOR} <{MAIL}@example.org>"
    )
    machine.git("commit", "-q", author, "-m", message, days_ago=50)
    machine.git("branch", BRANCH)
    machine.git("tag", "-a", TAG, "-m", MESSAGE, days_ago=49)
    whisper_to_others(machine, text)
    write = {
        "type": "tool_use",
        "id": "t1",
        "name": "Write",
        "input": {"file_path": str(machine.repo / "a.py"), "content": text},
    }
    bash = {"type": "tool_use", "id": "t2", "name": "Bash", "input": {"command": f"git commit -m {ARGUMENT}"}}
    lines = [
        record(machine, "user", PROMPT),
        record(machine, "assistant", [{"type": "thinking", "thinking": THOUGHT}, write], id="m1"),
        record(
            machine,
            "user",
            [{"type": "tool_result", "tool_use_id": "t1", "content": RESULT}],
            toolUseResult={"x": RESULT},
        ),
        record(machine, "assistant", [bash], id="m2"),
        record(
            machine,
            "user",
            [{"type": "tool_result", "tool_use_id": "t2", "content": f"[main 1234567] {RESULT}"}],
        ),
        f'{{"type":"assistant","usage":"{PROMPT}',
        f"{PROMPT} is no JSON",
        json.dumps({"type": "summary", "summary": PROMPT}),
    ]
    folder = machine.home / ".claude" / "projects" / "p"
    folder.mkdir(parents=True)
    (folder / "aaaa-1.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return machine


def told(machine: Any, *words: str) -> str:
    keys = {"GEMINI_API_KEY": TOKEN, "ANTHROPIC_API_KEY": TOKEN, "GIT_CONFIG_COUNT": "1"}
    header = {"GIT_CONFIG_KEY_0": "http.extraHeader", "GIT_CONFIG_VALUE_0": f"Authorization: {TOKEN}"}
    done = machine.run(*words, **keys, **header)
    return str(done.stdout + done.stderr)


def test_no_secret_leaves_the_logs_and_the_history(whispering: Any) -> None:
    page = whispering.root / "page.html"
    said = [
        told(whispering, "report", "--more"),
        told(whispering, "report", "--json"),
        told(whispering, "report", "--json"),
        told(whispering, "report", "--only", "usage"),
        told(whispering, "report", "--html", str(page)),
        told(whispering, "trace", str(whispering.repo), "--json"),
        told(whispering, "trace", str(whispering.repo), "a.py"),
        told(whispering, "collect", "--json"),
        told(whispering, "collect"),
        whispering.run("trace", str(whispering.repo), "gone.py", code=4).stderr,
    ]
    assert '"evidence":4' in said[5], "the session's lines must have been matched, or this test shows nothing"
    assert "records could" in said[0] or "left out" in said[0]
    sources = json.loads(told(whispering, "report", "--json"))["usage"]["by_source"]
    read = {row["source"]: row["kept"] for row in sources if row["skipped"]}
    assert read == {"claude-code": 2, "codex": 4, "gemini-cli": 4}
    written = [
        path
        for folder in ("cache", "data")
        for path in (whispering.root / folder).rglob("*")
        if path.is_file()
    ]
    assert len(written) >= 3
    kept = b"".join(path.read_bytes() for path in (*written, page))
    assert not [secret for secret in SECRETS if secret.encode() in kept]
    said.append(told(whispering, "forget", "--session", "aaaa-1", "--yes"))
    assert not [secret for secret in SECRETS if any(secret in text for text in said)]


def test_an_internal_error_quotes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COUNTERFOIL_CACHE", str(tmp_path / "cache"))

    def broken(*_: object, **__: object) -> int:
        raise KeyError(PROMPT)

    monkeypatch.setattr(reporting, "run_report", broken)
    with CliRunner().isolation() as streams:
        code = run.run(["report"])
        said = b"".join(stream.getvalue() for stream in streams[:2])
    assert code == run.OPERATOR
    assert b"internal error" in said and b"hint:" in said
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*.txt"))
    assert b"KeyError" in kept and b"reporting" not in said
    assert PROMPT.encode() not in said + kept
