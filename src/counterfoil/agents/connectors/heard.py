"""What was said to an agent where it is mentioned, as triggers take it up."""

from dataclasses import dataclass

from counterfoil.agents.connectors.outgoing import HIDING

SHOWN = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A message that names the agent; every word of it somebody else's."""

    id: str
    """What the system calls the message: seen twice, it is the same mention."""
    place: str
    """Where it was said, as a destination: `room:!x:example.org`, `channel:C01`."""
    thread: str
    """The message to which an answer belongs."""
    who: str
    """Whom the system names as its author."""
    tainted_text: str
    """Its author's own words: what it quotes is somebody else's and left out, as is what nobody sees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was said since the last time."""

    mentions: tuple[Mention, ...]
    cursor: str
    """From where to go on; to be kept once the mentions are."""
    missed: bool = False
    """Whether more was said than is looked at in one go, so that mentions may be missing."""


def own_words(text: str) -> str:
    """The words of a message without the lines that it quotes, cut to a length that a model can take."""
    kept = "".join(c for c in text if ord(c) not in HIDING)
    lines = (line for line in kept.splitlines() if not line.lstrip().startswith(">"))
    return "\n".join(lines).strip()[:SHOWN]
