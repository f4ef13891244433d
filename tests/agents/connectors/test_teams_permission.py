"""Teams by a permission that lasts, as an owner connects it: short tokens run out and nobody notices."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from agents.connectors.breaking import breaking
from agents.connectors.tenant import OPS, TEAM, Tenant, serving
from counterfoil.agents.accounts import Account, Accounts
from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.connectors.kinds import KINDS, TEAMS
from counterfoil.agents.connectors.teams.connector import Teams
from counterfoil.agents.secrets import Secrets
from counterfoil.store.agents.database import Database
from counterfoil.terms.error import ToolError
from counterfoil.terms.ids import Pseudonym

ANNA = Pseudonym("anna")
SAID = {"channel": f"{TEAM}/{OPS}", "text": "The build is green."}


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with serving() as made:
        yield made


@pytest.fixture
def opened(tmp_path: Path) -> Callable[[], Accounts]:
    """The accounts of one process after the other."""
    database = Database.in_file(tmp_path / "agents.sqlite")
    return lambda: Accounts(Secrets(tmp_path, database), tmp_path, KINDS)


def teams_of(accounts: Accounts) -> Teams:
    found = accounts.system(ANNA, TEAMS)
    assert isinstance(found, Teams)
    return found


def test_a_token_that_ran_out_is_renewed_and_the_permission_that_comes_with_it_is_kept(
    tenant: Tenant, opened: Callable[[], Accounts]
) -> None:
    accounts = opened()
    accounts.connect(ANNA, "teams", tenant.entered())
    teams = teams_of(accounts)
    teams.do("post", SAID, "run:1")
    assert tenant.issued == 1
    tenant.token = "ran out early"
    teams.do("post", {**SAID, "text": "The build is red."}, "run:2")
    assert tenant.issued == 2
    assert [one["body"]["content"] for one in tenant.messages[OPS]] == [SAID["text"], "The build is red."]
    # What it was connected with holds no longer; the next process begins with what came instead.
    assert accounts.entered(ANNA, TEAMS, "refresh") == tenant.refresh
    assert teams_of(opened()).needless("post", SAID) == "duplicate"
    assert "canary" not in f"{teams!r} {vars(teams)}"


def test_a_permission_that_was_taken_back_is_surely_nothing_and_its_owner_can_give_it_again(
    tenant: Tenant, opened: Callable[[], Accounts]
) -> None:
    accounts = opened()
    accounts.connect(ANNA, "teams", tenant.entered())
    teams_of(accounts).do("channels", {}, "run:1")
    tenant.token = tenant.refresh = ""
    with pytest.raises(NotDone) as told:
        teams_of(accounts).do("post", SAID, "run:2")
    assert (told.value.code, told.value.hint) == ("teams-token", "Connect the account again.")
    tenant.refresh = "canary-lasting-5d1c-anew"
    accounts.connect(ANNA, "teams", tenant.entered())
    assert teams_of(accounts).do("post", SAID, "run:2").ref


def test_a_token_that_runs_out_after_the_post_leaves_it_made(
    tenant: Tenant, opened: Callable[[], Accounts]
) -> None:
    accounts = opened()
    with breaking(tenant.url, method="GET", part="/messages/", lie="") as front:
        accounts.connect(ANNA, "teams", {**tenant.entered(), "url": front.url})
        front.fault = "revoked"
        with pytest.raises(ToolError) as told:
            teams_of(accounts).do("post", SAID, "run:1")
    assert not isinstance(told.value, NotDone) and len(tenant.messages[OPS]) == 1


def test_an_account_that_was_connected_with_a_token_alone_says_what_it_needs(
    tenant: Tenant, opened: Callable[[], Accounts]
) -> None:
    accounts = opened()
    kept = Account(kind="teams", entered={"token": tenant.token, "url": tenant.url, "hooks": ""})
    accounts.secrets.put(TEAMS, ANNA, msgspec.json.encode(kept).decode())
    with pytest.raises(NotDone, match="no permission") as told:
        teams_of(accounts).do("post", SAID, "run:1")
    assert told.value.hint == "Connect the account again." and not tenant.issued
