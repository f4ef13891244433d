"""What was said to an agent where it is mentioned, as triggers take it up."""

from dataclasses import dataclass


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
    """Its words, cut to a length that a model can take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was said since the last time."""

    mentions: tuple[Mention, ...]
    cursor: str
    """From where to go on; to be kept once the mentions are."""
    missed: bool = False
    """Whether more was said than is looked at in one go, so that mentions may be missing."""
