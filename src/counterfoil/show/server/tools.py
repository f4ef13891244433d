"""The page that connects one's tools: a token of one's own, and the exact lines for each tool."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from counterfoil.show.server.frame import Frame, FramedPage

PLACEHOLDER = "YOUR-TOKEN"
TRIGGER = "counterfoil.trigger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """How one tool is pointed here."""

    id: str
    name: str
    where: str
    """Where the lines belong."""
    lines: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolsPage(FramedPage):
    """Connect one's tools."""

    template: ClassVar[str] = "server_tools.html.j2"
    token: str
    """The new token, shown this once; empty where none was made."""
    tools: Sequence[Connected]
    tokens: Sequence[tuple[str, str]]
    """One's own tokens: the start of the hash, and since when."""
    done: str


def tools_page(
    frame: Frame, *, endpoint: str, token: str, tokens: Sequence[tuple[str, str]], done: str = ""
) -> ToolsPage:
    """The page; `endpoint` is where telemetry is taken in."""
    return ToolsPage(
        frame=frame,
        title="Connect your tools",
        token=token,
        tools=_tools(endpoint, token or PLACEHOLDER),
        tokens=tokens,
        done=done,
    )


def _tools(endpoint: str, token: str) -> Sequence[Connected]:
    return (
        Connected(
            id="claude-code",
            name="Claude Code",
            where="your shell's profile, or the “env” of ~/.claude/settings.json",
            lines=_exports(
                {
                    "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
                    "OTEL_METRICS_EXPORTER": "otlp",
                    "OTEL_LOGS_EXPORTER": "otlp",
                    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
                    "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
                    "OTEL_EXPORTER_OTLP_HEADERS": f'"Authorization=Bearer {token}"',
                    "OTEL_METRICS_INCLUDE_REPOSITORY": "true",
                    "OTEL_RESOURCE_ATTRIBUTES": f"{TRIGGER}=human",
                }
            ),
            note="OTEL_METRICS_INCLUDE_REPOSITORY takes effect from version 2.1.269 on. Leave "
            "OTEL_LOG_USER_PROMPTS and OTEL_LOG_TOOL_DETAILS unset: what they add is cut off here anyway.",
        ),
        Connected(
            id="codex",
            name="Codex",
            where="~/.codex/config.toml, and the last line in your shell's profile",
            lines=_codex(endpoint, token),
            note="Every exporter needs its own path at the end of the address.",
        ),
        Connected(
            id="gemini-cli",
            name="Gemini CLI",
            where="~/.gemini/settings.json, and the last lines in your shell's profile",
            lines=_gemini(endpoint, token),
            note="“logPrompts” is on unless it is set to false.",
        ),
        Connected(
            id="copilot",
            name="GitHub Copilot",
            where="your shell's profile; in VS Code, also switch on github.copilot.chat.otel.enabled",
            lines=_exports({"COPILOT_OTEL_ENABLED": "true", **_standard(endpoint, token)}),
            note="Copilot says nothing about who you are: only your token does.",
        ),
        Connected(
            id="opentelemetry",
            name="Anything else with OpenTelemetry",
            where="the environment of the program",
            lines=_exports(_standard(endpoint, token)),
            note="For gRPC use port 4317. Model requests are known by the names of OpenTelemetry's GenAI "
            "conventions, old and new, and of OpenInference.",
        ),
    )


def _standard(endpoint: str, token: str) -> dict[str, str]:
    """The variables that every OpenTelemetry SDK knows; a space in a header is written %20."""
    return {
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "OTEL_EXPORTER_OTLP_HEADERS": f"Authorization=Bearer%20{token}",
        "OTEL_RESOURCE_ATTRIBUTES": f"{TRIGGER}=human",
    }


def _exports(variables: dict[str, str]) -> str:
    return "\n".join(f"export {name}={value}" for name, value in variables.items())


def _codex(endpoint: str, token: str) -> str:
    def exporter(name: str, path: str) -> Sequence[str]:
        return (
            f"[otel.{name}.otlp-http]",
            f'endpoint = "{endpoint}/v1/{path}"',
            'protocol = "binary"',
            f'headers = {{ "Authorization" = "Bearer {token}" }}',
            "",
        )

    return "\n".join(
        (
            "[otel]",
            "log_user_prompt = false",
            "",
            *exporter("exporter", "logs"),
            *exporter("metrics_exporter", "metrics"),
            f"export OTEL_RESOURCE_ATTRIBUTES={TRIGGER}=human",
        )
    )


def _gemini(endpoint: str, token: str) -> str:
    return "\n".join(
        (
            "{",
            '  "telemetry": {',
            '    "enabled": true,',
            '    "target": "local",',
            '    "useCollector": true,',
            f'    "otlpEndpoint": "{endpoint}",',
            '    "otlpProtocol": "http",',
            '    "logPrompts": false',
            "  }",
            "}",
            "",
            f"export OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20{token}",
            f"export OTEL_RESOURCE_ATTRIBUTES={TRIGGER}=human",
        )
    )
