"""A pulse with its real processes: one person, one answer, and nothing by which the two can be linked."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from app.test_promise import Office, tables
from counterfoil.app.pulse_folders import Collector
from counterfoil.app.pulsing import run_answer, run_close
from counterfoil.ledger.keyholder import Keyholder
from counterfoil.ledger.keys import secret_text

TODAY = datetime.now(UTC).date()
ANSWERS = {"saved": 3, "fixing-mine": 1, "believed": 0, "for-the-number": 2}


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an organisation of 36 with a programme in force, of whom 15 have a secret."""
    folder = tmp_path_factory.mktemp("begun")
    made = Office(folder)
    made.run("collect", "table", *tables(folder, 36), "--data", "data")
    made.publish()
    (folder / "answers.json").write_text(json.dumps(ANSWERS))
    made.run("keyholder", "enrol", "person.000@example.org", "--keys", "data/keys", "--out", "0.secret")
    with Keyholder(folder / "data" / "keys") as keys:
        for n in range(1, 15):
            secret = keys.secret_of(f"person.{n:03d}@example.org")
            (folder / f"{n}.secret").write_text(secret_text(secret))
    return folder


@pytest.fixture
def office(begun: Path, tmp_path: Path) -> Office:
    return Office(shutil.copytree(begun, tmp_path, dirs_exist_ok=True))


def opened(office: Office, closes: date = TODAY) -> int:
    made = ("--data", "data", "--issuer", "issuer", "--collector", "collector", "--closes", str(closes))
    eligible: int = office.json("pulse", "new", "autumn", *made)["eligible"]
    return eligible


@contextmanager
def running(office: Office) -> Iterator[list[str]]:
    """Both processes; the options that say where they are."""
    with ExitStack() as stack:
        options: list[str] = []
        for name, command in (("issuer", "issue"), ("collector", "collect")):
            said = stack.enter_context(office.beside("pulse", command, name, "--port", "0", until="at http"))
            found = re.search(r"http://[^;]+", said)
            assert found
            options += [f"--{name}", found[0]]
        yield options


def test_one_person_one_answer_and_one_release(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    assert opened(office) == 35
    assert "confidential" in office.run("pulse", "form", "collector")
    with running(office) as where:
        given = ("--answers", "answers.json", *where)
        assert office.json("pulse", "answer", "--secret", "0.secret", *given) == {"sent": True}
        # The others answer from this process, which is quicker.
        issuer, collector = where[1], where[3]
        answers = office.folder / "answers.json"
        for n in range(1, 15):
            mine = office.folder / f"{n}.secret"
            done = run_answer(secret=mine, issuer=issuer, collector=collector, answers=answers, as_json=True)
            assert done == 0
        again = office.run("pulse", "answer", "--secret", "3.secret", *given, "--json", code=4)
        assert "issued to you already" in again
        (office.folder / "far.json").write_text('{"saved": 200}')
        office.run("pulse", "answer", "--secret", "3.secret", "--answers", "far.json", *where, code=4)
    assert len(list(Collector(office.folder / "collector").sheets())) == 15
    assert (office.folder / "collector" / "answers").stat().st_size == 36 * 2_048
    assert json.loads(office.run("pulse", "close", "collector", "--data", "data", "--json", code=3))[
        "clause"
    ] == ("pulse-open")

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) + timedelta(days=1)

    import counterfoil.app.directory as directory

    monkeypatch.setattr(directory, "datetime", Tomorrow)
    monkeypatch.chdir(office.folder)
    assert run_close(Path("collector"), data=Path("data"), as_json=True) == 0
    assert not (office.folder / "collector" / "answers").read_bytes().strip(b"\0")


def test_nothing_that_the_issuer_keeps_is_in_what_the_collector_keeps(office: Office) -> None:
    opened(office)
    with running(office) as where:
        for n in range(4):
            office.run("pulse", "answer", "--secret", f"{n}.secret", "--answers", "answers.json", *where)
    kept = {
        name: b"\n".join(p.read_bytes() for p in (office.folder / name).rglob("*") if p.is_file())
        for name in ("issuer", "collector")
    }
    words = {name: set(re.findall(rb"[A-Za-z0-9+/=]{24,}", text)) for name, text in kept.items()}
    public = set(
        re.findall(rb"[A-Za-z0-9+/=]{24,}", (office.folder / "collector" / "pulse.json").read_bytes())
    )
    assert words["issuer"] & words["collector"] <= public
    assert all(b"example.org" not in text for text in kept.values())
    names = {name: {p.name for p in (office.folder / name).rglob("*")} for name in kept}
    assert names["issuer"] & names["collector"] == {"pulse.json"}
    assert names["collector"] == {"pulse.json", "answers"}
    assert names["issuer"] == {"pulse.json", "tags.json", "issued", "leaders.pem", "people.pem"}


def test_a_token_that_got_lost_on_its_way_is_asked_for_again(office: Office) -> None:
    opened(office)
    given = ("--secret", "0.secret", "--answers", "answers.json")
    with office.beside("pulse", "issue", "issuer", "--port", "0", until="at http") as said:
        issuer = said.split(" at ")[1].split(";")[0]
        nowhere = ("--issuer", issuer, "--collector", "http://127.0.0.1:9")
        assert "pulse-unreachable" in office.run("pulse", "answer", *given, *nowhere, "--json", code=4)
    with running(office) as where:
        assert office.json("pulse", "answer", *given, *where) == {"sent": True}


def test_a_stranger_and_a_closed_pulse_get_no_further(office: Office) -> None:
    opened(office)
    for name in ("issuer", "collector"):
        path = office.folder / name / "pulse.json"
        path.write_text(path.read_text().replace(str(TODAY), str(TODAY - timedelta(days=1))))
    (office.folder / "other.secret").write_text("counterfoil-secret-1:" + "A" * 43 + "=\n")
    with running(office) as where:
        given = ("--answers", "answers.json", *where, "--json")
        assert "no right to answer" in office.run(
            "pulse", "answer", "--secret", "other.secret", *given, code=4
        )
        assert "closed" in office.run("pulse", "answer", "--secret", "1.secret", *given, code=4)
    for name, closes in (("../evil", TODAY), ("late", TODAY - timedelta(days=1))):
        more = ("--data", "data", "--issuer", "i", "--collector", "c", "--closes", str(closes))
        office.run("pulse", "new", name, *more, code=2)
    assert "no-collector" in office.run("pulse", "close", "issuer", "--data", "data", "--json", code=4)
    assert "no-issuer" in office.run("pulse", "issue", "collector", "--port", "0", "--json", code=4)
    foolish = ("--answers", "answers.json", "--issuer", "foo", "--collector", "bar", "--json")
    assert "unreachable" in office.run("pulse", "answer", "--secret", "1.secret", *foolish, code=4)
    taken = ("--data", "data", "--issuer", "issuer", "--collector", "collector", "--closes", str(TODAY))
    assert "pulse-unwritable" in office.run("pulse", "new", "winter", *taken, "--json", code=4)


def test_errors_are_filed_by_nobody(office: Office) -> None:
    filed = ("--tool", "codex", "--kind", "made-up", "--data", "data")
    assert "without your name" in office.run("errors", "file", "change 1234", *filed)
    assert office.json("errors", "kinds", "--data", "data") == {"by": {}, "fewer": 0}
    everything = b"".join(p.read_bytes() for p in (office.folder / "data").rglob("*") if p.is_file())
    assert b"change 1234" not in everything
