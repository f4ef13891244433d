"""Starts the agents' process, and keeps it until it is stopped."""

import signal
import sys
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from counterfoil.agents.hearing import Hearing
from counterfoil.agents.outbox import Outbox
from counterfoil.agents.wire import Asker
from counterfoil.app.printed import Printed
from counterfoil.show.exported import written
from counterfoil.terms.agent import AgentId
from counterfoil.terms.error import CounterfoilError, SourceError, ToolError
from counterfoil.terms.ids import Pseudonym

if TYPE_CHECKING:
    from counterfoil.agents.household import Household
    from counterfoil.agents.process import Process

LOOK_SECONDS = 0.5


def run_process(
    agents: Path,
    *,
    socket: Path,
    key: str,
    definitions: Path | None,
    owner: str | None,
    models: Path | None,
    while_stdin: bool,
    as_json: bool,
) -> int:
    """Live in a folder, linked to a server, until a signal comes, or whoever started it is gone."""
    try:
        from counterfoil.agents.at_work import AtWork
        from counterfoil.agents.connectors.kinds import kinds_in
        from counterfoil.agents.providers import Providers
    except ModuleNotFoundError as error:
        hint = "pip install 'counterfoil[agents]'"
        raise ToolError("no-agents", f"{error.name} is not installed", hint=hint) from error
    from counterfoil.agents.household import Household
    from counterfoil.agents.process import opened

    lived: list[Household] = []
    places = None if models is None else Providers.read(models)
    kinds = kinds_in(agents)

    def household(hearing: Hearing, outbox: Outbox) -> Household:
        def lives(one: Household) -> AtWork:
            return AtWork.over(one, one.accounts, places=places, scripts=definitions)

        lived.append(Household(agents.absolute(), hearing, outbox, lives=lives, kinds=kinds))
        return lived[0]

    ended = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    if while_stdin:
        Thread(target=_until_stdin_ends, args=(ended,), name="stdin", daemon=True).start()
    with opened(agents.absolute(), socket, household, key=key) as process:
        _told(agents, socket, as_json=as_json)
        kept, trouble = definitions is None, ""
        while not ended.wait(LOOK_SECONDS):
            trouble = _said(process, trouble)
            if not kept and lived[0].is_at_work:
                kept = _kept(process, lived[0], definitions or Path(), owner)
    end = Printed()
    end.words("stopped")
    return end.done(None)


def _until_stdin_ends(ended: Event) -> None:
    sys.stdin.read()
    ended.set()


def _kept(process: "Process", household: "Household", folder: Path, owner: str | None) -> bool:
    """Keep every definition of a folder: those that lie in it are one owner's, those of others lie below.

    One that is kept as it stands is left alone, so that what its owner took back since stays so.
    """
    for file in sorted([*folder.glob("*.toml"), *folder.glob("*/*.toml")]):
        if file.name.endswith(".script.toml"):
            continue
        whose = owner if file.parent == folder else file.parent.name
        try:
            text = file.read_text("utf-8")
            who = _owner(process, whose)
            now = household.office.living.definition(AgentId(file.stem))
            if now is None or now[1] != text:
                done = household.office.keep(Asker(who=who), text)
                _words(f"{done.of}: {done.state}")
        except (CounterfoilError, OSError, UnicodeDecodeError) as error:
            hint = f"; {error.hint}" if isinstance(error, CounterfoilError) else ""
            _words(f"{file}: {error}{hint}")
    process.link.wake()
    return True


def _owner(process: "Process", identity: str | None) -> Pseudonym:
    """Whose agents they are, as the server knows them.

    Raises: SourceError where nobody is named, or known; StoreError where the server can't say.
    """
    if identity is None:
        hint = "name yourself with --me, or put them into a folder called as you are"
        raise SourceError("no-owner", "nobody says whose agent this is", hint=hint)
    (who,) = process.link.pseudonyms([identity])
    if not who:
        hint = "write it as your organisation's directory does"
        raise SourceError("no-owner", f"nobody is known as {identity}", hint=hint)
    return who


def _said(process: "Process", before: str) -> str:
    """Say once why nothing is done, and once that it is again."""
    refused = process.link.refused
    trouble = process.hearing.trouble and (refused.message if refused else process.hearing.trouble)
    if trouble != before:
        _words(f"no agent does anything: {trouble}" if trouble else "the server is heard: agents may act")
    return trouble


def _told(agents: Path, socket: Path, *, as_json: bool) -> None:
    printed = Printed()
    printed.words(f"agents live in {agents} and listen to {socket}; stop with Ctrl-C")
    if as_json:
        printed.data(written({"agents": str(agents), "socket": str(socket)}))
    printed.done(None)


def _words(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
