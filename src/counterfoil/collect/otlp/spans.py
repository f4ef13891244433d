"""What spans claim of usage: those of listed operations alone, in old and new names, and OpenInference's."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from counterfoil.collect.otlp.allowed import AGENT_OPERATIONS, COUNTED_OPERATIONS
from counterfoil.collect.otlp.arrived import Rows, mapped, rows
from counterfoil.collect.otlp.decoded import Decoded
from counterfoil.collect.otlp.events import less, stated
from counterfoil.collect.otlp.group import ABSENT, Group, Text, sizes, spread
from counterfoil.terms.arrived import Rank

READ = ("gen_ai.usage.cache_read.input_tokens",)
WRITE = ("gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_write.input_tokens")
REASONING = ("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens")
PROMPT = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens")
ANSWER = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens")
TOOLS = {
    "copilot-chat": "copilot",
    "github-copilot": "copilot",
    "claude-code": "claude-code",
    "gemini-cli": "gemini-cli",
}
STARTED_BY = {"user": "human", "agent": "agent"}


def span_rows(decoded: Decoded) -> Sequence[Rows]:
    """The rows of all spans that claim usage; an agent's own stand in where none of its children does."""
    return [part for group in decoded.groups for part in _of(group)]


def _of(group: Group) -> Iterator[Rows]:
    if "openinference.span.kind" in group:
        kind = pc.is_in(group.text("openinference.span.kind"), value_set=pa.array(["LLM", "EMBEDDING"]))
        yield _openinference(group.where(np.asarray(kind)))
    elif "gen_ai.operation.name" in group:
        operation = group.text("gen_ai.operation.name")
        for names, rank in ((COUNTED_OPERATIONS, Rank.SPAN), (AGENT_OPERATIONS, Rank.AGENT_SPAN)):
            chosen = np.asarray(pc.is_in(operation, value_set=pa.array(names)))
            claims = (group.count(*PROMPT) != ABSENT) | (group.count(*ANSWER) != ABSENT)
            if (chosen & claims).any():
                yield gen_ai_rows(group.where(chosen & claims), rank=rank)


def gen_ai_rows(group: Group, *, rank: Rank) -> Rows:
    """Records with the attributes of the GenAI conventions: cached tokens inside the prompt.

    Source: open-telemetry/semantic-conventions-genai, attributes in old and new names (read 2026-11-23).
    """
    trace = group.ids.get("trace", pa.repeat(pa.scalar(""), len(group)))
    span = group.ids.get("span", trace)
    prompt, answer = group.count(*PROMPT), group.count(*ANSWER)
    read, write = group.count(*READ), group.count(*WRITE)
    tool = mapped(group.word("service.name"), lambda name: TOOLS.get(name, name))
    return rows(
        group,
        source="gen-ai",
        rank=rank,
        key=spread(_first(group.word("gen_ai.response.id"), _both(trace, span)), len(group)),
        session=_first(group.word("gen_ai.conversation.id", "session.id"), trace),
        trace=trace,
        tool=tool,
        model=group.word("gen_ai.response.model", "gen_ai.request.model"),
        trigger=mapped(group.word("github.copilot.initiator"), lambda who: STARTED_BY.get(who, "")),
        commit=group.word("github.copilot.git.commit_sha"),
        counts={
            "input_uncached": less(np.where(prompt == ABSENT, 0, prompt), read, write),
            "cache_read": read,
            "cache_write": write,
            "output": np.where(answer == ABSENT, 0, answer),
            "reasoning": group.count(*REASONING),
        },
    )


def _openinference(group: Group) -> Rows:
    """Source: OpenInference semantic conventions 0.1.42: the prompt has its cached tokens inside."""
    trace, span = group.ids["trace"], group.ids["span"]
    prompt = group.count("llm.token_count.prompt")
    group = group.where(prompt != ABSENT) if (prompt == ABSENT).any() else group
    if len(group) != len(trace):
        trace, span = group.ids["trace"], group.ids["span"]
    read = group.count("llm.token_count.prompt_details.cache_read")
    write = group.count("llm.token_count.prompt_details.cache_write")
    answer = group.count("llm.token_count.completion")
    return rows(
        group,
        source="openinference",
        rank=Rank.SPAN,
        key=_both(trace, span),
        session=_first(group.word("session.id"), trace),
        trace=trace,
        tool=group.word("service.name"),
        model=group.word("llm.response.model_name", "llm.model_name", "llm.request.model_name"),
        trigger="",
        counts={
            "input_uncached": less(stated(group.count("llm.token_count.prompt")), read, write),
            "cache_read": read,
            "cache_write": write,
            "output": np.where(answer == ABSENT, 0, answer),
            "reasoning": group.count("llm.token_count.completion_details.reasoning"),
            "cost": group.micro_usd("", "llm.cost.total"),
        },
    )


def _first(one: Text, other: Text) -> Any:
    if isinstance(one, str):
        return one or other
    return one if sizes(one).all() else pc.if_else(pc.equal(one, ""), other, one)


def _both(trace: pa.StringArray, span: pa.StringArray) -> pa.StringArray:
    return pc.binary_join_element_wise(trace, span, "-")
