"""Tokens and roles: each for one thing, in the log when it is given and when it is taken."""

from pathlib import Path

from counterfoil.guard.judged import held_roles
from counterfoil.guard.roles import give, holders, roles_given, take
from counterfoil.guard.tokens import Scope, issue, token_of, tokens, withdraw
from counterfoil.ledger.entry import EntryKind, read_entry
from counterfoil.terms.ask import Role, Viewer
from guard.organisation import gate, people_rows


def test_a_token_is_for_one_scope_and_kept_as_a_hash(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        token = issue(g, Scope.SCIM, "the directory")
        found = token_of(g, token, Scope.SCIM)
        assert found is not None
        assert found.name == "the directory"
        assert token_of(g, token, Scope.INGEST) is None
        assert token_of(g, token + "x", Scope.SCIM) is None
        assert token_of(g, "", Scope.SCIM) is None
        assert read_entry(g.log.entry(0)) == (
            EntryKind.RULE,
            {"rule": "token", "did": "issued", "scope": "scim", "name": "the directory", "at": g.minute},
        )
    assert not any(token.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_a_withdrawn_token_holds_no_longer_and_a_person_withdraws_only_their_own(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        one, other = g.keys.pseudonyms(["one", "other"])
        token = issue(g, Scope.INGEST, "laptop", who=one)
        ((name, _),) = tokens(g)
        assert not withdraw(g, name, who=other)
        assert not withdraw(g, name[:3])
        assert token_of(g, token, Scope.INGEST) is not None
        assert withdraw(g, name, who=one)
        assert token_of(g, token, Scope.INGEST) is None
        # What a person calls their machine is theirs: the log, which everybody reads, has nothing of it.
        assert all("name" not in read_entry(g.log.entry(n))[1] for n in range(len(g.log)))


def test_a_role_is_held_from_its_entry_to_the_next(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        lead, plain = people_rows(g, 24)[:2]
        give(g, Role.COUNCIL, plain)
        give(g, Role.COUNCIL, plain)
        assert len(g.log) == 1
        assert holders(g, Role.COUNCIL) == {plain}
        assert roles_given(g, lead) == frozenset()
        assert held_roles(g, Viewer(who=plain, role=Role.COUNCIL)) == {Role.EMPLOYEE, Role.COUNCIL}
        assert held_roles(g, Viewer(who=lead, role=Role.EMPLOYEE)) == {Role.EMPLOYEE, Role.LEADER}
        take(g, Role.COUNCIL, plain)
        take(g, Role.COUNCIL, plain)
        assert len(g.log) == 2
        assert holders(g, Role.COUNCIL) == frozenset()


def test_whoever_is_not_there_today_holds_no_role(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        people_rows(g, 24)
        (stranger,) = g.keys.pseudonyms(["left long ago"])
        give(g, Role.COUNCIL, stranger)
        assert held_roles(g, Viewer(who=stranger, role=Role.COUNCIL)) == frozenset()
