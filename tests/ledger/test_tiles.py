"""A log that was published as tiles: a reader of the format finds every hash where it should be."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.ledger.log import Log
from counterfoil.ledger.sign import SignerKey, signature_line
from counterfoil.ledger.tiles import publish_log
from counterfoil.ledger.tree import Tree
from counterfoil.ledger.verify import (
    Checkpoint,
    Unverified,
    check_published,
    leaf_hash,
    node_hash,
    published_entries,
    root_of,
    tile_path,
)
from counterfoil.terms.error import StoreError

LOG = SignerKey.of("log.test/tiles", bytes(range(32)))
COUNCIL = SignerKey.of("witness.test/council", bytes([9]) * 32, witness=True)
SIZES = [0, 1, 2, 255, 256, 257, 600]


def published(folder: Path, size: int, *, to: Path | None = None) -> Log:
    (folder / "log").mkdir(exist_ok=True)
    with Log(folder / "log", LOG) as log:
        log.append([f"entry {n}".encode() for n in range(len(log), size)])
        publish_log(log, to or folder / "public", checkpoint=log.checkpoint)
    return log


@pytest.mark.parametrize("size", SIZES)
def test_what_was_published_is_what_was_logged(tmp_path: Path, size: int) -> None:
    log = published(tmp_path, size)
    checked = check_published(tmp_path / "public", LOG.verifier)
    assert checked.entries == [f"entry {n}".encode() for n in range(size)]
    assert checked.checkpoint == Checkpoint(LOG.name, size, log.tree.root())


def test_tiles_are_where_the_specification_has_them(tmp_path: Path) -> None:
    """A tree of 600: two full tiles and one of 88 below, one of two hashes above."""
    published(tmp_path, 600)
    tiles = tmp_path / "public" / "tile"
    files = {str(path.relative_to(tiles)) for path in tiles.rglob("*") if path.is_file()}
    below = {"000", "001", "002.p/88"}
    assert files == {f"0/{name}" for name in below} | {f"entries/{name}" for name in below} | {"1/000.p/2"}
    leaves = (tiles / "0" / "001").read_bytes()
    assert leaves[:32] == leaf_hash(b"entry 256")
    nodes = [leaves[at : at + 32] for at in range(0, 8192, 32)]
    while len(nodes) > 1:
        nodes = [node_hash(left, right) for left, right in zip(nodes[::2], nodes[1::2], strict=True)]
    assert (tiles / "1" / "000.p" / "2").read_bytes()[32:] == nodes[0]


def test_a_tree_of_256_has_a_full_tile_and_one_hash_above(tmp_path: Path) -> None:
    published(tmp_path, 256)
    assert len((tmp_path / "public" / "tile" / "1" / "000.p" / "1").read_bytes()) == 32


def test_publishing_again_writes_what_is_new_alone(tmp_path: Path) -> None:
    published(tmp_path, 300)
    first = (tmp_path / "public" / "tile" / "0" / "000").stat().st_mtime_ns
    with Log(tmp_path / "log", LOG) as log:
        assert publish_log(log, tmp_path / "public", checkpoint=log.checkpoint) == 0
        log.append([b"one more"])
        assert publish_log(log, tmp_path / "public", checkpoint=log.checkpoint) == 2
    assert (tmp_path / "public" / "tile" / "0" / "000").stat().st_mtime_ns == first
    assert check_published(tmp_path / "public", LOG.verifier).entries[-1] == b"one more"


def test_a_witness_that_cosigned_is_named_with_its_time(tmp_path: Path) -> None:
    published(tmp_path, 5)
    note = (tmp_path / "public" / "checkpoint").read_text()
    text = note[: note.rindex("\n\n") + 1]
    (tmp_path / "public" / "checkpoint").write_text(note + signature_line(text, COUNCIL, at=1_700_000_000))
    checked = check_published(tmp_path / "public", LOG.verifier, [COUNCIL.verifier])
    assert checked.cosigned == {COUNCIL.name: 1_700_000_000}
    with pytest.raises(Unverified, match="log itself"):
        check_published(tmp_path / "public", SignerKey.new("other").verifier, [COUNCIL.verifier])


def edit(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda data: data.replace(b"entry 3", b"entry 8"), "altered"),
        (lambda data: data[:-1], "cut off"),
        (lambda data: data + b"\0", "too long"),
        (lambda data: b"", "cut off"),
    ],
)
def test_whatever_is_altered_is_found(tmp_path: Path, change: Callable[[bytes], bytes], says: str) -> None:
    published(tmp_path, 5)
    edit(tmp_path / "public" / "tile" / "entries" / "000.p" / "5", change)
    with pytest.raises(Unverified, match=says):
        check_published(tmp_path / "public", LOG.verifier)


def test_a_log_that_was_cut_or_rewritten_since_it_was_seen_is_found(tmp_path: Path) -> None:
    published(tmp_path, 5)
    seen = check_published(tmp_path / "public", LOG.verifier).checkpoint
    published(tmp_path, 9)
    assert check_published(tmp_path / "public", LOG.verifier, seen=seen).checkpoint.size == 9
    (tmp_path / "new").mkdir()
    published(tmp_path / "new", 3)
    with pytest.raises(Unverified, match="cut"):
        check_published(tmp_path / "new" / "public", LOG.verifier, seen=seen)
    (tmp_path / "other" / "log").mkdir(parents=True)
    with Log(tmp_path / "other" / "log", LOG) as log:
        log.append([b"another"] * 7)
        publish_log(log, tmp_path / "other" / "public", checkpoint=log.checkpoint)
    with pytest.raises(Unverified, match="rewritten"):
        check_published(tmp_path / "other" / "public", LOG.verifier, seen=seen)


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unverified, match="no checkpoint"):
        check_published(tmp_path, LOG.verifier)
    with pytest.raises(Unverified, match="missing"):
        list(published_entries(tmp_path, 1))
    with pytest.raises(StoreError, match="Not a directory"):
        (tmp_path / "file").write_text("")
        published(tmp_path, 1, to=tmp_path / "file")


@given(st.lists(st.binary(max_size=5), max_size=70))
def test_a_root_of_entries_is_the_root_of_their_tree(entries: list[bytes]) -> None:
    tree = Tree()
    for entry in entries:
        tree.append(entry)
    assert root_of(iter(entries)) == (len(entries), tree.root())


def test_paths_have_three_digits_and_an_x() -> None:
    assert [tile_path(n) for n in (0, 999, 1000, 1234067)] == ["000", "999", "x001/000", "x001/x234/067"]
    assert tile_path(3, 1) == "003.p/1"
    assert hashlib.sha256(b"").digest() == root_of([])[1]
