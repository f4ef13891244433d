"""Notes, checkpoints and cosignatures are those of C2SP; what was altered is refused."""

import subprocess
import sys
from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.ledger import verify
from counterfoil.ledger.sign import SignerKey, signature_line, signed_note
from counterfoil.ledger.verify import Checkpoint, Unverified, VerifierKey, leaf_hash, open_note

KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
"""
"""Source: C2SP signed-note 1.0.0, example (CC BY 4.0, read 2026-11-25)."""
LOG = SignerKey.of("log.example/one", bytes(range(32)))
COUNCIL = SignerKey.of("council.example/witness", bytes(range(1, 33)), witness=True)
TEXT = str(Checkpoint("log.example/one", 3, leaf_hash(b"x")))


def test_the_published_note_is_opened() -> None:
    key = VerifierKey.parse(KEY)
    assert str(key) == KEY
    opened = open_note(NOTE, [key])
    assert opened.text == "This is an example message.\n"
    assert opened.signed_by == {key: 0}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("example message", "other message"),
        ("Uw2QOkn8", "Uw2QOkn9"),
        ("— example.com/foo", "- example.com/foo"),
        ("— example.com/foo", "— example.com/bar"),
        ("\n\n", "\n"),
        ("aQM=\n", "aQM="),
        ("aQM=", "aQM"),
        ("message.", "message.\r"),
        ("This", "Th\x07is"),
        (NOTE.split(" ")[-1].strip(), "Uw2Q"),
    ],
)  # fmt: skip
def test_an_altered_note_is_refused(old: str, new: str) -> None:
    assert old in NOTE
    with pytest.raises(Unverified):
        open_note(NOTE.replace(old, new), [VerifierKey.parse(KEY)])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a+b",
        KEY.replace("530d903a", "530d903b"),
        KEY.replace("+AekyeR", "+BekyeR"),
        KEY + "AA",
        f"a b{KEY}",
    ],
)
def test_a_wrong_key_is_refused(text: str) -> None:
    with pytest.raises(Unverified):
        VerifierKey.parse(text)


def test_a_witness_signs_when_it_saw_what() -> None:
    note = signed_note(TEXT, LOG) + signature_line(TEXT, COUNCIL, at=1_764_000_000)
    opened = open_note(note, [LOG.verifier, COUNCIL.verifier])
    assert opened.signed_by == {LOG.verifier: 0, COUNCIL.verifier: 1_764_000_000}
    assert open_note(note, [LOG.verifier]).signed_by == {LOG.verifier: 0}
    other = SignerKey.new(COUNCIL.name, witness=True)
    assert COUNCIL.verifier not in open_note(note, [LOG.verifier, other.verifier]).signed_by


def test_a_time_that_was_changed_is_refused() -> None:
    name, encoded = signature_line(TEXT, COUNCIL, at=1_764_000_000).strip().rsplit(" ", 1)
    blob = bytearray(b64decode(encoded))
    blob[11] ^= 1
    note = f"{TEXT}\n{name} {b64encode(blob).decode()}\n"
    with pytest.raises(Unverified, match="council"):
        open_note(note, [COUNCIL.verifier])


@given(st.integers(0, 2**62), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_is_read_as_it_was_written(size: int, root: bytes) -> None:
    said = Checkpoint("log.example/one", size, root)
    assert Checkpoint.parse(str(said)) == said
    assert Checkpoint.parse(f"{said}extension\n") == said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        "a\n01\nAAAA\n",
        "a\nx\nAAAA\n",
        "a\n1\nAAAA\n",
        "a\n1\n!\n",
        "\n1\nAAAA\n",
        TEXT[:-1],
        TEXT + "\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Unverified):
        Checkpoint.parse(text)


def test_a_private_key_does_not_show_itself() -> None:
    assert LOG.raw.hex() not in repr(LOG)
    assert repr(LOG) == "SignerKey(log.example/one)"
    assert SignerKey.of(LOG.name, LOG.raw).verifier == LOG.verifier


def test_the_verifier_runs_alone(tmp_path: Path) -> None:
    """One file, copied anywhere, on the standard library and cryptography."""
    (tmp_path / "verify.py").write_bytes(Path(verify.__file__).read_bytes())
    code = f"import verify; print(verify.open_note({NOTE!r}, [verify.VerifierKey.parse({KEY!r})]).text)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.startswith("This is an example message."), done.stderr
