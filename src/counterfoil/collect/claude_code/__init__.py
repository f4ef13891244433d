"""Claude Code: session transcripts below `projects/`, one JSON object per line."""

from counterfoil.collect.claude_code.logs import ClaudeCode

__all__ = ["ClaudeCode"]
