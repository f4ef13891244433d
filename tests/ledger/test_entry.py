"""A person finds and opens their own entries, and nobody else's say anything."""

from secrets import token_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.ledger.entry import Body, EntryKind, open_entry, read_entry, sealed, written
from counterfoil.ledger.verify import LONGEST_GAP, Unverified, open_body, own_entries, person_leaf, person_tag

ANN, BEN = bytes(range(32)), bytes(range(1, 33))
BODY: Body = {"at": "2026-11-25T10:02", "role": "security_responder", "purpose": "incident", "count": 1}
bodies = st.dictionaries(st.text(max_size=9), st.text(max_size=40) | st.integers() | st.none(), max_size=6)


@given(st.lists(st.tuples(st.booleans(), bodies), max_size=30))
def test_everybody_finds_their_own_and_reads_it(
    reads: list[tuple[bool, dict[str, str | int | None]]],
) -> None:
    counts, entries, kept = {ANN: 0, BEN: 0}, [], []
    for of_ann, body in reads:
        secret = ANN if of_ann else BEN
        made = sealed(secret, counts[secret], body)
        counts[secret] += 1
        entries.append(made.entry)
        kept.append((secret, body, made.ciphertext))
    for secret, other in ((ANN, BEN), (BEN, ANN)):
        own = own_entries(secret, entries)
        assert own == list(enumerate(i for i, (whose, _, _) in enumerate(kept) if whose == secret))
        for count, place in own:
            _, body, ciphertext = kept[place]
            assert open_body(secret, count, entries[place], ciphertext) == written(body)
            with pytest.raises(Unverified):
                open_body(other, count, entries[place], ciphertext)


def test_an_entry_is_49_bytes_and_says_nothing() -> None:
    one, two = sealed(ANN, 0, BODY), sealed(ANN, 1, BODY)
    assert len(one.entry) == len(two.entry) == 49
    assert one.entry[1:17] != two.entry[1:17]
    assert one.ciphertext != two.ciphertext
    assert b"security" not in one.entry + one.ciphertext


def test_a_body_that_was_changed_is_refused() -> None:
    made = sealed(ANN, 0, BODY)
    spoiled = bytes([made.ciphertext[0] ^ 1]) + made.ciphertext[1:]
    with pytest.raises(Unverified, match="not the one"):
        open_body(ANN, 0, made.entry, spoiled)
    forged = person_leaf(person_tag(ANN, 0), spoiled)
    with pytest.raises(Unverified, match="can't be opened"):
        open_body(ANN, 0, forged, spoiled)
    with pytest.raises(Unverified, match="32 bytes"):
        person_tag(b"short", 0)


def test_an_entry_that_is_left_out_hides_none_behind_it() -> None:
    """A machine that stopped in between leaves a number unused; a long row of them is the end."""
    entries = [sealed(ANN, count, BODY).entry for count in (0, 1, 3, 3 + LONGEST_GAP, 5 + 3 * LONGEST_GAP)]
    assert own_entries(ANN, entries) == [(0, 0), (1, 1), (3, 2), (3 + LONGEST_GAP, 3)]
    assert own_entries(token_bytes(32), entries) == []


def test_open_entries_are_read_by_all() -> None:
    for kind in (EntryKind.RELEASE, EntryKind.RULE, EntryKind.OUTSIDE):
        entry = open_entry(kind, {"b": 1, "a": "x"})
        assert read_entry(entry) == (kind, {"a": "x", "b": 1})
        assert entry == open_entry(kind, {"a": "x", "b": 1})
        assert own_entries(ANN, [entry]) == []
    for wrong in (b"", sealed(ANN, 0, BODY).entry, b"\x09{}"):
        with pytest.raises(ValueError, match=r"sealed|EntryKind"):
            read_entry(wrong)
    with pytest.raises(ValueError, match="sealed"):
        open_entry(EntryKind.PERSON_READ, {})
