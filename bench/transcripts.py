"""Invents a tree of Claude Code transcripts, the same for the same size, shaped like real ones.

Sizes of files: median 105 kB, 99th percentile 5.4 MB. Usage lines hold about 30 % of the bytes.
"""

import base64
import json
import math
import random
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import NormalDist

FILES, PROJECTS, BYTES = 2_000, 64, 1_091_000_000
MEDIAN, P99 = 105_000, 5_400_000
SEED = 20
MODELS = (
    *("claude-sonnet-4-5-20250929",) * 6,
    *("claude-opus-4-5-20251101",) * 3,
    *("claude-haiku-4-5-20251001",) * 2,
)
WORDS = (
    "return",
    "self",
    "config",
    "request",
    "handler",
    "async def",
    "payload",
    "if not",
    "response",
    "raise ValueError",
    "for item in",
    "import",
    "assert",
    "usage",
    "tokens",
    "total",
    "{}",
    "->",
    "None",
    '"usage": {"input_tokens": 1}',
    '"key"',
    "# naïve",
)
RESUMED = 0.02
"""Share of sessions that begin with a copy of what another one of the project said."""


def build(place: Path, *, size: int = BYTES, files: int = FILES) -> dict[str, int]:
    """Write the tree below `place/.claude/projects`, unless it is there; how much there is of it."""
    made = place / "made.json"
    if made.is_file():
        return dict(json.loads(made.read_text()))
    shutil.rmtree(place, ignore_errors=True)
    invented = Invented(random.Random(SEED))
    facts = {"files": files, "projects": PROJECTS, "bytes": 0, "lines": 0, "usage_lines": 0, "usage_bytes": 0}
    heads: dict[int, list[str]] = {}
    for number, target in enumerate(sizes(files, size)):
        path, lines = invented.transcript(place, number, target, heads)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(lines).encode()
        path.write_bytes(text)
        claims = [line for line in lines if '"usage":{' in line]
        facts["bytes"] += len(text)
        facts["lines"] += len(lines)
        facts["usage_lines"] += len(claims)
        facts["usage_bytes"] += sum(len(line.encode()) for line in claims)
    made.write_text(json.dumps(facts))
    return facts


