"""The parts of a rollout's lines that are read; everything else is passed over undecoded."""

from typing import Any

import msgspec

from counterfoil.collect.reading import MAX_COUNT, count_of

MAX_TOTAL = MAX_COUNT * 1_000_000
"""A session's counter beyond this is damage, not usage."""


class Line(msgspec.Struct):
    """One line of a rollout."""

    timestamp: Any = None
    type: Any = None
    payload: msgspec.Raw = msgspec.Raw(b"{}")


class Git(msgspec.Struct):
    """Where the session began."""

    branch: str | None = None
    repository_url: str | None = None


class SessionMeta(msgspec.Struct):
    """The first line: which session this is and what it grew from."""

    id: str | None = None
    forked_from_id: str | None = None
    timestamp: str | None = None
    cwd: str | None = None
    originator: str | None = None
    cli_version: str | None = None
    source: Any = None
    git: Git | None = None
    history_base: Any = None
    """Since 0.169: the parent's part is referred to, not copied."""

    @property
    def spawner(self) -> str | None:
        """The thread that started this one as a subagent."""
        spawn = self.source
        for name in ("subagent", "thread_spawn", "parent_thread_id"):
            spawn = spawn.get(name) if isinstance(spawn, dict) else None
        return spawn if isinstance(spawn, str) else None

    @property
    def by_agent(self) -> bool:
        """True where an agent and no person speaks to this session."""
        return isinstance(self.source, dict) and "subagent" in self.source


class TurnContext(msgspec.Struct):
    """The model and folder of the turns that follow."""

    cwd: str | None = None
    model: str | None = None


class Counter(msgspec.Struct):
    """Tokens as Codex counts them: input includes cached, output includes reasoning."""

    input_tokens: Any = None
    output_tokens: Any = None
    cached_input_tokens: Any = 0
    cache_write_input_tokens: Any = 0
    reasoning_output_tokens: Any = 0


class Tokens(msgspec.Struct, frozen=True, array_like=True):
    """A counter whose numbers were checked."""

    input: int
    cached: int
    cache_write: int
    output: int
    reasoning: int

    def since(self, before: "Tokens") -> "Tokens":
        """What came on top; a part that shrank adds nothing."""
        return Tokens(*(max(0, now - then) for now, then in zip(_parts(self), _parts(before), strict=True)))

    def below(self, before: "Tokens") -> bool:
        """True where the counter began anew."""
        return self.input < before.input or self.output < before.output

    @property
    def credible(self) -> bool:
        """True where one request can hold as many."""
        return all(count_of(part) is not None for part in _parts(self))


NONE_YET = Tokens(0, 0, 0, 0, 0)


class TokenInfo(msgspec.Struct):
    """The counters of a `token_count` event."""

    total_token_usage: Counter | None = None
    last_token_usage: Counter | None = None


class Event(msgspec.Struct):
    """An `event_msg`: of interest are counters, changed files, commands and what a person said."""

    type: Any = None
    info: TokenInfo | None = None
    call_id: str | None = None
    changes: Any = None
    success: Any = None
    item: Any = None


class UsageRecord(msgspec.Struct):
    """Since 0.169: the usage of one response, under the response's own name."""

    response_id: str | None = None
    usage: Counter | None = None
    thread_token_usage: Counter | None = None


class Item(msgspec.Struct):
    """A `response_item`: of interest are calls and what came of them."""

    type: Any = None
    name: Any = None
    call_id: str | None = None
    arguments: Any = None
    input: Any = None
    action: Any = None
    output: Any = None


def tokens_of(counter: Counter | None) -> Tokens | None:
    """The checked counter; None where a number is none."""
    if counter is None:
        return None
    parts = (
        counter.input_tokens,
        counter.cached_input_tokens or 0,
        counter.cache_write_input_tokens or 0,
        counter.output_tokens,
        counter.reasoning_output_tokens or 0,
    )
    if all(type(part) is int and 0 <= part <= MAX_TOTAL for part in parts):
        return Tokens(*parts)
    return None


def _parts(tokens: Tokens) -> tuple[int, int, int, int, int]:
    return tokens.input, tokens.cached, tokens.cache_write, tokens.output, tokens.reasoning
