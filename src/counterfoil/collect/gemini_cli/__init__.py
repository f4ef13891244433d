"""Reads the chats of Gemini CLI: requests from its messages, written lines from its tool calls."""

from counterfoil.collect.gemini_cli.logs import GeminiCli

__all__ = ["GeminiCli"]
