"""What log records of known agents claim of usage, and of commits that a session made."""

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from counterfoil.collect.otlp.allowed import COMMIT_IN
from counterfoil.collect.otlp.arrived import Rows, digits, joined, mapped, rows
from counterfoil.collect.otlp.decoded import Decoded
from counterfoil.collect.otlp.group import ABSENT, WRONG, Group, Ints, Text, sizes, spread
from counterfoil.terms.arrived import Rank

AT_A_DESK = (
    "cli",
    "claude-vscode",
    "claude-desktop",
    "codex-tui",
    "codex_cli_rs",
    "codex_vscode",
    "True",
    "true",
)
"""Entry points at which somebody types: the rest may be a script."""
BESIDE = ("subagent", "auxiliary")
_COMMIT = re.compile(r'"git_commit_id"\s*:\s*"([0-9a-f]{7,64})"')


def event_rows(decoded: Decoded) -> Sequence[Rows]:
    """The rows of all log records that claim usage or a commit."""
    return [READERS[group.name](group) for group in decoded.groups if group.name in READERS]


def _claude_request(group: Group) -> Rows:
    """Source: code.claude.com/docs/en/monitoring-usage (read 2026-08-22); client 2.1.197."""
    session = group.text("session.id")
    key = group.text("request_id")
    if not sizes(key).all():
        # Gateways leave the request's name out; the place in its session names it as well.
        place = joined(session, digits(group.count("event.sequence")), digits(group.at))
        key = pc.if_else(pc.equal(key, ""), place, key)
    return rows(
        group,
        source="claude-code",
        rank=Rank.EVENT,
        key=key,
        session=session,
        tool="claude-code",
        model=group.word("model"),
        trigger=_trigger(group, "app.entrypoint", beside="query_source"),
        counts={
            "input_uncached": stated(group.count("input_tokens")),
            "cache_read": group.count("cache_read_tokens"),
            "cache_write": group.count("cache_creation_tokens"),
            "output": stated(group.count("output_tokens")),
            "cost": group.micro_usd("cost_usd_micros", "cost_usd"),
        },
    )


def _claude_tool(group: Group) -> Rows:
    """Commits of a session: their names, from the attribute or the parameters, and nothing else of them."""
    commit = spread(mapped(group.word("vcs.ref.head.revision"), _name), len(group))
    if COMMIT_IN in group:
        told = group.columns[COMMIT_IN].strings
        if told is not None:
            within = pa.array([_within(text) for text in told.to_pylist()], pa.string())
            commit = pc.if_else(pc.equal(commit, ""), within, commit)
    made = np.asarray(pc.and_(pc.not_equal(commit, ""), pc.not_equal(group.text("success"), "false")))
    mine, commit = group.where(made), commit.filter(pa.array(made))
    session = mine.text("session.id")
    return rows(
        mine,
        source="claude-code",
        rank=Rank.COMMIT,
        key=joined(session, commit),
        session=session,
        tool="claude-code",
        model=mine.word("model"),
        trigger="",
        commit=commit,
        requests=0,
        counts={},
    )


def _codex(group: Group) -> Rows:
    """Source: openai/codex, otel events (read in client 0.169.0): a response's counts, cached ones inside."""
    done = np.asarray(pc.equal(group.text("event.kind"), "response.completed"))
    group = group.where(done & (group.count("input_token_count") != ABSENT))
    session = group.text("conversation.id")
    prompt, read, write = (
        group.count(name) for name in ("input_token_count", "cached_token_count", "cache_write_token_count")
    )
    return rows(
        group,
        source="codex",
        rank=Rank.EVENT,
        key=joined(
            session, group.text("event.timestamp"), digits(prompt), digits(group.count("output_token_count"))
        ),
        session=session,
        tool="codex",
        model=group.word("model"),
        trigger=_trigger(group, "originator"),
        counts={
            "input_uncached": less(prompt, read, write),
            "cache_read": read,
            "cache_write": write,
            "output": stated(group.count("output_token_count")),
            "reasoning": group.count("reasoning_token_count"),
        },
    )


