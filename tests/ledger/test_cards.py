"""The directory's cards lie with the keys: durable, found by name, and overwritten when they go."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from counterfoil.ledger.cards import CARDS, HEADER, Cards
from counterfoil.ledger.keyholder import Keyholder
from counterfoil.ledger.keys import ERASED
from counterfoil.terms.directory import Card, CardKind
from counterfoil.terms.error import LedgerBroken, StoreError
from counterfoil.terms.ids import CardId, Pseudonym


def card(id: str, *names: str, who: str = "", says: str = "{}", kind: CardKind = CardKind.PERSON) -> Card:
    return Card(id=CardId(id), kind=kind, who=Pseudonym(who), names=names, says=says)


def test_a_card_is_found_by_its_id_its_kind_and_each_of_its_names(tmp_path: Path) -> None:
    cards = Cards(tmp_path)
    cards.put([card("2", "ann@x.org", "7"), card("1", kind=CardKind.GROUP)])
    assert [c.id for c in cards.of([CardId("2"), CardId("9"), CardId("1")])] == ["2", "1"]
    assert (cards.ids(CardKind.PERSON), cards.ids(CardKind.GROUP)) == (["2"], ["1"])
    assert cards.named("ANN@x.org") == cards.named("7") == cards.of([CardId("2")])[0]
    assert cards.named("8") is None
    cards.close()


def test_everything_survives_a_restart_and_what_was_replaced_is_in_no_byte(tmp_path: Path) -> None:
    cards = Cards(tmp_path)
    cards.put([card("1", "old@x.org", says="before")])
    cards.put([card("1", "new@x.org", says="after"), card("2", says="goes")])
    cards.remove([CardId("2"), CardId("3")])
    cards.close()
    again = Cards(tmp_path)
    assert [c.says for c in again.of([CardId("1"), CardId("2")])] == ["after"]
    assert again.named("old@x.org") is None
    again.close()
    whole = (tmp_path / CARDS).read_bytes()
    assert b"after" in whole
    assert not any(gone in whole for gone in (b"before", b"goes", b"old@"))


def test_killed_at_any_byte_the_last_form_that_was_acknowledged_is_there(tmp_path: Path) -> None:
    cards = Cards(tmp_path)
    cards.put([card("1", says="first")])
    acknowledged = (tmp_path / CARDS).read_bytes()
    cards.put([card("1", says="second"), card("2", says="other")])
    cards.close()
    whole = (tmp_path / CARDS).read_bytes()
    # Before older forms were overwritten, the file was the acknowledged one and some of what was appended.
    appended = acknowledged + whole[len(acknowledged) :]
    for length in range(len(acknowledged), len(appended) + 1):
        (tmp_path / CARDS).write_bytes(appended[:length])
        opened = Cards(tmp_path)
        says = {c.id: c.says for c in opened.of([CardId("1"), CardId("2")])}
        opened.put([card("3", says="goes on")])
        opened.close()
        assert says in ({"1": "first"}, {"1": "second"}, {"1": "second", "2": "other"})
        reopened = Cards(tmp_path)
        assert reopened.of([CardId("3")])
        reopened.close()
    assert b"first" not in (tmp_path / CARDS).read_bytes()


@pytest.mark.parametrize("length", range(len(HEADER) + 1))
def test_killed_while_it_was_made_it_is_made_again(tmp_path: Path, length: int) -> None:
    (tmp_path / CARDS).write_bytes(HEADER[:length])
    Cards(tmp_path).close()
    assert (tmp_path / CARDS).read_bytes() == HEADER


@pytest.mark.parametrize(
    "damage", [lambda whole: b"x" + whole[1:], lambda whole: whole.replace(b"first", b"fjrst")]
)
def test_a_damaged_card_that_others_follow_is_told(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    cards = Cards(tmp_path)
    cards.put([card("1", says="first"), card("2", says="second")])
    cards.close()
    (tmp_path / CARDS).write_bytes(damage((tmp_path / CARDS).read_bytes()))
    with pytest.raises(LedgerBroken):
        Cards(tmp_path)


def test_the_file_is_written_anew_once_much_of_it_is_waste(tmp_path: Path) -> None:
    cards = Cards(tmp_path)
    for n in range(6):
        cards.put([card("1", "ann", says=f"{n}" * 500_000), card("2", says="small")])
    cards.close()
    before = (tmp_path / CARDS).stat().st_size
    again = Cards(tmp_path)
    again.put([card("3", says="more")])
    again.close()
    last = Cards(tmp_path)
    assert [len(c.says) for c in last.of([CardId("1"), CardId("2"), CardId("3")])] == [500_000, 5, 4]
    last.close()
    assert (tmp_path / CARDS).stat().st_size < before / 3


def test_a_full_disk_is_told_and_what_was_there_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    cards = Cards(tmp_path)
    cards.put([card("1", "ann")])
    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", full)
        with pytest.raises(StoreError, match="No space left"):
            cards.put([card("1", "ben")])
        with pytest.raises(StoreError, match="No space left"):
            cards.remove([CardId("1")])
    assert cards.named("ann") is not None
    cards.close()
    with monkeypatch.context() as patched:
        patched.setattr(os, "pread", full)
        with pytest.raises(StoreError, match="No space left"):
            Cards(tmp_path)
    again = Cards(tmp_path)
    assert again.named("ann") is not None
    again.close()


def test_everybody_is_known_by_the_names_on_their_card(tmp_path: Path) -> None:
    with Keyholder(tmp_path) as keys:
        (ann,) = keys.pseudonyms(["ann@x.org"])
        keys.put_cards([card("1", "ann.smith@x.org", "4711", who=ann)])
        assert keys.pseudonyms(["Ann.Smith@x.org", "4711", "ann@x.org"]) == [ann] * 3
        assert keys.known(["4711", "ben"]) == [ann, None]
        # Somebody else has the old address now.
        (ben,) = keys.pseudonyms(["4712"])
        keys.put_cards([card("2", "ann@x.org", who=ben)])
        assert keys.pseudonyms(["ann@x.org"]) == [ben]
        assert keys.secret_of("4711") == keys.secret_of("ann.smith@x.org")
        assert keys.knows("4711")
        assert not keys.knows("nobody")
    with Keyholder(tmp_path) as keys:
        assert keys.pseudonyms(["4711", "ann@x.org"]) == [ann, ben]


def test_who_is_erased_is_known_by_none_of_their_names_and_taken_in_under_none(tmp_path: Path) -> None:
    with Keyholder(tmp_path) as keys:
        (ann,) = keys.pseudonyms(["ann"])
        keys.put_cards([card("1", "ann@x.org", "4711", who=ann, says="Ann Ångström")])
        keys.destroy(ann)
        assert keys.card_named("4711") is None
    with Keyholder(tmp_path) as keys:
        assert keys.pseudonyms(["ann", "ann@x.org", "Ann@X.org", "4711"]) == [ERASED] * 4
        assert keys.cards([CardId("1")]) == []
        (ben,) = keys.pseudonyms(["ben"])
        keys.remove_cards([CardId("1")])
        assert keys.known(["ben"]) == [ben]
    assert not any(b"4711" in p.read_bytes() or b"ann" in p.read_bytes() for p in tmp_path.iterdir())
