"""Invents a tree of Claude Code transcripts by seed, with the shape and sizes of real ones."""

import json
import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import NormalDist
from uuid import UUID

FILES, BYTES, PROJECTS = 2_000, 1_090_000_000, 64
QUICK_FILES, QUICK_BYTES = 120, 50_000_000
MEDIAN_BYTES, P99_BYTES = 105_000, 5_400_000
"""Quantiles of real file sizes, as ccusage's fixtures have them (ryoppippi/ccusage, MIT, 2026-11-23)."""
LARGEST_BYTES = 40_000_000
BEGAN = datetime(2026, 8, 1, tzinfo=UTC)
MODELS = ("claude-sonnet-4-5-20250929", "claude-opus-4-5-20251101", "claude-haiku-4-5-20251001")
WORDS = [
    "def",
    "return",
    "import",
    "self",
    "value",
    "result",
    "for",
    "in",
    "if",
    "else",
    "None",
    "True",
    "path",
    "line",
    "count",
    "index",
    "session",
    "read",
    "write",
]


def tree(folder: Path, *, quick: bool = False, seed: int = 7) -> Path:
    """The home directory with the tree, made where it is missing."""
    home = folder / ("quick" if quick else "full")
    done = home / ".whole"
    if done.exists():
        return home
    chance = random.Random(seed)
    files, whole = (QUICK_FILES, QUICK_BYTES) if quick else (FILES, BYTES)
    texts = [_code(chance, chance.randint(400, 12_000)) for _ in range(400)]
    thoughts = [_signature(chance, chance.randint(200, 900)) for _ in range(200)]
    for number, size in enumerate(_sizes(files, whole)):
        session = str(UUID(int=chance.getrandbits(128), version=4))
        project = number % PROJECTS
        path = home / ".claude" / "projects" / f"-home-dev-project-{project}" / f"{session}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as out:
            left = size
            for line in _lines(chance, session, f"/home/dev/project-{project}", texts, thoughts):
                left -= out.write(line)
                if left < 0:
                    break
    done.write_text("")
    return home


def _sizes(files: int, whole: int) -> list[int]:
    """Even quantiles of a log-normal distribution, scaled to the whole, in mixed order."""
    sigma = math.log(P99_BYTES / MEDIAN_BYTES) / NormalDist().inv_cdf(0.99)
    steps = [NormalDist().inv_cdf((i + 0.5) / files) for i in range(files)]
    raw = [min(LARGEST_BYTES, MEDIAN_BYTES * math.exp(sigma * step)) for step in steps]
    sizes = [int(size * whole / sum(raw)) for size in raw]
    random.Random(1).shuffle(sizes)
    return sizes


def _code(chance: random.Random, size: int) -> str:
    lines, length = [], 0
    while length < size:
        line = (
            " " * chance.choice((0, 4, 8))
            + " ".join(chance.choices(WORDS, k=chance.randint(2, 9)))
            + ' = "x"'
        )
        lines.append(line)
        length += len(line)
    return "\n".join(lines)


def _signature(chance: random.Random, size: int) -> str:
    return "".join(chance.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", k=size))


def _lines(
    chance: random.Random, session: str, cwd: str, texts: list[str], thoughts: list[str]
) -> Iterator[str]:
    """An endless session: a person asks, the model answers in several lines, tools answer at length."""
    at = BEGAN + timedelta(days=chance.uniform(0, 90))
    parent: str | None = None
    number = 0
    while True:
        number += 1
        envelope = {
            "parentUuid": parent, "isSidechain": False, "userType": "external", "cwd": cwd, "sessionId": session,
            "version": "2.1.197", "gitBranch": "main",
        }  # fmt: skip
        at += timedelta(seconds=chance.randint(2, 90))
        if number % 9 == 1:
            yield _line(
                envelope, chance, at, "user", message={"role": "user", "content": chance.choice(texts)[:900]}
            )
        message = f"msg_{chance.getrandbits(90):024x}"
        request = f"req_{chance.getrandbits(90):024x}"
        written = chance.randint(0, 9_000)
        usage = {
            "input_tokens": chance.randint(2, 900),
            "cache_creation_input_tokens": written,
            "cache_read_input_tokens": chance.randint(0, 160_000),
            "cache_creation": {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0},
            "output_tokens": 1,
            "service_tier": "standard",
        }
        model, call = chance.choice(MODELS), f"toolu_{chance.getrandbits(90):024x}"
        blocks = [
            {"type": "thinking", "thinking": "", "signature": chance.choice(thoughts)},
            {"type": "text", "text": chance.choice(texts)[:600]},
            {"type": "tool_use", "id": call, "name": "Edit", "input": {
                "file_path": f"{cwd}/a.py", "old_string": "x", "new_string": chance.choice(texts)[:800],
            }},
        ]  # fmt: skip
        final = chance.randint(60, 3_000)
        for count, block in enumerate(blocks[chance.randint(0, 1) :], start=1):
            usage["output_tokens"] = final if block["type"] == "tool_use" else count
            body = {
                "id": message, "type": "message", "role": "assistant", "model": model, "content": [block],
                "stop_reason": "tool_use" if block["type"] == "tool_use" else None, "usage": usage,
            }  # fmt: skip
            yield _line(envelope, chance, at, "assistant", message=body, requestId=request)
        text = chance.choice(texts)
        answer = [{"type": "tool_result", "tool_use_id": call, "content": text[: len(text) // 2]}]
        result = {"filePath": f"{cwd}/a.py", "oldString": "x", "newString": text, "originalFile": text[:300]}
        yield _line(
            envelope, chance, at, "user", message={"role": "user", "content": answer}, toolUseResult=result
        )
        if number % 7 == 0:
            yield json.dumps({"type": "file-history-snapshot", "snapshot": {"a.py": text}}) + "\n"


def _line(envelope: dict[str, object], chance: random.Random, at: datetime, kind: str, **more: object) -> str:
    envelope["parentUuid"] = uuid = f"{chance.getrandbits(128):032x}"
    stamp = at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
    return (
        json.dumps(envelope | {"type": kind, "uuid": uuid, "timestamp": stamp} | more, separators=(",", ":"))
        + "\n"
    )
