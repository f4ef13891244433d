"""What a server says of its tools now, by which they are pinned and made stricter at most."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from counterfoil.terms.tool import EffectClass, Tool

HINTS = ("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")
KEPT = ("name", "title", "description", "inputSchema", "outputSchema", "annotations", "execution")
"""Of all that a server says of a tool, what a client is told, and so what is pinned."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A tool as its server describes it."""

    said: Mapping[str, Any]
    digest: str

    @property
    def hinted(self) -> Mapping[str, bool]:
        """What the server hints, where it hints anything."""
        hints = self.said.get("annotations")
        hints = hints if isinstance(hints, dict) else {}
        return {name: hints[name] for name in HINTS if isinstance(hints.get(name), bool)}


def listed(said: Mapping[str, Any]) -> Listed:
    """A tool as described, with the hash of the description."""
    kept = {name: said[name] for name in KEPT if said.get(name) is not None}
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Listed(kept, sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def stricter(tool: Tool, now: Listed) -> Tool:
    """The tool of the manifest with what the server says of it; a hint makes it stricter, or nothing."""
    hints = now.hinted
    effect, reversible = tool.effect, tool.reversible
    if effect is EffectClass.READ and hints.get("openWorldHint"):
        effect = EffectClass.ASK
    if effect in {EffectClass.READ, EffectClass.ASK} and hints.get("readOnlyHint") is False:
        effect = EffectClass.CHANGE
    if hints.get("destructiveHint") and hints.get("readOnlyHint") is not True:
        reversible = False
        if effect in {EffectClass.READ, EffectClass.ASK, EffectClass.CHANGE}:
            effect = EffectClass.DELETE
    return replace(tool, effect=effect, reversible=reversible, digest=now.digest, hinted=hints)


def changes(before: Listed, after: Listed) -> tuple[str, ...]:
    """Which parts of a description are not what they were."""
    return tuple(name for name in KEPT if before.said.get(name) != after.said.get(name))
