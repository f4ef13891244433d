"""Every source of local logs, by name; adding a source is adding its line here."""

from counterfoil.collect.claude_code import ClaudeCode
from counterfoil.collect.codex import Codex
from counterfoil.collect.gemini_cli import GeminiCli
from counterfoil.collect.source import Source
from counterfoil.collect.table import Table

SOURCES: tuple[Source, ...] = (ClaudeCode(), Codex(), GeminiCli(), Table())
"""In the order of their names."""
