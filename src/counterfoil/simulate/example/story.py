"""The plot of the example: which changes are made, by whom, with what, and how each ends."""

from dataclasses import dataclass
from enum import Enum, auto

from counterfoil.simulate.example.people import Identity
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """So many changes of one sort."""

    count: int
    ending: Ending = Ending.QUIET
    tool: str = ""
    sign: str = ""
    landing: Landing = Landing.SQUASH
    young: bool = False
    typescript: bool = False
    forked: bool = False
    twice: bool = False


_CLAUDE, _CODEX, _GEMINI = "claude-code", "codex", "gemini-cli"
CASES = (
    Case(count=8, tool=_CLAUDE, sign="claude"),
    Case(count=6, tool=_CLAUDE),
    Case(count=2, tool=_CLAUDE, typescript=True),
    Case(count=3, tool=_CLAUDE, landing=Landing.DIRECT),
    Case(count=1, tool=_CLAUDE, twice=True),
    Case(count=4, tool=_CODEX, landing=Landing.DIRECT),
    Case(count=2, tool=_CODEX, typescript=True),
    Case(count=1, tool=_CODEX, forked=True),
    Case(count=3, tool=_GEMINI, landing=Landing.DIRECT),
    Case(count=2, tool=_CLAUDE, sign="claude", landing=Landing.MERGE),
    Case(count=1, tool=_CODEX, landing=Landing.MERGE),
    Case(count=5, sign="claude"),
    Case(count=2, sign="cursor"),
    Case(count=2, sign="codex-agent"),
    Case(count=2, sign="copilot-agent"),
    Case(count=1, sign="devin-agent"),
    Case(count=2, sign="suggestion"),
    Case(count=1, sign="editor"),
    Case(count=1, sign="assisted"),
    Case(count=1, ending=Ending.MOVE, tool=_CLAUDE),
    Case(count=1, ending=Ending.REINDENT, tool=_CLAUDE, typescript=True),
    Case(count=1, ending=Ending.REQUOTE, tool=_CODEX, typescript=True),
    Case(count=2, ending=Ending.FIX, tool=_CLAUDE, sign="claude"),
    Case(count=2, ending=Ending.FIX_BY_TOOL, tool=_CLAUDE),
    Case(count=2, ending=Ending.FIX, tool=_CODEX, landing=Landing.DIRECT),
    Case(count=1, ending=Ending.FIX, tool=_GEMINI),
    Case(count=1, ending=Ending.FIX, sign="claude"),
    Case(count=1, ending=Ending.FIX, sign="copilot-agent"),
    Case(count=1, ending=Ending.NAMED, tool=_CLAUDE),
    Case(count=2, ending=Ending.REVERT_REQUEST, tool=_CLAUDE, sign="claude"),
    Case(count=1, ending=Ending.REVERT_COMMIT, tool=_CLAUDE, landing=Landing.DIRECT),
    Case(count=1, ending=Ending.REVERT_COMMIT, tool=_CODEX, landing=Landing.DIRECT),
    Case(count=1, ending=Ending.UNDO, tool=_GEMINI, landing=Landing.DIRECT),
    Case(count=2, ending=Ending.REDESIGN, tool=_CLAUDE),
    Case(count=1, ending=Ending.REDESIGN_BY_TOOL, tool=_CLAUDE, sign="claude"),
    Case(count=1, ending=Ending.REDESIGN, tool=_CODEX, landing=Landing.DIRECT),
    Case(count=1, ending=Ending.REDESIGN, tool=_GEMINI),
    Case(count=1, ending=Ending.REDESIGN, sign="claude"),
    Case(count=4, tool=_CLAUDE, sign="claude", young=True),
    Case(count=2, tool=_CODEX, landing=Landing.DIRECT, young=True),
    Case(count=1, tool=_GEMINI, young=True),
    Case(count=2, sign="claude", young=True),
    Case(count=1, ending=Ending.FIX, tool=_CLAUDE, young=True),
    Case(count=2, ending=Ending.DROPPED_BY_TOOL),
    Case(count=10, ending=Ending.FIX),
    Case(count=2, ending=Ending.REVERT_COMMIT, landing=Landing.DIRECT),
    Case(count=1, ending=Ending.REVERT_REQUEST),
    Case(count=8, ending=Ending.REDESIGN),
    Case(count=14, ending=Ending.LATE),
    Case(count=6, landing=Landing.MERGE),
    Case(count=105),
    Case(count=18, young=True),
)
"""Every sort of change, with how many of it."""
TIDYINGS = 75
"""Small commits that change a line or two here and there."""
