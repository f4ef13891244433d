"""Nothing stays of agents and accounts of somebody who left; all of it stays of somebody who was away."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agents.kept import ANNA, BORIS, TRIAGE, Clock, World, foreign, held, refused
from counterfoil.agents.accounts import Accounts
from counterfoil.agents.connectors.kinds import KINDS
from counterfoil.agents.hearing import LIVE_SECONDS, Hearing
from counterfoil.agents.leaving import Leaving
from counterfoil.agents.secrets import Secrets
from counterfoil.agents.tokens import Tokens
from counterfoil.agents.wire import OwnerState, Standing, signed_text
from counterfoil.ledger.sign import SignerKey, signed_note
from counterfoil.store.agents import absent
from counterfoil.terms.effect import ApprovalState
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.tool import ConnectorId

KEY = SignerKey.new("counterfoil.local/agents")
GITHUB = {"url": "https://api.github.com", "token": "canary"}
LISTENED = ConnectorId("listened:triage")


@dataclass
class Organisation:
    """A server that says who is there, and what listens to it."""

    world: World
    folder: Path
    ticks: float = 0.0
    hearing: Hearing = field(init=False)
    accounts: Accounts = field(init=False)
    leaving: Leaving = field(init=False)

    def __post_init__(self) -> None:
        clock = self.world.clock
        self.folder.mkdir()
        self.hearing = Hearing(self.folder, now=lambda: clock.at.timestamp(), ticks=lambda: self.ticks)
        self.hearing.pin(str(KEY.verifier))
        vault = Secrets(self.folder, self.world.database)
        self.accounts = Accounts(vault, self.folder, KINDS)
        self.leaving = Leaving(self.world.gate, self.accounts, self.hearing)

    def says(self, **here: bool) -> None:
        """Which owners are in the organisation."""
        self.ticks += LIVE_SECONDS
        owners = {Pseudonym(who): OwnerState(here=is_here) for who, is_here in here.items()}
        standing = Standing(
            nonce=self.hearing.ask(), at=int(self.world.clock.at.timestamp()), version=1, digest="of these",
            ceilings=(), stops=(), owners=owners,
        )  # fmt: skip
        self.hearing.hear(signed_note(signed_text(standing), KEY))

    def days(self, clock: Clock, days: int, **here: bool) -> list[int]:
        """What each day's sweep took away."""
        found = []
        for _ in range(days):
            clock.on(days=1)
            self.says(**here)
            found.append(self.leaving.sweep())
        return found


@pytest.fixture
def at(w: World, tmp_path: Path) -> Organisation:
    made = Organisation(w, tmp_path / "heard")
    for who in (ANNA, BORIS):
        made.accounts.connect(who, "github", GITHUB)
    made.accounts.secrets.put(LISTENED, ANNA, "of a webhook")
    return made


def test_a_week_after_somebody_left_nothing_of_theirs_is_left(w: World, at: Organisation) -> None:
    asked, token = held(w.gate.begin(foreign())), Tokens(w.gate.keeping).issue(TRIAGE, "gateway")
    here = {ANNA: False, BORIS: True}
    at.says(**here)
    assert at.leaving.sweep() == 0
    assert at.days(w.clock, 6, **here) == [0] * 6
    assert TRIAGE in w.gate.keeping.known().agents and at.accounts.owners() == {ANNA, BORIS}
    assert at.days(w.clock, 1, **here) == [1]
    assert TRIAGE not in w.gate.keeping.known().agents and at.accounts.owners() == {BORIS}
    assert isinstance(token, str) and Tokens(w.gate.keeping).whose(token, "gateway") is None
    found = w.gate.approvals.of(asked.id)
    assert found is not None and found.state is ApprovalState.WITHDRAWN
    assert refused(w.gate.begin(foreign(2))) == "unknown-agent"
    assert at.days(w.clock, 9, **{BORIS: True}) == [0] * 9
    with w.database.read() as db:
        assert absent.absent(db) == {}


def test_whoever_was_away_for_less_than_a_week_has_everything_as_it_was(w: World, at: Organisation) -> None:
    for _ in range(3):
        assert at.days(w.clock, 6, **{ANNA: False}) == [0] * 6
        assert at.days(w.clock, 1, **{ANNA: True}) == [0]
    assert TRIAGE in w.gate.keeping.known().agents and at.accounts.owners() == {ANNA, BORIS}


def test_nobody_is_taken_for_gone_while_nobody_says_so(w: World, at: Organisation) -> None:
    at.says(**{ANNA: False})
    at.leaving.sweep()
    w.clock.on(days=30)
    at.ticks += LIVE_SECONDS
    assert at.leaving.sweep() == 0, "the server is silent"
    at.says(**{BORIS: True})
    assert at.leaving.sweep() == 0, "the server does not speak of her"
    w.again()
    at.leaving = Leaving(w.gate, at.accounts, at.hearing)
    at.says(**{ANNA: False})
    assert at.leaving.sweep() == 1, "since when is kept"


def test_what_was_half_done_is_done_by_the_next_sweep(
    w: World, at: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    at.days(w.clock, 8, **{BORIS: True, ANNA: True})
    at.days(w.clock, 7, **{ANNA: False})
    with monkeypatch.context() as broken:
        broken.setattr(type(w.gate.enrolment), "owner_left", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            at.days(w.clock, 1, **{ANNA: False})
    assert at.accounts.owners() == {BORIS} and TRIAGE in w.gate.keeping.known().agents
    assert at.days(w.clock, 1, **{ANNA: False}) == [1]
    assert not w.gate.keeping.known().agents
