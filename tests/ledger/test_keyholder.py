"""Whoever holds the keys: pseudonyms that nothing else resolves, counts that are used once, and erasure."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from counterfoil.ledger.entry import EntryKind, open_entry
from counterfoil.ledger.keyholder import RECORD, Keyholder, case_text
from counterfoil.ledger.keys import ERASED, Receipt, parse_secret, secret_text, tag_for
from counterfoil.ledger.log import Log
from counterfoil.ledger.sign import SignerKey, signed_note
from counterfoil.ledger.verify import body_key, open_body, own_entries
from counterfoil.terms.error import LedgerBroken, SourceError, StoreError
from counterfoil.terms.ids import Pseudonym

LOG = SignerKey.of("log.test/keys", bytes(range(32)))


COUNCIL = SignerKey.of("works-council", bytes([5]) * 32)


def case(about: str, key: SignerKey = COUNCIL) -> str:
    return signed_note(case_text(Pseudonym(about)), key)


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Keyholder]:
    (tmp_path / "keys").mkdir()
    with Keyholder(tmp_path / "keys", log=LOG.verifier, council=COUNCIL.verifier) as opened:
        yield opened


def test_one_person_has_one_pseudonym_that_says_nothing(keys: Keyholder, tmp_path: Path) -> None:
    ann, ben, again = keys.pseudonyms(["ann@x.org", "ben@x.org", "ann@x.org"])
    assert ann == again != ben
    assert len(ann) == 32
    (other := tmp_path / "other").mkdir()
    with Keyholder(other) as elsewhere:
        assert elsewhere.pseudonyms(["ann@x.org"]) != [ann]


def test_looking_somebody_up_makes_nobody_known(keys: Keyholder) -> None:
    (who,) = keys.pseudonyms(["robin"])
    (gone,) = keys.pseudonyms(["gone"])
    keys.destroy(gone)
    assert keys.known(["robin", "nobody", "gone"]) == [who, None, ERASED]
    assert not keys.knows("nobody")


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    with Keyholder(tmp_path) as keys:
        ann, ben = keys.pseudonyms(["ann", "ben"])
        secret = keys.secret_of("ann")
        keys.seal(ann, {"n": 1})
        keys.destroy(ben)
    with Keyholder(tmp_path) as keys:
        assert keys.pseudonyms(["ann", "ben", "cy"])[:2] == [ann, ERASED]
        assert keys.whose(secret) == ann
        assert (keys.entries_of(secret), keys.sealed()) == (1, 1)


def test_what_is_sealed_is_found_and_read_with_the_secret_alone(keys: Keyholder) -> None:
    ann, ben = keys.pseudonyms(["ann", "ben"])
    log = [keys.seal(who, {"n": n}) for n, who in enumerate([ann, ben, ann])]
    secret = keys.secret_of("ann")
    own = own_entries(secret, [sealed.entry for sealed in log])
    assert own == [(0, 0), (1, 2)]
    read = [open_body(secret, n, log[place].entry, log[place].ciphertext) for n, place in own]
    assert [json.loads(body)["n"] for body in read] == [0, 2]
    assert keys.sealed() == 3


def test_a_count_is_never_used_twice_also_where_it_is_killed_in_between(tmp_path: Path) -> None:
    with Keyholder(tmp_path) as keys:
        (ann,) = keys.pseudonyms(["ann"])
        first = keys.seal(ann, {})
    with Keyholder(tmp_path) as keys:
        second = keys.seal(ann, {})
    assert first.entry[:17] != second.entry[:17]
    assert body_key(bytes(32), 0) != body_key(bytes(32), 1)


def test_erasure_leaves_no_byte_of_a_person(keys: Keyholder, tmp_path: Path) -> None:
    (ann,) = keys.pseudonyms(["ann.example@x.org"])
    secret = keys.secret_of("ann.example@x.org")
    keys.seal(ann, {})
    keys.destroy(ann)
    keys.destroy(ann)
    raw = (tmp_path / "keys" / "people").read_bytes()
    assert b"ann.example" not in raw
    assert secret not in raw
    assert bytes.fromhex(ann) not in raw
    assert keys.whose(secret) is None
    assert keys.pseudonyms(["ann.example@x.org"]) == [ERASED]
    assert keys.sealed() == 1
    with pytest.raises(LookupError):
        keys.seal(ann, {})


def receipt(folder: Path, **body: str) -> Receipt:
    folder.mkdir()
    with Log(folder, LOG) as log:
        entry = open_entry(EntryKind.RULE, body)
        log.append([b"before", entry, b"after"])
        return Receipt(1, entry, log.tree.inclusion(1), log.checkpoint)


def test_a_name_is_opened_against_a_logged_case_alone(keys: Keyholder, tmp_path: Path) -> None:
    ann, ben = keys.pseudonyms(["ann", "ben"])
    held = receipt(tmp_path / "log", purpose="security_incident", about=ann, case=case(ann))
    assert keys.unwrap(ann, held) == "ann"
    assert keys.unwraps == 1
    other = receipt(tmp_path / "other", purpose="enablement", about=ann)
    forged = Receipt(held.index, held.entry + b" ", held.proof, held.checkpoint)
    no_case = receipt(tmp_path / "none", purpose="security_incident", about=ann)
    own_case = receipt(tmp_path / "own", purpose="security_incident", about=ann, case=case(ann, LOG))
    other_case = receipt(tmp_path / "ben", purpose="security_incident", about=ann, case=case(ben))
    unsigned = Receipt(held.index, held.entry, held.proof, held.checkpoint.replace("log.test", "log.best"))
    given_for_ann = (other, forged, unsigned, no_case, own_case, other_case)
    for who, given in ((ben, held), (Pseudonym("00"), held), *((ann, one) for one in given_for_ann)):
        with pytest.raises(PermissionError):
            keys.unwrap(who, given)
    assert keys.unwraps == 1


def test_without_a_log_nobody_is_named(tmp_path: Path) -> None:
    with Keyholder(tmp_path) as keys:
        (ann,) = keys.pseudonyms(["ann"])
        with pytest.raises(PermissionError):
            keys.unwrap(ann, receipt(tmp_path / "log", purpose="security_incident", about=ann))


def test_what_can_not_be_used_is_told(keys: Keyholder, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="another process"):
        Keyholder(tmp_path / "keys")
    with pytest.raises(StoreError, match="can't be read"):
        Keyholder(tmp_path / "nowhere")
    with pytest.raises(SourceError, match="198"):
        keys.pseudonyms(["a" * 199])
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "people").write_bytes(b"x" * 512)
    with pytest.raises(LedgerBroken, match="damaged"):
        Keyholder(tmp_path / "broken")


def test_a_tag_is_known_by_its_hash_and_made_by_its_owner_alone(keys: Keyholder) -> None:
    ann, ben = keys.pseudonyms(["ann", "ben"])
    told = keys.tags([ann, ben], "pulse")
    mine = tag_for(keys.secret_of("ann"), "pulse")
    assert sha256(mine.encode()).hexdigest() == told[0] != told[1]
    assert keys.tags([ann], "other") != told[:1]


def test_a_record_that_was_being_written_is_not_a_person(tmp_path: Path) -> None:
    with Keyholder(tmp_path) as keys:
        (ann,) = keys.pseudonyms(["ann"])
    with (tmp_path / "people").open("ab") as file:
        file.write(b"\x01" * (RECORD.size // 2))
    with Keyholder(tmp_path) as keys:
        found = keys.pseudonyms(["ann", "ben"])
        assert found[0] == ann
    with Keyholder(tmp_path) as keys:
        assert keys.pseudonyms(["ann", "ben"]) == found


def test_a_secret_has_one_form() -> None:
    assert parse_secret(secret_text(bytes(32))) == bytes(32)
    for text in (
        "",
        "counterfoil-secret-1:",
        "counterfoil-secret-1:AAAA",
        "x" + secret_text(bytes(32)),
        "counterfoil-secret-1:&&",
        "counterfoil-secret-1:\N{LATIN SMALL LETTER O WITH DIAERESIS}",
    ):
        with pytest.raises(SourceError):
            parse_secret(text)
