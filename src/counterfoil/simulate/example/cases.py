"""The plot of the example: every sort of change, with how many of it."""

from dataclasses import dataclass

from counterfoil.simulate.histories.scene import Ending, Landing


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
