"""What a directory sends: who may send it, what is told to whom, and what it does not do."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.scim_server import ENTERPRISE, GROUP, USER, Served, scim_server
from counterfoil.guard.person import erase
from counterfoil.guard.roles import give, holders
from counterfoil.guard.tokens import Scope, issue
from counterfoil.terms.ask import Role
from counterfoil.terms.error import StoreError

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
COUNCIL = "counterfoil-council"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with scim_server(tmp_path) as running:
        yield running


def check_refused(answer: Any, status: int, kind: str | None = None) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/scim+json"
    told = answer.json()
    assert told["schemas"] == [ERROR]
    assert told["status"] == str(status)
    assert told.get("scimType") == kind


@pytest.mark.parametrize("path", ["/Users", "/Groups", "/ServiceProviderConfig", "/Schemas", "/nothing", ""])
@pytest.mark.parametrize("token", ["", "cf_scim_guessed", "Ω"])
def test_without_a_token_of_its_own_there_is_nothing(served: Served, path: str, token: str) -> None:
    ingest = issue(served.g, Scope.INGEST, "machine")
    for shown in ({}, {"Authorization": f"Bearer {ingest}"}, {"Authorization": "Basic eDp5"}):
        answer = served.client.get(f"/scim/v2{path}", headers=shown)
        check_refused(answer, 401)
        assert answer.headers["www-authenticate"] == "Bearer"
    headers = {"Authorization": f"Bearer {token}".encode()}
    check_refused(served.client.get(f"/scim/v2{path}", headers=headers), 401)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (b"", "invalidSyntax"),
        (b"{", "invalidSyntax"),
        (b"[]", "invalidSyntax"),
        (b"\xff\xfe", "invalidSyntax"),
        (b'{"userName": "\\ud800"}', "invalidSyntax"),
        (b"[" * 100_000, "invalidSyntax"),
        (b'{"userName": NaN}', "invalidSyntax"),
        (b'{"schemas": ["urn:x"], "userName": "a"}', "invalidSyntax"),
        (b"{}", "invalidValue"),
        (b'{"userName": " "}', "invalidValue"),
        (b'{"userName": ["a"]}', "invalidValue"),
        (b'{"userName": "a", "active": "perhaps"}', "invalidValue"),
        (b'{"userName": "a", "emails": "a@x.org"}', "invalidValue"),
        (b'{"userName": "a", "userType": "a\\u0000b"}', "invalidValue"),
        (b'{"userName": "%s"}' % (b"a" * 300), "invalidValue"),
    ],
)
def test_what_can_not_be_read_is_told(served: Served, sent: bytes, kind: str) -> None:
    for method, path in (("POST", "/Users"), ("PUT", "/Users/nobody")):
        headers = {"Authorization": f"Bearer {served.scim}", "Content-Type": "application/scim+json"}
        if sent.startswith(b"{") and b'"schemas"' not in sent and b"ud800" not in sent and b"NaN" not in sent:
            sent = sent.replace(b"{", b'{"schemas": ["%s"], ' % USER.encode(), 1).replace(b", }", b"}")
        answer = served.client.request(method, f"/scim/v2{path}", content=sent, headers=headers)
        if method == "PUT" and answer.status_code == 404:
            continue
        check_refused(answer, 400, kind)
    assert served.ask("GET", "/Users").json()["totalResults"] == 0


def test_more_than_a_megabyte_is_not_read(served: Served) -> None:
    check_refused(served.ask("POST", "/Users", {"userName": "a" * 3_000_000}, token="x"), 401)
    for size in (1_048_577, 3_000_000):
        check_refused(served.ask("POST", "/Users", {"userName": "a" * size}), 413)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/Users/nobody", 404),
        ("DELETE", "/Users/nobody", 404),
        ("GET", "/Groups/none", 404),
        ("DELETE", "/Groups/none", 404),
        ("GET", "/Users/a/b", 404),
        ("POST", "/Users/nobody", 405),
        ("DELETE", "/Users", 405),
        ("POST", "/Schemas", 405),
        ("POST", "/.search", 501),
        ("POST", "/Users/.search", 501),
        ("GET", "/Me", 501),
        ("POST", "/Bulk", 501),
        ("GET", "/Users?filter=userName", 400),
        ("GET", "/Users?filter=shoe eq 1", 400),
        ("GET", "/Users?count=many", 400),
        ("GET", "/Users?attributes=userName&excludedAttributes=title", 400),
        ("GET", "/Schemas?filter=id pr", 403),
    ],
)
def test_what_is_not_there_or_not_done_is_told(served: Served, method: str, path: str, status: int) -> None:
    answer = served.ask(method, path, {} if method == "POST" else None)
    assert answer.status_code == status, answer.text
    assert answer.json()["schemas"] == [ERROR]


def test_a_list_comes_in_pages_each_person_once_and_by_filter(served: Served) -> None:
    ids = {served.new_person(f"p{n}@x.org", externalId=f"n{n}") for n in range(5)}
    pages = [served.ask("GET", f"/Users?startIndex={n}&count=2").json() for n in (1, 3, 5)]
    assert [page["itemsPerPage"] for page in pages] == [2, 2, 1]
    assert {one["id"] for page in pages for one in page["Resources"]} == ids
    assert served.ask("GET", "/Users?count=0").json()["Resources"] == []
    for query in ('userName eq "P3@x.org"', 'externalId eq "n3"', 'userName sw "p3"'):
        found = served.ask("GET", f"/Users?filter={query}").json()
        assert [one["userName"] for one in found["Resources"]] == ["p3@x.org"], query
    assert served.ask("GET", '/Users?filter=externalId eq "N3"').json()["totalResults"] == 0
    assert served.ask("GET", f'/Users?filter=id eq "{min(ids)}"').json()["totalResults"] == 1
    (few,) = served.ask("GET", '/Users?filter=externalId eq "n3"&attributes=userName').json()["Resources"]
    assert set(few) == {"schemas", "id", "userName"}


def test_nobody_has_the_name_or_number_of_somebody_else(served: Served) -> None:
    first = served.new_person("ann@x.org", externalId="1")
    again = served.ask("POST", "/Users", {"schemas": [USER], "userName": "ANN@x.org", "externalId": "2"})
    check_refused(again, 409, "uniqueness")
    other = served.new_person("ben@x.org", externalId="2")
    moved = served.patch(f"/Users/{other}", {"op": "replace", "path": "userName", "value": "ann@x.org"})
    check_refused(moved, 409, "uniqueness")
    assert served.ask("GET", f"/Users/{other}").json()["userName"] == "ben@x.org"
    assert served.patch(
        f"/Users/{first}", {"op": "replace", "path": "userName", "value": "Ann@x.org"}
    ).is_success


def test_what_entra_sends_in_its_own_way_is_taken_in(served: Served) -> None:
    boss = served.new_person("boss@x.org")
    ann = served.new_person(
        "ann@x.org",
        active="True",
        phoneNumbers=[{"value": "1"}],
        emails=[{"type": "work", "value": "a@x.org"}],
    )
    done = served.patch(
        f"/Users/{ann}",
        {"op": "Replace", "path": f"{ENTERPRISE}:manager", "value": boss},
        {"op": "Add", "path": 'emails[type eq "home"].value', "value": "a@home.org"},
        {"op": "Replace", "value": {"name.givenName": "Ann", "active": "False", "nickName": "A"}},
    )
    told = done.json()
    assert told["active"] is False
    assert told[ENTERPRISE]["manager"] == {"value": boss}
    assert told["name"] == {"givenName": "Ann"}
    assert [email["value"] for email in told["emails"]] == ["a@x.org", "a@home.org"]
    assert not {"phoneNumbers", "nickName"} & set(told)
    group = served.new_group("unit", ann, boss)
    left = served.patch(f"/Groups/{group}", {"op": "Remove", "path": "members", "value": [{"value": ann}]})
    assert [member["value"] for member in left.json()["members"]] == [boss]


def test_roles_are_given_by_their_own_token_and_watched_by_nobody_elses(served: Served) -> None:
    ann, ben = served.new_person("ann"), served.new_person("ben")
    unit = served.new_group("unit", ann)
    for name in (COUNCIL, "Counterfoil-Admin", "counterfoil-\u200bdpo", "\uff23ounterfoil-finance"):
        check_refused(served.ask("POST", "/Groups", {"schemas": [GROUP], "displayName": name}), 403)
        renamed = served.patch(f"/Groups/{unit}", {"op": "replace", "path": "displayName", "value": name})
        check_refused(renamed, 403)
        check_refused(served.ask("PUT", f"/Groups/{unit}", {"schemas": [GROUP], "displayName": name}), 403)
    council = served.new_group(COUNCIL, ann, token=served.roles)
    assert len(holders(served.g, Role.COUNCIL)) == 1
    path = f"/Groups/{council}"
    add = {"op": "add", "path": "members", "value": [{"value": ben}]}
    check_refused(served.ask("GET", path), 403)
    check_refused(served.patch(path, add), 403)
    check_refused(served.ask("PUT", path, {"schemas": [GROUP], "displayName": COUNCIL}), 403)
    check_refused(served.ask("DELETE", path), 403)
    assert [one["displayName"] for one in served.ask("GET", "/Groups").json()["Resources"]] == ["unit"]
    assert served.ask("GET", f'/Groups?filter=displayName eq "{COUNCIL}"').json()["totalResults"] == 0
    assert [one["display"] for one in served.ask("GET", f"/Users/{ann}").json()["groups"]] == ["unit"]
    assert served.patch(path, add, token=served.roles).is_success
    assert len(holders(served.g, Role.COUNCIL)) == 2
    # Who provisions people can't take a role by leaving somebody out of the directory.
    assert served.ask("DELETE", f"/Users/{ben}").status_code == 204
    assert len(holders(served.g, Role.COUNCIL)) == 2
    told = served.ask("GET", path, token=served.roles).json()
    assert [member["value"] for member in told["members"]] == [ann]
    assert served.ask("DELETE", path, token=served.roles).status_code == 204
    assert len(holders(served.g, Role.COUNCIL)) == 1


def test_a_token_for_roles_changes_no_person_and_no_unit(served: Served) -> None:
    ann = served.new_person("ann")
    unit = served.new_group("unit", ann)
    roles = served.roles
    assert served.ask("GET", f"/Users/{ann}", token=roles).json()["userName"] == "ann"
    person: Any = {"schemas": [USER], "userName": "cy"}
    check_refused(served.ask("POST", "/Users", person, token=roles), 403)
    check_refused(served.ask("PUT", f"/Users/{ann}", person, token=roles), 403)
    check_refused(served.ask("DELETE", f"/Users/{ann}", token=roles), 403)
    check_refused(served.patch(f"/Users/{ann}", {"op": "remove", "path": "title"}, token=roles), 403)
    check_refused(served.ask("GET", f"/Groups/{unit}", token=roles), 403)
    check_refused(served.ask("DELETE", f"/Groups/{unit}", token=roles), 403)
    group = {"schemas": [GROUP], "displayName": "other"}
    check_refused(served.ask("POST", "/Groups", group, token=roles), 403)
    for name, inside in (
        ("counterfoil-owner", []),
        (COUNCIL, [{"value": unit}]),
        (COUNCIL, [{"value": "x"}]),
    ):
        told = {"schemas": [GROUP], "displayName": name, "members": inside}
        check_refused(served.ask("POST", "/Groups", told, token=roles), 400, "invalidValue")
    served.new_group(COUNCIL, token=roles)
    admin = served.new_group("counterfoil-admin", token=roles)
    again = served.ask("POST", "/Groups", {"schemas": [GROUP], "displayName": COUNCIL}, token=roles)
    check_refused(again, 409, "uniqueness")
    to_council = {"op": "replace", "path": "displayName", "value": COUNCIL}
    check_refused(served.patch(f"/Groups/{admin}", to_council, token=roles), 400, "invalidValue")


def test_a_role_given_on_the_command_line_is_in_its_group(served: Served) -> None:
    ann = served.new_person("ann")
    give(served.g, Role.DPO, served.g.keys.pseudonyms(["ann"])[0])
    group = served.new_group("counterfoil-dpo", token=served.roles)
    told = served.ask("GET", f"/Groups/{group}", token=served.roles).json()
    assert [member["value"] for member in told["members"]] == [ann]


def test_somebody_who_had_their_data_erased_is_not_taken_in_again(served: Served) -> None:
    ann = served.new_person("ann@x.org", externalId="7", emails=[{"value": "a@x.org"}])
    served.new_group("unit", ann)
    (who,) = served.g.keys.pseudonyms(["a@x.org"])
    erase(served.g, who)
    check_refused(served.ask("GET", f"/Users/{ann}"), 404)
    gone: tuple[dict[str, Any], ...] = (
        {"userName": "ann@x.org"},
        {"userName": "new@x.org", "externalId": "7"},
        {"userName": "new@x.org", "emails": [{"value": "A@x.org"}]},
    )
    for said in gone:
        check_refused(served.ask("POST", "/Users", {"schemas": [USER], **said}), 409)
    assert served.ask("GET", "/Users").json()["totalResults"] == 0


def test_without_the_keys_nothing_is_answered_but_that(served: Served) -> None:
    def away(*_: object, **__: object) -> None:
        raise StoreError("keyholder-down", "whoever holds the keys can't be reached", hint="start it")

    served.g.keys.name = away  # type: ignore[assignment,method-assign]
    answer = served.ask("GET", "/Users")
    check_refused(answer, 503)
    assert answer.headers["retry-after"] == "30"


def test_no_name_or_address_is_in_any_byte_outside_of_the_keys(tmp_path: Path) -> None:
    marks = [f"canary-{n}-5e1d" for n in range(9)]
    (tmp_path / "data").mkdir()
    with scim_server(tmp_path / "data") as served:
        boss = served.new_person(f"{marks[0]}@x.org")
        ann = served.new_person(
            f"{marks[1]}@x.org",
            externalId=marks[2],
            displayName=marks[3],
            title=marks[4],
            name={"givenName": marks[5], "familyName": marks[6]},
            emails=[{"value": f"{marks[7]}@x.org"}],
            **{ENTERPRISE: {"department": "team-a", "manager": {"value": boss}}},
        )
        served.new_group("team-b", ann)
        served.new_group(COUNCIL, ann, token=served.roles)
        moved = {"op": "replace", "path": "emails", "value": [{"value": f"{marks[8]}@x.org"}]}
        assert served.patch(f"/Users/{ann}", moved).is_success
        assert served.ask("DELETE", f"/Users/{boss}").status_code == 204
        time.sleep(1)
        assert served.ask("GET", "/Users").is_success
        outside = [p for p in (tmp_path / "data").rglob("*") if p.is_file() and "keys" not in p.parts]
        assert {p.relative_to(tmp_path / "data").parts[0] for p in outside} >= {"lake", "ledger"}
        ids = (ann.encode(), boss.encode())
        for path in outside:
            whole = path.read_bytes()
            assert not [mark for mark in (*(m.encode() for m in marks), *ids) if mark in whole], path
        assert marks[8].encode() in (tmp_path / "data" / "keys" / "cards").read_bytes()
