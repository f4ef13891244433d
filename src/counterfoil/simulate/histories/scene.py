"""What a scene of an invented history is: what is done, by whom, with what, and how it ends."""

from dataclasses import dataclass
from enum import Enum, auto

from counterfoil.simulate.histories.people import Identity
from counterfoil.terms.work import FateKind


class Deed(Enum):
    """What a scene does."""

    ADD = auto()
    REWRITE = auto()
    TOUCH = auto()
    """A named fix of one line."""
    TAKE_OUT = auto()
    MOVE = auto()
    REINDENT = auto()
    REQUOTE = auto()
    IGNORE = auto()
    """Lists the scene before it in `.git-blame-ignore-revs`."""
    TIDY = auto()
    BEGIN = auto()
    VENDOR = auto()
    GENERATE = auto()
    BULK = auto()


class Landing(Enum):
    """How a change reaches the main line."""

    SQUASH = auto()
    DIRECT = auto()
    MERGE = auto()


class Ending(Enum):
    """What later becomes of an added change."""

    QUIET = auto()
    FIX = auto()
    FIX_BY_TOOL = auto()
    NAMED = auto()
    REVERT_COMMIT = auto()
    REVERT_REQUEST = auto()
    UNDO = auto()
    """Put back without a word."""
    REDESIGN = auto()
    REDESIGN_BY_TOOL = auto()
    LATE = auto()
    """Rewritten after more than 30 days; no fate is claimed for it."""
    MOVE = auto()
    REINDENT = auto()
    REQUOTE = auto()
    DROPPED_BY_TOOL = auto()
    """Old code that a tool takes out, after more than 30 days; no fate is claimed for it."""


FATES = {
    Ending.FIX: FateKind.CORRECTED,
    Ending.FIX_BY_TOOL: FateKind.CORRECTED,
    Ending.NAMED: FateKind.CORRECTED,
    Ending.REVERT_COMMIT: FateKind.REVERTED,
    Ending.REVERT_REQUEST: FateKind.REVERTED,
    Ending.UNDO: FateKind.REVERTED,
    Ending.REDESIGN: FateKind.REPLACED,
    Ending.REDESIGN_BY_TOOL: FateKind.REPLACED,
}
UNCLAIMED = (Ending.LATE, Ending.DROPPED_BY_TOOL)


@dataclass(slots=True, kw_only=True, eq=False)
class Scene:
    """One change of the story."""

    day: float
    deed: Deed
    author: Identity
    fate: FateKind | None
    """None where no fate is claimed."""
    ending: Ending = Ending.QUIET
    landing: Landing = Landing.SQUASH
    words: str = "feat"
    """The type its subject states; empty for none."""
    tool: str = ""
    """The tool whose log tells of it; empty where there is no log."""
    sign: str = ""
    """The mark its message carries, a name in SIGNS."""
    target: "Scene | None" = None
    """The scene it answers."""
    typescript: bool = False
    forked: bool = False
    """Written by a session and its fork."""
    twice: bool = False
    """Written by two sessions."""

    @property
    def new_files(self) -> bool:
        """Whether it may only write files of its own."""
        apart = (Ending.UNDO, Ending.REINDENT, Ending.REQUOTE)
        return self.landing is Landing.MERGE or self.ending in apart
