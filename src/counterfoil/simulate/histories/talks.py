"""Makes the sessions of the example: what was asked, spent, read, written and run."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from counterfoil.simulate.formats.session import (
    Call,
    Prompt,
    ReadFile,
    Request,
    RunCommand,
    Talk,
    Tokens,
)
from counterfoil.terms.ids import SessionId

CLAUDE, CODEX, GEMINI = "claude-code", "codex", "gemini-cli"
MODELS = {
    CLAUDE: ("claude-sonnet-4-5", "claude-sonnet-4-5", "claude-opus-4-6", "claude-haiku-4-5"),
    CODEX: ("gpt-5-codex",),
    GEMINI: ("gemini-2.5-pro", "gemini-2.5-flash"),
}
VERSIONS = {CLAUDE: "2.1.197", CODEX: "0.169.0", GEMINI: "0.61.0"}
COPYING = "0.120.0"
"""A Codex version whose forks begin with a copy of their parent."""
_ASKS = ("add what the ticket says", "the rounding is off, look again", "write it and run the tests")


class Talker:
    """Makes sessions from one source of chance."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def session(
        self,
        tool: str,
        directory: str | None,
        *,
        until: datetime,
        writes: Sequence[Call] = (),
        commit: str = "",
        branch: str = "main",
        parent: Talk | None = None,
        forked: bool = False,
        idle: int = 6,
    ) -> Talk:
        """A session that ends minutes before `until`: some looking about, the writes, then the commit."""
        r = self._random
        calls: list[tuple[Call, ...]] = [
            (ReadFile(f"shop/notes/{n}.md"),) for n in range(r.randint(idle, 3 * idle))
        ]
        calls += [tuple(writes[i : i + 2]) for i in range(0, len(writes), 2)]
        calls.append((RunCommand("pytest -q", f"{r.randint(20, 300)} passed in 2.1s"),))
        if commit:
            calls.append(
                (RunCommand("git add -A && git commit -q -F message && git log --oneline -1", commit),)
            )
        calls.append(())
        step = timedelta(seconds=r.randint(25, 70))
        at = (until - timedelta(minutes=r.randint(3, 9)) - step * (len(calls) + 1)).replace(microsecond=0)
        model = r.choice(MODELS[tool])
        turns: list[Prompt | Request] = [Prompt(at, r.choice(_ASKS))]
        for number, made in enumerate(calls):
            at += step
            tokens = self._tokens(tool, number)
            says = "Done." if not made else ""
            turns.append(Request(at=at, model=model, tokens=tokens, says=says, calls=made))
        return Talk(
            id=self.new_id(),
            directory=directory,
            branch=branch,
            version=COPYING if forked and tool == CODEX else VERSIONS[tool],
            turns=tuple(turns),
            parent=parent,
            subagents=self._subagents(tool, directory, until, branch),
        )

    def _subagents(self, tool: str, directory: str | None, until: datetime, branch: str) -> tuple[Talk, ...]:
        if tool != CLAUDE or self._random.random() < 0.7:
            return ()
        at = until - timedelta(minutes=12)
        turns: list[Prompt | Request] = [Prompt(at, "search for callers")]
        for number in range(self._random.randint(2, 4)):
            at += timedelta(seconds=20)
            tokens = self._tokens(tool, number)
            turns.append(
                Request(at=at, model="claude-haiku-4-5", tokens=tokens, calls=(ReadFile("shop/app.py"),))
            )
        told = tuple(turns)
        return (
            Talk(id=self.new_id(), directory=directory, branch=branch, version=VERSIONS[tool], turns=told),
        )

    def _tokens(self, tool: str, number: int) -> Tokens:
        r = self._random
        read = r.randint(60_000, 150_000) + number * r.randint(9_000, 24_000)
        out = r.randint(600, 5_200)
        if tool == CLAUDE:
            write = r.randint(6_000, 30_000)
            hour = write if r.random() < 0.2 else 0
            return Tokens(
                input_uncached=r.randint(3, 900),
                cache_read=read,
                cache_write=write,
                output=out,
                cache_write_1h=hour,
            )
        fresh = r.randint(8_000, 40_000)
        return Tokens(
            input_uncached=fresh, cache_read=read, cache_write=0, output=out, reasoning=r.randint(0, out // 2)
        )

    def new_id(self) -> SessionId:
        """A session id that no other session has."""
        return SessionId(str(UUID(int=self._random.getrandbits(128), version=4)))
