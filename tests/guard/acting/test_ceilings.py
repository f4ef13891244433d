"""A ceiling is read in clear words, only ever stricter below, and wider only by two people of two sides."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.guard.acting import force, stops
from counterfoil.guard.acting.ceilings import Written, example, read_ceilings
from counterfoil.guard.acting.compared import any_wider, wider
from counterfoil.guard.acting.force import Signed, in_force, sign
from counterfoil.guard.acting.written import matches
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.roles import give, take
from counterfoil.ledger.entry import read_entry
from counterfoil.terms.agent import Ceiling
from counterfoil.terms.ask import Role, Viewer
from counterfoil.terms.error import LedgerBroken, SourceError
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.release import Refuse
from guard.organisation import gate, people_rows

OPERATOR = Viewer(who=None, role=Role.OPERATOR)
ALLOWS_MORE = example().replace(
    'mail = ["read", "draft", "arrange"]', 'mail = ["read", "draft", "arrange", "delete"]'
)


def planting(one_in: object) -> str:
    """The example with planted questions."""
    return example().replace("planted_one_in = 0", f"planted_one_in = {one_in}")


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Guarded]:
    with gate(tmp_path) as opened:
        people_rows(opened, 24)
        yield opened


def person(g: Guarded, number: int, role: Role | None = None) -> Viewer:
    (who,) = g.keys.pseudonyms([f"p{number:05d}"])
    if role is not None:
        give(g, role, who)
    return Viewer(who=who, role=role or Role.EMPLOYEE)


def signed(g: Guarded, text: str, *by: Viewer) -> Signed:
    done: Signed | Refuse = Refuse("", "nobody signed")
    for viewer in by:
        done = sign(g, read_ceilings(text), viewer)
    assert isinstance(done, Signed), done
    return done


def test_the_shipped_example_is_sound_and_strict() -> None:
    written = read_ceilings(example())
    assert not written.wrong
    (ceiling,) = written.ceilings
    everything = {effect for effects in ceiling.connectors.values() for effect in effects}
    assert everything == {"read", "draft", "arrange"}
    assert ceiling.budget.month == 50_000_000
    assert list(ceiling.approvers) == []


WRONG = {
    "no TOML": ("[organisation", "this is no TOML"),
    "no organisation": ("", "it has to say [organisation]"),
    "a strange table": (example() + "[staff]\n", "nobody knows what this means"),
    "a strange key": (example().replace("regions", "places"), "nobody knows what this means"),
    "an effect of no class": (example().replace('"arrange"', '"tidy"'), "no class of effect"),
    "code": (example().replace('"arrange"', '"execute"'), "no agent may execute"),
    "every model": (example().replace('"anthropic:*"', '"*"'), "names no provider"),
    "every region": (example().replace('"eu"', '"*"'), "is no region"),
    "all mail inside": (example().replace("mail:*@example.org", "mail:*"), "nothing in particular"),
    "no kind": (example().replace("mail:*@example.org", "example.org"), "write kind:name"),
    "no amount": (example().replace("0.50", '"much"'), "amount in US dollars"),
    "a negative one": (example().replace("0.50", "-1"), "amount in US dollars"),
    "a run dearer than a day": (example().replace("0.50", "6"), "at most what a day may"),
    "sending, and nobody to say yes": (example().replace('"arrange"', '"send"'), "name one"),
    "a unit that may more": (
        example() + '[unit.sales.connectors]\nmail = ["read", "delete"]\n',
        "only be stricter than the organisation's, and mail may delete",
    ),
    "a unit with another model": (example() + '[unit.sales]\nmodels = ["openai:*"]\n', "models has openai:*"),
    "one question in ten planted": (planting("10"), "at most one question in 20"),
    "planted, and not how often": (planting("true"), "write a number"),
    "a unit that plants where nobody does": (
        example() + "[unit.sales]\nplanted_one_in = 50\n",
        "only be stricter than the organisation's, and one question in 50 may be planted",
    ),
    "not a table": ("organisation = 3\n", "it has to say [organisation]"),
    "lists of numbers": (example().replace('["eu"]', "[1]"), "a list of words"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_in_words(name: str) -> None:
    text, says = WRONG[name]
    written = read_ceilings(text)
    assert not written.ceilings
    assert any(says in wrong.says for wrong in written.wrong), written.wrong


def test_a_unit_has_what_it_leaves_out_from_above() -> None:
    top, unit = read_ceilings(example() + "[unit.payments]\nmodels = []\n").ceilings
    assert unit.name == "payments"
    assert not unit.models
    assert replace(unit, name=top.name, models=top.models) == top


texts = st.text("ab*", max_size=6)


@settings(max_examples=60)
@given(old=texts, new=texts, name=st.text("ab", max_size=8))
def test_whatever_is_not_called_wider_lets_nothing_more_through(old: str, new: str, name: str) -> None:
    (ceiling,) = read_ceilings(example()).ceilings
    before, after = (
        replace(ceiling, models=(f"x:{p}",), production=(f"e:{q}",)) for p, q in ((old, new), (new, old))
    )
    if not wider(before, after):
        assert not matches(f"x:{new}", f"x:{name}") or matches(f"x:{old}", f"x:{name}")
        assert not matches(f"e:{new}", f"e:{name}") or matches(f"e:{old}", f"e:{name}")


def test_the_first_ceiling_needs_two_people_of_two_sides(g: Guarded) -> None:
    first = signed(g, example(), OPERATOR)
    assert (first.state, first.version) == ("proposed", 1)
    assert first.missing == ["data protection or the works council"]
    assert in_force(g.lake.registry, g.log) is None
    assert signed(g, example(), OPERATOR).state == "proposed"
    done = signed(g, example(), person(g, 3, Role.DPO))
    assert (done.state, done.version, list(done.missing)) == ("in-force", 1, [])
    held = in_force(g.lake.registry, g.log)
    assert held is not None
    assert [ceiling.version for ceiling in held.ceilings] == [1]
    _, body = read_entry(g.log.entry(done.entry))
    assert body["agreed"] == "administration protection"
    assert not any(who in str(body) for who in held.agreed.values() if who != "operator")


def test_a_stricter_one_holds_at_once_and_a_wider_one_waits(g: Guarded) -> None:
    dpo = person(g, 3, Role.DPO)
    signed(g, example(), OPERATOR, dpo)
    stricter = example().replace('"arrange"]', "]")
    assert (signed(g, stricter, dpo).state, signed(g, stricter, dpo).version) == ("in-force", 2)
    again = signed(g, example(), dpo)
    assert (again.state, list(again.wider)) == ("proposed", ["organisation: mail may arrange"])
    assert signed(g, example(), person(g, 4, Role.ADMIN)).version == 3


def test_planted_questions_begin_with_a_yes_of_two_sides_and_end_at_once(g: Guarded) -> None:
    """They measure people: whoever protects them has a say, and a unit can have fewer or none."""
    dpo, admin = person(g, 3, Role.DPO), person(g, 4, Role.ADMIN)
    unsaid = example().replace("planted_one_in = 0", "")
    assert read_ceilings(unsaid).ceilings == read_ceilings(example()).ceilings
    signed(g, unsaid, OPERATOR, dpo)
    often, rarely = planting(20), planting(500)
    first = signed(g, rarely, admin)
    more = ["organisation: one question in 500 may be planted"]
    assert (first.state, list(first.wider)) == ("proposed", more)
    assert signed(g, rarely, dpo).state == "in-force"
    assert signed(g, often, admin).state == "proposed"
    assert signed(g, often, dpo).state == "in-force"
    for stricter in (rarely, unsaid):
        assert signed(g, stricter, admin).state == "in-force"
    units = "[unit.sales]\nplanted_one_in = 0\n[unit.payments]\nplanted_one_in = 30\n[unit.shop]\n"
    found = read_ceilings(often + units)
    assert [one.planted_one_in for one in found.ceilings] == [20, 0, 30, 20] and not found.wrong


def test_without_planted_questions_a_ceiling_has_the_hash_that_it_had_before() -> None:
    found = read_ceilings(example() + "[unit.payments]\nmodels = []\n")
    assert force.digest_of(found.ceilings).startswith("a0f2dd9fe01337c611e1a8f76e9d3048")
    more = [replace(one, planted_one_in=20) for one in found.ceilings]
    assert force.digest_of(more) != force.digest_of(found.ceilings)


def test_one_person_is_not_two(g: Guarded) -> None:
    both = person(g, 3, Role.DPO)
    give(g, Role.ADMIN, both.who or Pseudonym(""))
    signed(g, example(), both)
    refused = sign(g, read_ceilings(example()), replace(both, role=Role.ADMIN))
    assert isinstance(refused, Refuse)
    assert "two different people" in refused.why


def test_a_yes_is_to_these_words_in_that_place_for_a_while_and_of_one_who_still_holds_the_role(
    g: Guarded,
) -> None:
    dpo, admin = person(g, 3, Role.DPO), person(g, 4, Role.ADMIN)
    later = replace(g, now=g.now + timedelta(days=15))
    signed(g, example(), dpo)
    assert signed(g, ALLOWS_MORE, admin).state == "proposed"
    signed(g, example(), dpo)
    assert signed(later, example(), admin).state == "proposed"
    signed(later, ALLOWS_MORE, dpo)
    take(g, Role.DPO, dpo.who or Pseudonym(""))
    assert signed(later, ALLOWS_MORE, admin).state == "proposed"


def test_nobody_else_signs(g: Guarded) -> None:
    for by in (person(g, 5), Viewer(who=person(g, 5).who, role=Role.ADMIN), person(g, 6, Role.FINANCE)):
        assert isinstance(sign(g, read_ceilings(example()), by), Refuse)


def test_an_approver_has_to_be_known(g: Guarded) -> None:
    named = example().replace("approvers = []", 'approvers = ["p00007"]')
    with pytest.raises(SourceError, match="nobody is known as nobody"):
        sign(g, read_ceilings(named.replace("p00007", "nobody")), OPERATOR)
    signed(g, named, OPERATOR, person(g, 3, Role.DPO))
    held = in_force(g.lake.registry, g.log)
    assert held is not None
    assert held.ceilings[0].approvers == (person(g, 7).who,)
    assert b"p00007" not in (g.lake.registry.kept(force.KEPT, force.IN_FORCE) or b"")


def test_what_is_wrong_is_not_signed(g: Guarded) -> None:
    with pytest.raises(SourceError, match="no TOML"):
        sign(g, read_ceilings("["), OPERATOR)


@pytest.mark.parametrize("kept", [b"{}", b"[", None])
def test_a_ceiling_that_the_log_does_not_have_stops_everything(g: Guarded, kept: bytes | None) -> None:
    signed(g, example(), OPERATOR, person(g, 3, Role.DPO))
    held = g.lake.registry.kept(force.KEPT, force.IN_FORCE) or b""
    with g.lake.registry.change() as change:
        change.keep(force.KEPT, force.IN_FORCE, held.replace(b'"draft"', b'"send"') if kept is None else kept)
    with pytest.raises(LedgerBroken):
        in_force(g.lake.registry, g.log)


def test_switches_are_in_the_log_without_whose_they_are(g: Guarded) -> None:
    who = person(g, 5).who
    entries = len(g.log)
    for what in ("everything", "connector:mail", f"owner:{who}"):
        assert stops.stop(g, OPERATOR, stops.stop_of(g.now, OPERATOR, what, "odd")) is None
    told = [read_entry(g.log.entry(n))[1]["what"] for n in range(entries, len(g.log))]
    assert told == ["everything", "connector:mail", "owner"]
    assert [stop.what for stop in stops.stops(g.lake.registry)] == [
        "connector:mail",
        "everything",
        f"owner:{who}",
    ]
    assert stops.resume(g, OPERATOR, "everything") is None
    assert len(stops.stops(g.lake.registry)) == 2
    assert stops.may_stop(Viewer(who=who, role=Role.EMPLOYEE), "everything") == stops.NOT_YOURS
    for strange in ("", "all", "agent:", ":x", "unit:x"):
        assert stops.may_stop(OPERATOR, strange) == stops.STRANGE


def test_any_ceiling_that_goes_is_wider(g: Guarded) -> None:
    both = read_ceilings(example() + "[unit.payments]\nmodels = []\n").ceilings
    assert any_wider(both, both[:1]) == ["payments has no ceiling of its own any more"]
    assert not any_wider(both[:1], both)
    more: Ceiling = replace(both[0], approvers=(Pseudonym("x"),), production=())
    assert len(wider(both[0], more)) == 2


def test_a_file_of_any_size_is_answered() -> None:
    assert isinstance(read_ceilings("a" * 300_000), Written)
    assert read_ceilings("a" * 300_000).wrong
