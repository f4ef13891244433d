"""Makes the agents of an invented company beside the server, which does not wait for them."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

from counterfoil.agents.wire import Asker
from counterfoil.app.server.agents.example.agents_process import agents_beside
from counterfoil.app.server.agents.example.lived import Ended, Morning
from counterfoil.app.server.agents.example.mailbox import NO_SERVER, mailbox
from counterfoil.app.server.agents.example.repositories import NO_GIT, repositories
from counterfoil.app.server.agents.talk import Talk
from counterfoil.terms.ask import Role
from counterfoil.terms.error import CounterfoilError
from counterfoil.terms.ids import Pseudonym

BEING_MADE = "The agents of this invented company are being made. Look again in some seconds."
NOT_MADE = "The agents of this invented company could not be made"
REAL = (
    "No model answers for these agents: scripts do, also where a key of a provider is set. To see one with a "
    "real model, run a server of your own and name the model in the agent's file."
)
WAIT_SECONDS = 30.0


@dataclass(slots=True)
class _Making:
    data: Path
    talk: Talk
    owner: Asker
    ended: Event = field(default_factory=Event)
    open_now: ExitStack = field(default_factory=ExitStack)

    def make(self) -> None:
        """Everything, one after the other; what is missing is said in words, and the rest goes on."""
        folder = Path(tempfile.mkdtemp(dir=self.data.parent, prefix="agents-"))
        try:
            mail = self.open_now.enter_context(mailbox())
            repos = repositories(folder)
            self.open_now.enter_context(
                agents_beside(
                    self.data,
                    socket=self.talk.path,
                    key=self.talk.key,
                    definitions=folder,
                    said=folder / "said",
                )
            )
            Morning(self.talk, self.owner, mail, repos, self.ended).live(folder)
        except Ended:
            self.talk.says = NOT_MADE + ": their process did not come up in time."
        except (CounterfoilError, OSError) as error:
            hint = f" {error.hint}." if isinstance(error, CounterfoilError) else ""
            self.talk.says = f"{NOT_MADE}: {error}.{hint}"
        except Exception as error:
            # Else the page would ask for patience for ever.
            self.talk.says = f"{NOT_MADE}: {type(error).__name__}. Start it anew."
            raise
        else:
            missing = [] if mail is not None else [NO_SERVER]
            missing += [] if repos is not None else [NO_GIT]
            self.talk.says = " ".join([*missing, REAL])


@contextmanager
def agents_made(data: Path, talk: Talk, owner: Pseudonym) -> Iterator[None]:
    """The agents of an invented employee, made beside whoever asks, and gone with them."""
    making = _Making(data, talk, Asker(who=owner, roles=(Role.EMPLOYEE,)))
    talk.says = BEING_MADE
    thread = Thread(target=making.make, name="example", daemon=True)
    thread.start()
    try:
        yield
    finally:
        making.ended.set()
        thread.join(WAIT_SECONDS)
        making.open_now.close()
