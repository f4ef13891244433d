"""What is looked at of an exported record; every other attribute is dropped before anything is made of it."""

NAME = "event.name"
IDENTITY = ("enduser.id", "user.email")
"""Who it was, as the exporter claims; replaced before the first write."""
RESOURCE = (
    "service.name",
    "service.version",
    "session.id",
    "counterfoil.trigger",
    "counterfoil.workload",
    "vcs.repository.url.full",
    "vcs.provider.name",
    "vcs.owner.name",
    "vcs.repository.name",
    *IDENTITY,
)
"""Attributes that may stand on the resource instead of the record."""
USAGE = (
    "model",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_creation_tokens",
    "cost_usd_micros",
    "cost_usd",
    "request_id",
    "query_source",
    "app.entrypoint",
    "event.sequence",
    "event.timestamp",
    "event.kind",
    "conversation.id",
    "originator",
    "input_token_count",
    "output_token_count",
    "cached_token_count",
    "cache_write_token_count",
    "reasoning_token_count",
    "cached_content_token_count",
    "thoughts_token_count",
    "tool_token_count",
    "prompt_id",
    "interactive",
)
GEN_AI = (
    "gen_ai.operation.name",
    "gen_ai.conversation.id",
    "gen_ai.request.model",
    "gen_ai.response.model",
    "gen_ai.response.id",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.prompt_tokens",
    "gen_ai.usage.completion_tokens",
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.reasoning_tokens",
    "github.copilot.initiator",
    "github.copilot.git.repository",
    "github.copilot.git.commit_sha",
)
OPENINFERENCE = (
    "openinference.span.kind",
    "llm.model_name",
    "llm.request.model_name",
    "llm.response.model_name",
    "llm.token_count.prompt",
    "llm.token_count.completion",
    "llm.token_count.prompt_details.cache_read",
    "llm.token_count.prompt_details.cache_write",
    "llm.token_count.completion_details.reasoning",
    "llm.cost.total",
)
JOINS = ("vcs.ref.head.revision", "tool_name", "success", "request_count")
COMMIT_IN = "tool_parameters"
"""Of it, the name of a commit is looked for, and nothing else is read."""
ALLOWED: tuple[str, ...] = tuple(
    dict.fromkeys((NAME, *RESOURCE, *USAGE, *GEN_AI, *OPENINFERENCE, *JOINS, COMMIT_IN))
)
CONTENT = (
    "prompt",
    "response",
    "body",
    "arguments",
    "output",
    "tool_input",
    "function_args",
    "request_text",
    "response_text",
    "full_command",
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.system_instructions",
    "gen_ai.tool.call.arguments",
    "gen_ai.tool.call.result",
    "input.value",
    "output.value",
)
"""What people or models wrote. It is dropped like all else, and its sender is told not to send it."""
COUNTED_EVENTS = (
    "claude_code.api_request",
    "claude_code.tool_result",
    "codex.sse_event",
    "gemini_cli.api_response",
    "gen_ai.client.inference.operation.details",
    "counterfoil.usage",
    "counterfoil.commit",
)
"""Names of log records that a figure is made of."""
COUNTED_OPERATIONS = ("chat", "generate_content", "text_completion", "embeddings")
AGENT_OPERATIONS = ("invoke_agent", "invoke_workflow")
"""Operations that repeat what their children report; they stand in where a trace has no child."""
