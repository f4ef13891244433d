"""Invents the conversation behind a change, and what each of its requests cost."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from counterfoil.simulate.session import (
    Call,
    EditFile,
    EditMany,
    Prompt,
    ReadFile,
    Request,
    RunCommand,
    Talk,
    Tokens,
)
from counterfoil.terms.ids import SessionId

MODELS = {
    "claude-code": ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5-20250929", "claude-opus-4-5-20251101"),
    "codex": ("gpt-5-codex",),
    "gemini-cli": ("gemini-2.5-pro", "gemini-2.5-flash"),
}
"""Models each tool used, the common one more than once."""
SCOUT = "claude-haiku-4-5-20251001"
"""The model of a subagent that only looks around."""
VERSIONS = {
    "claude-code": ("2.0.76", "2.1.197"),
    "codex": ("0.77.0", "0.169.0"),
    "gemini-cli": ("0.22.0", "0.61.0"),
}
"""Each tool's version in the first part of the story and in the last."""
ROOM = 150_000
"""Past so many tokens a session starts over with a summary."""
_Step = tuple[float, str, tuple[Call, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What a session was about and where it took place."""

    tool: str
    directory: str | None
    branch: str
    goal: str
    calls: Sequence[Call]
    """The edits it made, in order."""
    commit: RunCommand | None
    """The commit at its end."""
    ends: datetime
    """When it committed, or stopped."""
    late: bool
    """Whether the tool had its last version."""


def talk_of(random: Random, occasion: Occasion) -> Talk:
    """A whole session that ends on time."""
    model = random.choice(MODELS[occasion.tool])
    steps = list(_steps(random, occasion))
    after = steps[-1][0] if occasion.commit else 0.0
    length = sum(wait for wait, _, _ in steps) - after
    at = occasion.ends - timedelta(seconds=round(length))
    purse = _Purse(random, occasion.tool)
    turns: list[Prompt | Request] = [Prompt(at, f"Please work on this: {occasion.goal}.")]
    for wait, says, calls in steps:
        at += timedelta(seconds=wait)
        turns.append(Request(at=at, model=model, tokens=purse.next(), says=says, calls=calls))
    name = SessionId(new_id(random, occasion.tool, turns[0].at))
    version = VERSIONS[occasion.tool][occasion.late]
    return Talk(
        id=name,
        directory=occasion.directory,
        branch=occasion.branch,
        version=version,
        turns=tuple(turns),
        subagents=tuple(_scouts(random, occasion, turns[1].at, version)),
    )


def new_id(random: Random, tool: str, at: datetime) -> str:
    """A session's name: Codex counts time in it, the others do not."""
    if tool != "codex":
        return str(UUID(int=random.getrandbits(128), version=4))
    bits = (int(at.timestamp() * 1000) << 80) | random.getrandbits(80)
    return str(UUID(int=bits & ~(0xF << 76) & ~(0x3 << 62) | (0x7 << 76) | (0x2 << 62)))


def _steps(random: Random, occasion: Occasion) -> Iterator[_Step]:
    """Each request: seconds since the one before, what is said, and the calls it makes."""

    def pause() -> float:
        return round(random.uniform(6, 55), 3)

    known = list(dict.fromkeys(call.path for call in occasion.calls if not isinstance(call, RunCommand)))
    looks: list[Call] = [
        RunCommand("git log --oneline | head -5", "(shortened)"),
        RunCommand("ls src", "shop"),
    ]
    looks += [
        ReadFile(path) if random.random() < 0.7 else RunCommand(f"wc -l {path}", "120")
        for path in known * 2 + ["README.md", "src/shop/settings.py"] * random.randint(3, 9)
    ]
    yield pause(), "I will look at how this is done today.", (looks[0],)
    for look in looks[1:]:
        yield pause(), "", (look,)
    for call in _gathered(occasion):
        yield pause(), random.choice(("", "", "Next comes this part.")), (call,)
        if random.random() < 0.4:
            yield pause(), "", (RunCommand("python -m pytest -q", "1 passed"),)
    yield pause(), "I check the whole.", (RunCommand("python -m pytest -q", "12 passed"),)
    if occasion.commit:
        yield pause(), "", (occasion.commit,)
    yield pause(), "That is done.", ()


def _gathered(occasion: Occasion) -> Iterator[Call]:
    """The edits as calls; older Claude Code joins neighbouring edits of one file."""
    joins = occasion.tool == "claude-code" and not occasion.late
    waiting: list[EditFile] = []
    for call in occasion.calls:
        part = call if joins and isinstance(call, EditFile) else None
        if waiting and (part is None or part.path != waiting[0].path):
            yield _joined(waiting)
            waiting = []
        if part is None:
            yield call
        else:
            waiting.append(part)
    if waiting:
        yield _joined(waiting)


def _joined(edits: Sequence[EditFile]) -> Call:
    if len(edits) == 1:
        return edits[0]
    return EditMany(edits[0].path, tuple((edit.old, edit.new) for edit in edits))


class _Purse:
    """Invents each request's tokens: a context that grows, is cached, and now and then starts over."""

    def __init__(self, random: Random, tool: str) -> None:
        self._random = random
        self._tool = tool
        self._context = random.randint(38_000, 70_000)
        self._cached = 0 if tool != "codex" else 12_000

    def next(self) -> Tokens:
        r = self._random
        if self._context > ROOM:
            self._context, self._cached = r.randint(30_000, 45_000), 0
        read = self._cached
        fresh = self._context - read
        output = r.randint(90, 2_600)
        self._cached = self._context
        self._context += output + r.randint(400, 5_200)
        if self._tool == "claude-code":
            few = r.randint(3, 40)
            hour = fresh - few if r.random() < 0.1 else 0
            return Tokens(
                input_uncached=few,
                cache_read=read,
                cache_write=fresh - few,
                cache_write_1h=hour,
                output=output,
            )
        thought = r.randint(0, output // 2)
        return Tokens(input_uncached=fresh, cache_read=read, cache_write=0, output=output, reasoning=thought)


def _scouts(random: Random, occasion: Occasion, began: datetime, version: str) -> Iterator[Talk]:
    """Now and then a subagent looks around first."""
    if occasion.tool != "claude-code" or random.random() > 0.25:
        return
    purse = _Purse(random, occasion.tool)
    turns: list[Prompt | Request] = [Prompt(began, "Find where this is done today.")]
    for i in range(random.randint(3, 8)):
        at = began + timedelta(seconds=0.9 * i + 0.4)
        look = (ReadFile("src/shop/settings.py"),)
        turns.append(Request(at=at, model=SCOUT, tokens=purse.next(), calls=look))
    name = SessionId(f"{random.getrandbits(32):08x}")
    yield Talk(
        id=name, directory=occasion.directory, branch=occasion.branch, version=version, turns=tuple(turns)
    )
