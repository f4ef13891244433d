"""A credential is nowhere in clear, opens for its connector and owner alone, and is never shown again."""

import copy
import pickle
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from agents.kept import ANNA, BORIS, ENROLLED, SEND, TRIAGE, World, grant
from counterfoil.agents.secrets import KEY_FILE, Secrets
from counterfoil.agents.tokens import Tokens
from counterfoil.store.agents.database import Database
from counterfoil.store.agents.shape import SECRET, TOKEN
from counterfoil.terms.agent import AgentId
from counterfoil.terms.error import StoreError
from counterfoil.terms.release import Refuse
from counterfoil.terms.tool import ConnectorId

MAIL, CHAT = ConnectorId("mail"), ConnectorId("chat")
CANARY = "canary-5f0c9d2e71"


@pytest.fixture
def kept_in(tmp_path: Path) -> Database:
    return Database.in_file(tmp_path / "agents.sqlite")


def test_it_opens_for_whoever_it_was_entered_for(tmp_path: Path, kept_in: Database) -> None:
    kept = Secrets(tmp_path, kept_in)
    kept.put(MAIL, ANNA, CANARY)
    again = Secrets(tmp_path, kept_in)
    found = again.get(MAIL, ANNA)
    assert found is not None and found.reveal() == CANARY
    assert again.get(CHAT, ANNA) is None and again.get(MAIL, BORIS) is None
    assert again.entered(ANNA) == [MAIL] and not again.entered(BORIS)
    assert again.drop(MAIL, ANNA) and not again.drop(MAIL, ANNA)


def test_it_is_nowhere_in_clear(tmp_path: Path, kept_in: Database) -> None:
    kept = Secrets(tmp_path, kept_in)
    kept.put(MAIL, ANNA, CANARY)
    secret = kept.get(MAIL, ANNA)
    assert CANARY not in f"{secret} {secret!r} {[secret]} {kept!r}"
    for written in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError):
            written(secret)
    kept_in.close()
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or CANARY.encode() not in path.read_bytes()
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_a_row_that_is_moved_or_altered_opens_nothing(tmp_path: Path, kept_in: Database) -> None:
    kept = Secrets(tmp_path, kept_in)
    kept.put(MAIL, ANNA, CANARY)
    with kept_in.write() as db:
        db.execute(SECRET.update().values(name=f"mail {BORIS}"))
    with pytest.raises(StoreError) as told:
        kept.get(MAIL, BORIS)
    assert told.value.code == "secret-altered" and CANARY not in str(told.value)


def test_a_key_that_is_gone_open_or_damaged_is_told(tmp_path: Path, kept_in: Database) -> None:
    Secrets(tmp_path, kept_in).put(MAIL, ANNA, CANARY)
    path = tmp_path / KEY_FILE
    key = path.read_bytes()

    def damaged() -> None:
        path.chmod(0o600)
        path.write_bytes(b"short")

    changes: tuple[tuple[Callable[[], None], str], ...] = (
        (lambda: path.chmod(0o644), "secrets-key-open"),
        (damaged, "secrets-key"),
        (path.unlink, "secrets-key-gone"),
    )
    for change, code in changes:
        change()
        with pytest.raises(StoreError) as told:
            Secrets(tmp_path, kept_in)
        assert told.value.code == code
    path.touch(mode=0o600)
    path.write_bytes(key)
    found = Secrets(tmp_path, kept_in).get(MAIL, ANNA)
    assert found is not None and found.reveal() == CANARY


def test_a_token_is_for_one_agent_and_use_and_a_short_while(w: World) -> None:
    tokens = Tokens(w.gate.keeping)
    text = tokens.issue(TRIAGE, "gateway", timedelta(hours=1))
    assert isinstance(text, str)
    found = tokens.whose(text, "gateway")
    assert found is not None and (found.agent, found.owner) == (TRIAGE, ANNA)
    assert tokens.whose(text, "other") is None and tokens.whose(text + "x", "gateway") is None
    assert tokens.whose("nothing", "gateway") is None
    with w.gate.keeping.database.read() as db:
        assert text not in str(db.execute(TOKEN.select()).all())
    w.clock.on(hours=1)
    assert tokens.whose(text, "gateway") is None
    assert isinstance(tokens.issue(TRIAGE, "gateway", timedelta(days=2)), Refuse)
    assert isinstance(tokens.issue(AgentId("none"), "gateway"), Refuse)


def test_a_token_goes_with_its_agent_and_its_owner(w: World) -> None:
    tokens = Tokens(w.gate.keeping)
    first, second = tokens.issue(TRIAGE, "gateway"), tokens.issue(TRIAGE, "gateway")
    assert isinstance(first, str) and tokens.revoke(TRIAGE) == 2 and tokens.whose(first, "gateway") is None
    third = tokens.issue(TRIAGE, "gateway")
    assert isinstance(third, str) and isinstance(second, str)
    w.gate.enrolment.owner_left(ANNA)
    assert tokens.whose(third, "gateway") is None
    w.gate.enrolment.enrol(ENROLLED, [grant(SEND)])
    assert tokens.whose(third, "gateway") is None