def _gemini(group: Group) -> Rows:
    """Source: docs of @google/gemini-cli 0.61.0: cached inside the prompt, thoughts and tools beside."""
    prompt, read = group.count("input_token_count"), group.count("cached_content_token_count")
    thought, tool = group.count("thoughts_token_count"), group.count("tool_token_count")
    session = group.text("session.id")
    return rows(
        group,
        source="gemini-cli",
        rank=Rank.EVENT,
        key=joined(session, group.text("prompt_id"), group.text("event.timestamp"), digits(prompt)),
        session=session,
        tool="gemini-cli",
        model=group.word("model"),
        trigger=_trigger(group, "interactive"),
        counts={
            "input_uncached": plus(less(prompt, read), tool),
            "cache_read": read,
            "output": plus(stated(group.count("output_token_count")), thought),
            "reasoning": thought,
        },
    )


def _shared_usage(group: Group) -> Rows:
    """What a person read in their own logs of one session, day and model, and sent after seeing each byte."""
    session, model = group.text("session.id"), group.text("model")
    return rows(
        group,
        source="shared",
        rank=Rank.LOCAL,
        key=joined(session, model, digits(group.at)),
        session=session,
        tool=group.word("service.name"),
        model=model,
        trigger="",
        requests=stated(group.count("request_count")),
        counts={
            "input_uncached": stated(group.count("input_tokens")),
            "cache_read": group.count("cache_read_tokens"),
            "cache_write": group.count("cache_creation_tokens"),
            "output": stated(group.count("output_tokens")),
        },
    )


def _shared_commit(group: Group) -> Rows:
    """A commit that a person's own log says a session made."""
    commit, session = mapped(group.text("vcs.ref.head.revision"), _name), group.text("session.id")
    return rows(
        group,
        source="shared",
        rank=Rank.COMMIT,
        key=joined(session, commit),
        session=session,
        tool=group.word("service.name"),
        model="",
        trigger="",
        commit=commit,
        requests=0,
        counts={},
    )


def _gen_ai(group: Group) -> Rows:
    """Any instrumentation's inference event; Gemini CLI reports the same under a name of its own as well."""
    from counterfoil.collect.otlp.spans import gen_ai_rows

    twice = np.asarray(pc.equal(group.text("service.name"), "gemini-cli"))
    return gen_ai_rows(group.where(~twice), rank=Rank.EVENT)


def _trigger(group: Group, entry: str, *, beside: str = "") -> Text:
    """Human where somebody types, agent where an agent asks for another; nothing where it can't be known."""
    at, asked = group.word(entry), group.word(beside) if beside else ""
    if isinstance(at, str) and isinstance(asked, str):
        typed = at in AT_A_DESK and asked != "sdk"
        return "agent" if asked in BESIDE else "human" if typed else ""
    at, asked = spread(at, len(group)), spread(asked, len(group))
    human = pc.and_(pc.is_in(at, value_set=pa.array(AT_A_DESK)), pc.not_equal(asked, "sdk"))
    return pc.if_else(pc.is_in(asked, value_set=pa.array(BESIDE)), "agent", pc.if_else(human, "human", ""))


def stated(counts: Ints) -> Ints:
    """Counts without which a record says nothing: an absent one is wrong."""
    return np.where(counts == ABSENT, WRONG, counts) if counts.min(initial=0) < 0 else counts


def less(whole: Ints, *parts: Ints) -> Ints:
    """A count without the parts that it has inside; a part larger than the whole is wrong."""
    found = stated(whole)
    for part in parts:
        wrong = (found == WRONG) | (part == WRONG) | (np.maximum(part, 0) > found)
        found = np.where(wrong, WRONG, found - np.maximum(part, 0))
    return found


def plus(one: Ints, other: Ints) -> Ints:
    """Two counts that stand beside each other."""
    return np.where((one == WRONG) | (other == WRONG), WRONG, np.maximum(one, 0) + np.maximum(other, 0))


def _name(text: str) -> str:
    return text if re.fullmatch("[0-9a-f]{7,64}", text) else ""


def _within(text: str | None) -> str:
    found = _COMMIT.search(text) if text else None
    return found[1] if found else ""


READERS = {
    "claude_code.api_request": _claude_request,
    "claude_code.tool_result": _claude_tool,
    "codex.sse_event": _codex,
    "gemini_cli.api_response": _gemini,
    "gen_ai.client.inference.operation.details": _gen_ai,
    "counterfoil.usage": _shared_usage,
    "counterfoil.commit": _shared_commit,
}
