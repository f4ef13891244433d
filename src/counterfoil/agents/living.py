"""What the office asks of whatever carries runs out; where nothing does, agents come by the gateway."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from counterfoil.agents.shown import (
    Hook,
    HookAnswer,
    NoteShown,
    Order,
    StepShown,
    TroubleShown,
    WebhookShown,
)
from counterfoil.terms.agent import AgentId, RunId
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.release import Permit, Refuse
from counterfoil.terms.tool import Tool

NO_RUNS = Refuse("no-runs", "This process carries no runs out; it judges what comes in by the gateway.")
NOT_YET = Refuse("no-runs-yet", "Runs go on once the server was heard.")


class Living(Protocol):
    """Runs, definitions and notes."""

    def start(self) -> None:
        """Take up what an earlier process left, and go on."""

    def close(self) -> None:
        """Stop; what is under way is taken up by the next process."""

    def definition(self, agent: AgentId, version: int | None = None) -> tuple[int, str] | None:
        """A version of an agent's definition, or the newest one, with its text; None where it has none."""

    def keep(self, text: str, owner: Pseudonym) -> tuple[AgentId, int] | Refuse:
        """Keep a definition: a changed one is a new version, and its grants hold at once."""

    def begin(self, order: Order) -> RunId | Refuse:
        """Begin a run by hand."""

    def decided(self, run: RunId) -> None:
        """A person said something that a run waits for."""

    def stop(self, run: RunId, why: str) -> Permit | Refuse:
        """Let a run go no step further."""

    def resume(self, run: RunId) -> Permit | Refuse:
        """Let a run go on where it ended."""

    def steps(self, run: RunId) -> Sequence[StepShown]:
        """Every step of a run."""

    def replay(self, run: RunId) -> Sequence[str]:
        """What of a run would be judged otherwise today, in words; nothing is done."""

    def said(self, run: RunId) -> str:
        """The last words of a run."""

    def notes(self, agent: AgentId, *, aside: bool = False) -> Sequence[NoteShown]:
        """What an agent noted down, or what of it was put aside."""

    def write_note(self, agent: AgentId, name: str, text: str) -> None:
        """Its owner writes or changes a note."""

    def bring_back_note(self, agent: AgentId, name: str) -> bool:
        """Bring back a note that was put aside."""

    def erase_note(self, agent: AgentId, name: str) -> bool:
        """Let nothing be left of a note."""

    def tool(self, agent: AgentId, owner: Pseudonym, tool: str) -> Tool | None:
        """A tool as its system has it now."""

    def hooked(self, hook: Hook) -> HookAnswer:
        """Take something that was delivered to the server, where it is signed."""

    def webhook(self, agent: AgentId, owner: Pseudonym) -> WebhookShown | Refuse:
        """A new secret for the webhooks of an agent."""

    def troubles(self, owner: Pseudonym) -> Sequence[TroubleShown]:
        """Of which accounts of an owner nothing is heard."""

    def slack(self, owner: Pseudonym) -> str:
        """The path at the server to which Slack can send events of an owner's account."""


@dataclass(frozen=True, slots=True)
class NoRuns:
    """Nothing carries runs out: never, or not yet."""

    why: Refuse = NO_RUNS

    def start(self) -> None:
        """Nothing is begun."""

    def close(self) -> None:
        """Nothing is under way."""

    def definition(self, agent: AgentId, version: int | None = None) -> tuple[int, str] | None:
        """None."""
        return None

    def keep(self, text: str, owner: Pseudonym) -> tuple[AgentId, int] | Refuse:
        """Refused."""
        return self.why

    def begin(self, order: Order) -> RunId | Refuse:
        """Refused."""
        return self.why

    def decided(self, run: RunId) -> None:
        """Nobody waits; whoever comes in by the gateway asks again."""

    def stop(self, run: RunId, why: str) -> Permit | Refuse:
        """Refused."""
        return self.why

    def resume(self, run: RunId) -> Permit | Refuse:
        """Refused."""
        return self.why

    def steps(self, run: RunId) -> Sequence[StepShown]:
        """None."""
        return ()

    def replay(self, run: RunId) -> Sequence[str]:
        """Nothing."""
        return ()

    def said(self, run: RunId) -> str:
        """Nothing."""
        return ""

    def notes(self, agent: AgentId, *, aside: bool = False) -> Sequence[NoteShown]:
        """None."""
        return ()

    def write_note(self, agent: AgentId, name: str, text: str) -> None:
        """Nothing is kept."""

    def bring_back_note(self, agent: AgentId, name: str) -> bool:
        """There is none."""
        return False

    def erase_note(self, agent: AgentId, name: str) -> bool:
        """There is none."""
        return False

    def tool(self, agent: AgentId, owner: Pseudonym, tool: str) -> Tool | None:
        """None."""
        return None

    def hooked(self, hook: Hook) -> HookAnswer:
        """Nobody listens."""
        return HookAnswer(503, self.why.clause)

    def webhook(self, agent: AgentId, owner: Pseudonym) -> WebhookShown | Refuse:
        """Refused."""
        return self.why

    def troubles(self, owner: Pseudonym) -> Sequence[TroubleShown]:
        """None."""
        return ()

    def slack(self, owner: Pseudonym) -> str:
        """None."""
        return ""
