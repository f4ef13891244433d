"""The directory's cards with a keyholder in a process of its own, as with one in this one."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from counterfoil.app.keyholding import RemoteKeys
from counterfoil.ledger.keyholder import Keyholder
from counterfoil.ledger.keys import ERASED, Keys
from counterfoil.terms.directory import Card, CardKind
from counterfoil.terms.error import StoreError
from counterfoil.terms.ids import CardId


@pytest.fixture(params=["here", "elsewhere"])
def keys(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Keys]:
    if request.param == "here":
        with Keyholder(tmp_path) as held:
            yield held
        return
    path = tmp_path / "k.sock"
    command = [sys.executable, "-m", "counterfoil", "keyholder", "serve"]
    options = ["--keys", str(tmp_path / "vault"), "--socket", str(path)]
    with subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        process.stderr.readline()
        remote = RemoteKeys(path)
        for _ in range(100):
            with suppress(StoreError):
                remote.name()
                break
            time.sleep(0.1)
        yield remote
        process.send_signal(signal.SIGINT)
    with pytest.raises(StoreError, match="can't be reached"):
        RemoteKeys(path).card_named("ann")


def test_cards_are_kept_found_and_destroyed(keys: Keys) -> None:
    (ann,) = keys.pseudonyms(["ann"])
    card = Card(id=CardId("1"), kind=CardKind.PERSON, who=ann, names=("ann@x.org", "7"), says='{"a": "é"}')
    group = Card(id=CardId("2"), kind=CardKind.GROUP, says="{}")
    keys.put_cards([card, group])
    assert keys.cards([CardId("2"), CardId("9"), CardId("1")]) == [group, card]
    assert list(keys.card_ids(CardKind.PERSON)) == ["1"]
    assert (keys.card_named("7"), keys.card_named("8")) == (card, None)
    assert list(keys.known(["7", "ANN@x.org", "ben"])) == [ann, ann, None]
    keys.remove_cards([CardId("2")])
    assert list(keys.card_ids(CardKind.GROUP)) == []
    keys.destroy(ann)
    assert list(keys.known(["7", "ann"])) == [ERASED, ERASED]
    assert list(keys.cards([CardId("1")])) == []
