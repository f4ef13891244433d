"""Somebody leaves the organisation: the directory says so, and nothing of their agents is left."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agents.kept import GRANTS
from app.agents_place import place
from counterfoil.agents.connectors.kinds import KINDS
from counterfoil.agents.household import Household
from counterfoil.agents.leaving import AFTER
from counterfoil.agents.process import opened
from counterfoil.app.server.agents import state
from counterfoil.store.agents.granted import Enrolled
from counterfoil.terms.organisation import Person
from counterfoil.terms.release import Permit
from deadline import until
from guard.acting.calls import SOME, TRIAGE
from guard.organisation import LONG_AGO, put

TOKEN = {"token": "canary-token"}


def test_who_leaves_the_organisation_leaves_no_agent_and_no_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "LOOKED_SECONDS", 0.1)
    made: list[Household] = []

    def household(hearing: Any, outbox: Any) -> Household:
        made.append(Household(tmp_path / "agents", hearing, outbox, kinds=KINDS))
        return made[0]

    with place(tmp_path) as at, at.server(), opened(tmp_path / "agents", at.path, household):
        (lives,), robin, stays = made, at.who[0], at.who[1]
        agent = Enrolled(id=TRIAGE, owner=robin, budget=SOME)
        assert isinstance(lives.gate.enrolment.enrol(agent, GRANTS), Permit)
        for who in (robin, stays):
            lives.accounts.connect(who, "github", TOKEN)
        until(lambda: lives.hearing.owners == {robin: True, stays: True})
        with at.desk.hold() as g:
            put(g, Person(who=robin, role="office", joined=LONG_AGO, left=datetime.now(UTC).date()))
        until(lambda: lives.hearing.owners.get(robin) is False)
        assert f"owner:{robin}" in lives.gate.keeping.known().stops
        lives.work_once()
        assert TRIAGE in lives.gate.keeping.known().agents and robin in lives.owners()
        lives.gate.keeping.clock = lambda: datetime.now(UTC) + AFTER
        lives.work_once()
        assert not lives.gate.keeping.known().agents and lives.owners() == [stays]
