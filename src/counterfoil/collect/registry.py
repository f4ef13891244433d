"""Every source of local logs, by name; adding a source is adding its line here."""

from counterfoil.collect.claude_code import ClaudeCode
from counterfoil.collect.codex import Codex
from counterfoil.collect.gemini_cli import GeminiCli
from counterfoil.collect.source import Source
from counterfoil.collect.table import Table
from counterfoil.terms.ids import SourceId

LOGS: tuple[Source, ...] = (ClaudeCode(), Codex(), GeminiCli())
"""Tools that keep logs of their own accord, which they may delete."""
SOURCES: tuple[Source, ...] = (*LOGS, Table())
"""Those and tables, which are read only where someone names them."""
KEEP_LONGER = {
    SourceId("claude-code"): 'set "cleanupPeriodDays" in settings.json beside its projects folder',
    SourceId("gemini-cli"): 'set "general.sessionRetention" in settings.json beside its tmp folder',
}
"""How each tool that deletes its logs is told to keep them; nobody's settings are ever changed for them."""
