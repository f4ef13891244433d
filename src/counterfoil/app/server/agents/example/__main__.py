"""Lets a mailbox and repositories stand in for yours: run it with `python -m` and the name of a folder."""

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from signal import SIGINT, SIGTERM, signal
from threading import Event

from counterfoil.app.server.agents.example.mailbox import NO_SERVER, mailbox
from counterfoil.app.server.agents.example.repositories import NO_GIT, repositories
from counterfoil.simulate.example.letters import EARLIER, THIS_MORNING

OPERATOR_ERROR = 4


def account_file(path: Path, account: Mapping[str, str]) -> None:
    """Write what `counterfoil agent connect` reads, for nobody else to read."""
    path.touch(0o600)
    # A text of TOML has the escapes of JSON.
    path.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in account.items()), "utf-8")


def main(folder: Path) -> int:
    """Make both in a folder, say where they are, and keep them until a signal comes."""
    ended = Event()
    for number in (SIGINT, SIGTERM):
        signal(number, lambda *_: ended.set())
    folder = folder.absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    repos = repositories(folder)
    with mailbox() as mail:
        if mail is None or repos is None:
            sys.stderr.write(f"{NO_GIT if repos is None else NO_SERVER}\n")
            return OPERATOR_ERROR
        mail.deliver([*EARLIER, *THIS_MORNING], datetime.now(UTC))
        account_file(folder / "git.toml", repos.account)
        for name, revision in repos.newest.items():
            (folder / f"{name}.revision").write_text(revision, "utf-8")
        account_file(folder / "imap.toml", mail.account)
        sys.stdout.write(f"{mail.server} and {len(repos.newest)} repositories are there; stop with Ctrl-C\n")
        sys.stdout.flush()
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
