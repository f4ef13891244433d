"""A witness follows a log that grows, and refuses one that was rewritten, cut, or that it does not know."""

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from counterfoil.ledger.log import Log
from counterfoil.ledger.sign import SignerKey, signed_note
from counterfoil.ledger.tree import Tree
from counterfoil.ledger.verify import Checkpoint, open_note
from counterfoil.ledger.witness import MOST_BODY, SIZE_TYPE, Answer, Witness, request_of
from counterfoil.terms.error import LedgerBroken, StoreError

LOG = SignerKey.of("log.example/one", bytes(range(32)))
COUNCIL = SignerKey.of("council.example/witness", bytes(range(1, 33)), witness=True)
NOW = 1_764_000_000


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    (tmp_path / "witness").mkdir()
    return Witness(tmp_path / "witness", COUNCIL, {LOG.name: LOG.verifier})


def grown(count: int, first: bytes = b"0") -> Tree:
    tree = Tree()
    for number in range(count):
        tree.append(first if number == 0 else str(number).encode())
    return tree


def note(tree: Tree, key: SignerKey = LOG, name: str = LOG.name) -> str:
    return signed_note(str(Checkpoint(name, len(tree), tree.root())), key)


def shown(witness: Witness, old: int, tree: Tree) -> Answer:
    return witness.add_checkpoint(request_of(old, tree.consistency(old) if old else [], note(tree)), now=NOW)


def test_a_log_that_grows_is_cosigned_each_time(witness: Witness) -> None:
    old = 0
    for size in (1, 2, 5, 5, 8, 70):
        tree = grown(size)
        answer = shown(witness, old, tree)
        assert answer.status == 200
        both = open_note(note(tree) + answer.body, [LOG.verifier, COUNCIL.verifier])
        assert both.signed_by[COUNCIL.verifier] == NOW
        assert witness.last(LOG.name) == Checkpoint(LOG.name, size, tree.root())
        old = size


def test_a_rewritten_log_is_not_cosigned(witness: Witness) -> None:
    assert shown(witness, 0, grown(5)).status == 200
    rewritten = grown(8, first=b"rewritten")
    assert shown(witness, 5, rewritten).status == 422
    assert shown(witness, 5, grown(5, first=b"rewritten")).status == 422
    assert witness.last(LOG.name) == Checkpoint(LOG.name, 5, grown(5).root())
    assert shown(witness, 5, grown(8)).status == 200


def test_a_cut_log_is_not_cosigned(witness: Witness) -> None:
    assert shown(witness, 0, grown(5)).status == 200
    answer = shown(witness, 0, grown(3))
    assert (answer.status, answer.body, answer.kind) == (409, "5\n", SIZE_TYPE)
    cut = request_of(5, [], note(grown(3)))
    assert witness.add_checkpoint(cut, now=NOW).status == 400


@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        (lambda body: body.replace("old 0", "old x"), 400),
        (lambda body: body.replace("old 0", "old 00"), 400),
        (lambda body: body.replace("old 0\n", "old 0\nAAAA*\n"), 400),
        (lambda body: body.replace("old 0\n", "old 0\n" + f"{b64encode(bytes(32)).decode()}\n" * 64), 400),
        (lambda body: body.replace("old 0\n", "old 0\n" + f"{b64encode(bytes(32)).decode()}\n"), 422),
        (lambda body: body + "x" * MOST_BODY, 400),
        (lambda body: body.replace("\n\n", "\n"), 400),
        (lambda body: body.replace("log.example/one\n1", "log.example/one\n2"), 403),
        (lambda body: body.replace("log.example/one\n1", "log.example/two\n1"), 404),
        (lambda _: request_of(0, [], note(grown(1), SignerKey.new(LOG.name))), 403),
        (lambda _: request_of(0, [], signed_note(f"{LOG.name}\nmany\nAAAA\n", LOG)), 400),
        (lambda _: request_of(0, [], signed_note(str(Checkpoint(LOG.name, 0, bytes(32))), LOG)), 422),
        (lambda _: request_of(3, [], note(grown(3))), 409),
        (lambda _: "", 400),
    ],
)
def test_what_does_not_hold_gets_its_status_and_is_not_kept(
    witness: Witness, spoil: Callable[[str], str], status: int
) -> None:
    answer = witness.add_checkpoint(spoil(request_of(0, [], note(grown(1)))), now=NOW)
    assert answer.status == status
    assert "\N{EM DASH}" not in answer.body
    assert witness.last(LOG.name) is None


def test_the_log_on_disk_is_followed(witness: Witness, tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    seen = 0
    for number in range(4):
        with Log(tmp_path / "log", LOG) as log:
            log.append([f"{number}".encode(), b"more"])
            proof = log.tree.consistency(seen) if seen else []
            answer = witness.add_checkpoint(request_of(seen, proof, log.checkpoint), now=NOW)
            assert answer.status == 200
            seen = len(log)


def test_a_witness_that_forgot_does_not_go_on(witness: Witness, tmp_path: Path) -> None:
    assert shown(witness, 0, grown(2)).status == 200
    (path,) = (tmp_path / "witness").glob("*.seen")
    path.write_text("half of a checkp", "utf-8")
    with pytest.raises(LedgerBroken, match="can't be read"):
        shown(witness, 2, grown(3))


def test_nothing_is_cosigned_that_can_not_be_kept(witness: Witness, tmp_path: Path) -> None:
    assert shown(witness, 0, grown(2)).status == 200
    (path,) = (tmp_path / "witness").glob("*.seen")
    path.with_suffix(".partial").mkdir()
    with pytest.raises(StoreError, match="can't be kept"):
        shown(witness, 2, grown(3))
    assert witness.last(LOG.name) == Checkpoint(LOG.name, 2, grown(2).root())


def test_a_witness_without_a_folder_cosigns_nothing(tmp_path: Path) -> None:
    witness = Witness(tmp_path / "nowhere", COUNCIL, {LOG.name: LOG.verifier})
    with pytest.raises(StoreError, match="can't be kept"):
        shown(witness, 0, grown(1))


def test_an_origin_is_no_path(tmp_path: Path) -> None:
    key = SignerKey.new("../../escape")
    witness = Witness(tmp_path, COUNCIL, {key.name: key.verifier})
    body = request_of(0, [], note(grown(1), key, key.name))
    assert witness.add_checkpoint(body, now=NOW).status == 200
    assert {p.parent for p in tmp_path.rglob("*.seen")} == {tmp_path}