def sizes(files: int, size: int) -> list[int]:
    """Quantiles of a lognormal, in mixed order; the largest hundredth, evenly spaced, fills up the whole."""
    spread = math.log(P99 / MEDIAN) / NormalDist().inv_cdf(0.99)
    shape = NormalDist(math.log(MEDIAN), spread)
    scale = min(1.0, size / files / (BYTES / FILES))
    most = max(1, files // 100)
    found = [scale * math.exp(shape.inv_cdf((n + 0.5) / files)) for n in range(files - most)]
    more = (size - sum(found)) / most - found[-1]
    found += [found[-1] + 2 * more * (n + 0.5) / most for n in range(most)]
    random.Random(SEED).shuffle(found)
    return [round(value) for value in found]


class Invented:
    """Invents sessions from a few pools of text, so that a gigabyte takes seconds."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.serial = 0
        self.at = datetime(2026, 8, 24, 6, tzinfo=UTC)
        self.code = [json.dumps(self._code(chance.randint(12, 110)), ensure_ascii=False) for _ in range(200)]
        self.talk = [
            json.dumps(" ".join(chance.choices(WORDS, k=chance.randint(10, 90)))) for _ in range(200)
        ]
        self.signatures = [
            base64.b64encode(chance.randbytes(chance.randint(180, 900))).decode() for _ in range(100)
        ]

    def _code(self, lines: int) -> str:
        return "\n".join(
            " " * self.chance.choice((0, 4, 8)) + " ".join(self.chance.choices(WORDS, k=7))
            for _ in range(lines)
        )

    def id(self, prefix: str = "") -> str:
        """A name like a client's: with a prefix, else like a UUID."""
        self.serial += 1
        if prefix:
            return f"{prefix}_01{self.chance.getrandbits(110):022x}"[:28]
        bits = f"{self.chance.getrandbits(128):032x}"
        return f"{bits[:8]}-{bits[8:12]}-{bits[12:16]}-{bits[16:20]}-{bits[20:]}"

    def transcript(
        self, place: Path, number: int, target: int, heads: dict[int, list[str]]
    ) -> tuple[Path, list[str]]:
        """One file: where it lies and its lines."""
        chance = self.chance
        project = number % PROJECTS
        session, side = self.id(), chance.random() < 0.15
        folder = place / ".claude" / "projects" / f"-home-dev-project-{project:02d}"
        path = folder / f"{session}.jsonl"
        if side:
            path = folder / session / "subagents" / f"agent-{chance.getrandbits(28):07x}.jsonl"
        self.at = datetime(2026, 8, 24, 6, tzinfo=UTC) + timedelta(minutes=chance.randint(0, 120_000))
        branch = chance.choice(("main", "feature/report", "fix/total"))
        self.side = "true" if side else "false"
        self.envelope = (
            f'"userType":"external","entrypoint":"cli","cwd":"/home/dev/project-{project:02d}",'
            f'"sessionId":"{session}","version":"2.1.{chance.randint(150, 197)}","gitBranch":"{branch}"}}\n'
        )
        lines = list(heads.get(project, ())) if chance.random() < RESUMED else []
        held = sum(map(len, lines))
        while held < target:
            for line in self.turn(chance.choice(MODELS)):
                lines.append(line)
                held += len(line)
                if held >= target:
                    break
        heads.setdefault(project, lines[:12])
        return path, lines

    def turn(self, model: str) -> Iterator[str]:
        """What a person asks and what the model does about it."""
        before = self.id()
        yield self.line(
            before, "null", f'"type":"user","message":{{"role":"user","content":{self.pick(self.talk)}}}'
        )
        if self.chance.random() < 0.1:
            yield self.line(
                self.id(),
                f'"{before}"',
                f'"attachment":{{"type":"skill_listing","content":{self.pick(self.code)},"skillCount":13}},"type":"attachment"',
            )
        for _ in range(self.chance.randint(1, 12)):
            call = self.id("toolu")
            last = before
            for line, own in self.message(model, before, call):
                last = own
                yield line
            before = self.id()
            yield self.result(before, last, call)

    def message(self, model: str, before: str, call: str) -> Iterator[tuple[str, str]]:
        """One answer of the model, streamed as a line for each block, each with the usage so far."""
        chance = self.chance
        blocks = []
        if chance.random() < 0.3:
            blocks.append(
                f'{{"type":"thinking","thinking":{self.pick(self.talk)},"signature":"{self.pick(self.signatures)}"}}'
            )
        if chance.random() < 0.25:
            blocks.append(f'{{"type":"text","text":{self.pick(self.talk)}}}')
        where = f'"file_path":"/home/dev/project/src/module_{chance.randint(1, 99)}.py"'
        if chance.random() < 0.09:
            doing = f'"name":"Write","input":{{{where},"content":{self.pick(self.code)}}}'
        else:
            doing = f'"name":"Read","input":{{{where}}}'
        blocks.append(f'{{"type":"tool_use","id":"{call}",{doing}}}')
        name, request = self.id("msg"), self.id("req")
        fresh, read = chance.randint(1, 900), chance.randint(5_000, 150_000)
        write, out = chance.choice((0, chance.randint(100, 9_000))), chance.randint(30, 900)
        hour = write if chance.random() < 0.2 else 0
        for number, block in enumerate(blocks, start=1):
            ends = number == len(blocks)
            used = (
                f'{{"input_tokens":{fresh},"cache_creation_input_tokens":{write},"cache_read_input_tokens":{read},'
                f'"output_tokens":{out if ends else 1 + number},"server_tool_use":{{"web_search_requests":0,'
                f'"web_fetch_requests":0}},"service_tier":"standard","cache_creation":'
                f'{{"ephemeral_1h_input_tokens":{hour},"ephemeral_5m_input_tokens":{write - hour}}},'
                '"inference_geo":"","iterations":[],"speed":"standard"}'
            )
            own, stop = self.id(), '"tool_use"' if ends else "null"
            yield (
                self.line(
                    own,
                    f'"{before}"',
                    f'"message":{{"id":"{name}","type":"message","role":"assistant","model":"{model}",'
                    f'"content":[{block}],"stop_reason":{stop},"stop_sequence":null,'
                    f'"usage":{used},"stop_details":null}},"requestId":"{request}","type":"assistant"',
                ),
                own,
            )
            before = own

    def result(self, own: str, before: str, call: str) -> str:
        """What a tool said, told twice as the client does."""
        said = self.pick(self.code) if self.chance.random() < 0.52 else self.pick(self.talk)
        return self.line(
            own,
            f'"{before}"',
            f'"type":"user","message":{{"role":"user","content":[{{"tool_use_id":"{call}","type":"tool_result",'
            f'"content":{said}}}]}},"toolUseResult":{{"type":"text","file":{{"content":{said},"numLines":80}}}},'
            f'"sourceToolAssistantUUID":"{before}"',
        )

    def line(self, own: str, before: str, middle: str) -> str:
        """A line with its envelope."""
        self.at += timedelta(milliseconds=self.chance.randint(40, 20_000))
        at = self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return (
            f'{{"parentUuid":{before},"isSidechain":{self.side},{middle},"uuid":"{own}",'
            f'"timestamp":"{at}",{self.envelope}'
        )

    def pick(self, pool: list[str]) -> str:
        return self.chance.choice(pool)
