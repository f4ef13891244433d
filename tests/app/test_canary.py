"""Secrets planted where people write appear in nothing that is written, printed or kept."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from counterfoil.app import reporting, run

PROMPT, THOUGHT, ARGUMENT, BODY, RESULT, SUBJECT, MESSAGE, AUTHOR, MAIL = (
    f"canary-{name}-7f3a91"
    for name in ["prompt", "thought", "argument", "body", "result", "subject", "message", "author", "mail"]
)
SECRETS = (PROMPT, THOUGHT, ARGUMENT, BODY, RESULT, SUBJECT, MESSAGE, AUTHOR, MAIL)


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
    machine.git("commit", "-q", author, "-m", message, days_ago=50)
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
    done = machine.run(*words)
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
    ]
    assert '"evidence":4' in said[5], "the session's lines must have been matched, or this test shows nothing"
    assert "records could" in said[0] or "left out" in said[0]
    written = [
        path
        for folder in ("cache", "data")
        for path in (whispering.root / folder).rglob("*")
        if path.is_file()
    ]
    assert len(written) >= 3
    kept = b"".join(path.read_bytes() for path in (*written, page))
    assert not [secret for secret in SECRETS if secret.encode() in kept]
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
