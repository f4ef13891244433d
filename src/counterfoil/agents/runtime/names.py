"""Names of tools as model providers take them, and back."""

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256

MOST = 64
"""Characters that a provider takes."""
_ODD = re.compile(r"[^A-Za-z0-9_-]")


def spoken(tool: str) -> str:
    """A tool's id as models say it: letters, digits, `_` and `-`."""
    plain = _ODD.sub("_", tool.replace("/", "__", 1))
    if len(plain) <= MOST:
        return plain
    return f"{plain[: MOST - 9]}_{sha256(tool.encode()).hexdigest()[:8]}"


def meant(tools: Iterable[str]) -> Mapping[str, str]:
    """What is meant by each spoken name. Where two would be spoken alike, the later one is spoken by its hash."""
    found: dict[str, str] = {}
    for tool in sorted(tools):
        name = spoken(tool)
        if name in found:
            name = f"{name[: MOST - 9]}_{sha256(tool.encode()).hexdigest()[:8]}"
        found[name] = tool
    return found
