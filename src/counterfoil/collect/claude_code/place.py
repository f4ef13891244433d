"""What the place of a transcript says."""

import os


def session_of(path: str) -> str:
    """The session a transcript belongs to by its place: its own name, or the folder above `subagents`.

    Example:
        >>> session_of("/home/dev/.claude/projects/shop/one/subagents/agent-7.jsonl")
        'one'
        >>> session_of("/home/subagents/.claude/projects/shop/one.jsonl")
        'one'
    """
    parts = path.replace(os.sep, "/").split("/")
    below = parts[len(parts) - parts[::-1].index("projects") :] if "projects" in parts else parts
    return below[1] if below[2:3] == ["subagents"] else name_of(path)


def name_of(path: str) -> str:
    """A transcript's own name: its session, or its agent."""
    return os.path.basename(path).removesuffix(".jsonl")
