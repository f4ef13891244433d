"""Secrets that are planted are nowhere in clear, whatever goes wrong: no file, error, page, log or event."""

import logging
import traceback
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agents.kept import ANN, ANNA, KEY, Clock
from agents.owasp.attacks import fooled
from agents.runtime.lived import TRIAGE, life
from agents.runtime.stand_in import standing_in
from counterfoil.agents import events
from counterfoil.agents.accounts import Accounts
from counterfoil.agents.connectors.kinds import KINDS
from counterfoil.agents.gate import Gate
from counterfoil.agents.hearing import Hearing
from counterfoil.agents.keeping import Keeping
from counterfoil.agents.lifeline import Told
from counterfoil.agents.office import Office
from counterfoil.agents.outbox import Outbox
from counterfoil.agents.runtime.models import Place
from counterfoil.agents.secrets import Secrets
from counterfoil.agents.tokens import Tokens
from counterfoil.agents.wire import Asker, raw
from counterfoil.ledger.sign import SignerKey
from counterfoil.store.agents.database import Database
from counterfoil.terms.ask import Role
from counterfoil.terms.effect import RunState
from counterfoil.terms.error import CounterfoilError, SourceError
from counterfoil.terms.tool import EffectClass
from guard.acting.calls import CEILING

CANARY = "canary-4e0b71"
NOWHERE = "https://127.0.0.1:9"
OWNER = Asker(who=ANNA, roles=(Role.EMPLOYEE,))


def leaks(folder: Path, *texts: str) -> list[str]:
    """Where a planted secret stands in clear: which files, or which text."""
    found = [f"text {number}" for number, text in enumerate(texts) if CANARY in text]
    files = (path for path in folder.rglob("*") if path.is_file())
    return found + [str(path) for path in files if CANARY.encode() in path.read_bytes()]


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Everything that anybody logs, as much as they can."""
    with caplog.at_level(logging.DEBUG):
        yield caplog


def said(error: BaseException) -> str:
    """All that could be printed of an error."""
    more = f"{getattr(error, 'hint', '')} {error!r} {error.args}"
    return "".join(traceback.format_exception(error)) + more


def tried(system: Any) -> Iterator[str]:
    """What every tool that reads, and every look, says where nobody answers."""
    for tool in system.tools.values():
        if tool.effect is EffectClass.READ:
            given = dict.fromkeys(tool.arguments, "x/y")
            try:
                yield str(system.do(tool.name, given, "run:1").value)
            except (CounterfoilError, ValueError, OSError) as error:
                yield said(error)


@pytest.mark.parametrize("kind", KINDS)
def test_what_an_account_needs_is_in_no_file_error_or_log(
    tmp_path: Path, kind: str, heard: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "agents"
    key = SignerKey.of("agents.example/one", KEY)
    keeping = Keeping(folder, key, Database.in_file(tmp_path / "a.sqlite"), Told([CEILING]), Clock())
    gate = Gate(keeping)
    accounts = Accounts(Secrets(folder, keeping.database), folder, KINDS)
    office = Office(gate=gate, hearing=Hearing(folder), outbox=Outbox(folder), systems=accounts)
    entered = {
        one.name: CANARY if one.secret else one.default or (NOWHERE if "url" in one.name else "127.0.0.1")
        for one in KINDS[kind].wants
    }
    entered |= {name: "9" for name in entered if name.endswith("port")}
    if "repositories" in entered:
        with pytest.raises(SourceError) as told_of:
            with_it = f"shop https://x:{CANARY}@127.0.0.1:9/shop.git"
            office.connect(OWNER, kind, {**entered, "repositories": with_it})
        assert CANARY not in said(told_of.value)
        entered["repositories"] = f"shop {NOWHERE}/shop.git production=refs/heads/main"
    told = []
    for wrong in ({}, {"nothing": CANARY}, dict.fromkeys(entered, CANARY * 2000)):
        try:
            office.connect(OWNER, kind, {**entered, **wrong})
        except SourceError as error:
            told.append(said(error))
    for connector in accounts.connected(ANNA):
        system = accounts.system(ANNA, connector)
        told += [*tried(system), repr(system)]
    told += [repr(accounts), *(bytes(raw(one(OWNER))).decode() for one in (office.accounts, office.health))]
    gate.close()
    assert not leaks(tmp_path, *told, heard.text)


def test_nothing_secret_is_left_of_runs_that_end_badly(
    tmp_path: Path, heard: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """A provider's key, and what a system says in its errors; a hold, a yes and an export in between."""
    with life(tmp_path) as world, standing_in(mode="401") as server:
        world.places["openai"] = Place(CANARY, server.url + "/v1")
        world.agent(model="openai:gpt-4o-mini@eu")
        failed = world.until(world.run())
        server.mode = "garbage"
        garbled = world.until(world.run())

        def breaks(tool: str) -> None:
            raise RuntimeError(f"password={CANARY} was refused")

        world.mail.before = breaks
        world.mail.forgets = True
        fooled(world, [("mail/list", {}), ("mail/send", {"to": ANN, "text": "It says: hello"})])
        world.inbox({"id": 1, "text": "hello"})
        run = world.run()
        world.until(run, RunState.WAITING)
        card = world.gate.approvals.card(world.waiting()[0].id, ANNA)
        world.yes(world.waiting()[0])
        open_still = world.until(run)
        token = Tokens(world.gate.keeping).issue(TRIAGE, "gateway")
        assert isinstance(token, str)
        now = world.clock()
        exported = "".join(events.lines(world.gate.keeping, now - timedelta(days=1), now + timedelta(days=1)))
        told = [str(one) for one in (failed, garbled, open_still, card, world.steps(run), world.outbox.rows)]
        assert open_still.state is RunState.UNCONFIRMED and failed.state is RunState.FAILED
    printed = "".join(capfd.readouterr())
    assert not leaks(tmp_path, *told, exported, heard.text, printed)
    assert token not in exported + heard.text + printed
    assert not [
        path for path in tmp_path.rglob("*") if path.is_file() and token.encode() in path.read_bytes()
    ]
