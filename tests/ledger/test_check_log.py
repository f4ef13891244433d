"""A log is checked beside its writer: it is only read, and what does not hold is said."""

from pathlib import Path

import pytest

from counterfoil.ledger.log import CHECKPOINT, JOURNAL, Log, check_log
from counterfoil.ledger.sign import SignerKey
from counterfoil.terms.error import LedgerBroken, StoreError

KEY, OTHER = (
    SignerKey.of(name, bytes([n]) * 32) for n, name in enumerate(("log.example/one", "log.example/two"))
)


def test_it_holds_beside_its_writer_and_what_is_not_acknowledged_stays(tmp_path: Path) -> None:
    with Log(tmp_path, KEY) as log:
        assert check_log(tmp_path, KEY.verifier) == 0
        log.append([b"one", b"two"])
        with (tmp_path / JOURNAL).open("ab") as file:
            file.write(b"half of an ent")
        size = (tmp_path / JOURNAL).stat().st_size
        assert check_log(tmp_path, KEY.verifier) == 2
        assert (tmp_path / JOURNAL).stat().st_size == size


def test_what_does_not_hold_is_said(tmp_path: Path) -> None:
    with Log(tmp_path, KEY) as log:
        log.append([b"one", b"two"])
    with pytest.raises(LedgerBroken, match="does not hold"):
        check_log(tmp_path, OTHER.verifier)
    whole = (tmp_path / JOURNAL).read_bytes()
    (tmp_path / JOURNAL).write_bytes(whole[:-1])
    with pytest.raises(LedgerBroken, match="1 acknowledged entries are gone"):
        check_log(tmp_path, KEY.verifier)
    (tmp_path / CHECKPOINT).write_bytes(b"\xff")
    with pytest.raises(LedgerBroken, match="can't be read"):
        check_log(tmp_path, KEY.verifier)
    (tmp_path / CHECKPOINT).unlink()
    with pytest.raises(LedgerBroken, match="are gone"):
        check_log(tmp_path, KEY.verifier)
    (tmp_path / CHECKPOINT).mkdir()
    with pytest.raises(StoreError, match="can't be written"):
        check_log(tmp_path, KEY.verifier)
