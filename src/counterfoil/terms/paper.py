"""What people read on paper about a programme: a letter, an annex."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A heading with what stands under it."""

    heading: str
    lines: tuple[str, ...]
    """Sentences, each a point of a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A text to hand out, with places to fill in by hand in square brackets."""

    title: str
    opening: tuple[str, ...]
    parts: tuple[Part, ...]
    closing: tuple[str, ...]
    mark: str
    """What it is not."""
