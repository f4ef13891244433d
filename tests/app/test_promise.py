"""The promise with the real processes: a keyholder, a witness, an operator, and people who check."""

import base64
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import counterfoil.app.directory as directory
from counterfoil.app.entry import with_default
from counterfoil.ledger.verify import Checkpoint, VerifierKey, check_inclusion, leaf_hash, open_note
from counterfoil.terms.error import LedgerBroken

PARTIES = ("employer", "works-council", "data-protection")
ASK = ("ask", "kept", "--by", "unit", "--period", "2026-W37", "--purpose", "enablement", "--data", "data")
COMPANY = (
    "ask",
    "kept",
    "--by",
    "company",
    "--period",
    "2026-W37",
    "--purpose",
    "value_reporting",
    "--data",
    "data",
)


class Office:
    """A folder in which commands are run."""

    kept = "9999 days"
    """How long the programme keeps rows; the tables are of 2026, whenever this runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *command: str, code: int = 0) -> str:
        done = subprocess.run(self.line(*command), cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr if code == 4 else done.stdout

    def line(self, *command: str) -> list[str]:
        return [sys.executable, "-m", "counterfoil", *with_default(list(command))]

    def json(self, *command: str, code: int = 0) -> Any:
        return json.loads(self.run(*command, "--json", code=code).split("\nerror:")[0])

    @contextmanager
    def beside(self, *command: str, until: str) -> Iterator[str]:
        """Another process; what it said once it was ready."""
        with subprocess.Popen(
            self.line(*command), cwd=self.folder, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None
            said = process.stderr.readline()
            assert until in said
            try:
                yield said
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(10)

    def publish(self, *witnesses: str) -> None:
        """Put the template, with an earlier beginning, into force."""
        self.run("programme", "new", "programme.toml")
        path = self.folder / "programme.toml"
        text = re.sub(r"(?m)^begins = .*", "begins = 2026-08-31", path.read_text())
        path.write_text(re.sub(r"(?m)^keep_raw = .*", f'keep_raw = "{self.kept}"', text))
        named = [word for witness in witnesses for word in ("--witness", witness)]
        for party in PARTIES:
            note = self.run(
                "programme", "consent", "programme.toml", "--as", party, "--key", f"{party}.key", *named
            )
            (self.folder / f"{party}.consent").write_text(note)
        given = [word for party in PARTIES for word in ("--consent", f"{party}.consent")]
        self.run("programme", "publish", "programme.toml", "--data", "data", *named, *given)


def tables(folder: Path, people: int = 120) -> list[str]:
    """Tables of an organisation of two departments."""
    rows = {
        "people.csv": "person,role,joined,left\n",
        "membership.csv": "person,unit,since\n",
        "org.csv": "unit,parent,lead\ndepartment-0,,\ndepartment-1,,\n",
        "changes.csv": "work,who,landed_at,reverted_at,corrected_at\n",
    }
    for n in range(people):
        who = f"person.{n:03d}@example.org"
        rows["people.csv"] += f"{who},engineering,2020-01-01,\n"
        rows["membership.csv"] += f"{who},team-{n // 12},2020-01-01\n"
        if n % 12 == 0:
            rows["org.csv"] += f"team-{n // 12},department-{n // 60},{who}\n"
        for work in range(2 + n % 3):
            undone = "2026-09-10" if (n + work) % 7 == 0 else ""
            rows["changes.csv"] += f"c{n}-{work},{who},2026-09-{7 + work:02d},,{undone}\n"
    for name, text in rows.items():
        (folder / name).write_text(text)
    return sorted(rows)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an organisation whose tables are in."""
    folder = tmp_path_factory.mktemp("begun")
    Office(folder).run("collect", "table", *tables(folder), "--data", "data")
    return folder


@pytest.fixture(scope="module")
def in_force(begun: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a programme in force."""
    folder = shutil.copytree(begun, tmp_path_factory.mktemp("in-force"), dirs_exist_ok=True)
    Office(folder).publish()
    return folder


@pytest.fixture
def office(begun: Path, tmp_path: Path) -> Office:
    """An organisation whose tables are in."""
    return Office(shutil.copytree(begun, tmp_path, dirs_exist_ok=True))


@pytest.fixture
def agreed(in_force: Path, tmp_path: Path) -> Office:
    """The same with a programme in force."""
    return Office(shutil.copytree(in_force, tmp_path, dirs_exist_ok=True))


def clauses(told: Any) -> set[str]:
    return {answer["clause"] for answer in told["answers"] if answer["verdict"] == "refused"}


def test_a_bare_directory_has_an_operator_and_nobody_else(office: Office) -> None:
    assert clauses(office.json(*ASK, code=3)) == {"no-programme"}
    office.publish()
    told = office.json(*ASK)
    assert [answer["group"] for answer in told["answers"]] == ["department-0", "department-1"]
    figure = told["answers"][0]["figure"]
    assert figure["low"] < figure["value"] < figure["high"]
    assert figure["people"] == 60
    for role in ("leader", "council", "dpo", "finance"):
        assert clauses(office.json(*ASK, "--as", role, code=3)) == {"role-not-held"}
    assert "refused (role-not-held)" in office.run(*ASK, "--as", "leader", code=3)


def test_what_is_asked_wrongly_is_told_by_the_word(office: Office) -> None:
    for changed in (
        ("--period", "2026-W54"),
        ("--period", "last week"),
        ("--filter", "unit"),
        ("--by", "person"),
    ):
        assert office.run(*ASK, *changed, code=2) == ""
    office.publish()
    (office.folder / "no.secret").write_text("hello")
    assert "no-secret" in office.run(*ASK, "--secret", "no.secret", "--json", code=4)
    assert "is no data directory" in office.run(*ASK[:-1], "nowhere", code=4)
    assert clauses(office.json(*ASK[:-3], "curiosity", *ASK[-2:], code=3)) == {"unknown-purpose"}
    assert clauses(office.json(*COMPANY, "--filter", "person=person.007@example.org", code=3)) == {
        "nobody-else"
    }
    everything = b"".join(path.read_bytes() for path in (office.folder / "data" / "ledger").iterdir())
    assert b"person.007" not in everything


def test_without_the_keyholder_what_is_stored_names_nobody(tmp_path: Path) -> None:
    office = Office(tmp_path)
    names = tables(tmp_path)
    office.run("keyholder", "enrol", "person.013@example.org", "--keys", "vault", "--out", "mine.secret")
    secret = (tmp_path / "mine.secret").read_text().split(":")[1].strip()
    office.run("keyholder", "use", "--data", "data", "--socket", "k.sock")
    assert "keyholder-down" in office.run("collect", "table", *names, "--data", "data", "--json", code=4)
    with office.beside(
        "keyholder", "serve", "--keys", "vault", "--socket", "k.sock", until="holding the keys"
    ):
        office.run("collect", "table", *names, "--data", "data")
        office.publish()
        assert office.json(*ASK)["answers"][0]["figure"]["people"] == 60
        own = office.json("my-data", "--data", "data", "--secret", "mine.secret")
        assert [row["unit"] for row in own["rows"]["membership"]] == ["team-1"]
        assert [read["did"] for read in own["reads"]] == ["read"]
        assert own["missing"] == 0
        office.run("ledger", "publish", "--data", "data", "--out", "published")
    for path in [*(tmp_path / "data").rglob("*"), *(tmp_path / "published").rglob("*")]:
        if path.is_file():
            content = path.read_bytes()
            assert b"@example.org" not in content, path
            assert b"person.0" not in content, path
            assert secret.encode() not in content, path
    assert not (tmp_path / "data" / "keys" / "people").exists()
    assert clauses(office.json(*ASK, code=3)) == {"keyholder-down"}
    assert "keyholder-down" in office.run(
        "my-data", "--data", "data", "--secret", "mine.secret", "--json", code=4
    )


def test_keys_that_were_lost_are_not_made_anew_in_silence(agreed: Office) -> None:
    assert agreed.json(*ASK)
    (agreed.folder / "data" / "keys" / "people").unlink()
    assert clauses(agreed.json(*ASK, code=3)) == {"keys-lost"}
    assert "keys-lost" in agreed.run("collect", "table", "people.csv", "--data", "data", "--json", code=4)


def test_a_person_sees_reads_objects_corrects_and_is_erased(agreed: Office) -> None:
    agreed.run("keyholder", "enrol", "person.013@example.org", "--keys", "data/keys", "--out", "mine.secret")
    mine = ("--data", "data", "--secret", "mine.secret")
    agreed.run(*ASK)
    own = agreed.json("my-data", *mine)
    assert len(own["rows"]["work_fate"]) == 3
    assert [(part["group"], part["role"]) for part in own["part_of"]] == [("department-0", "operator")]
    assert "no score of you" in " ".join(agreed.run("my-data", *mine, "--csv", "copy").split())
    assert (agreed.folder / "copy" / "work_fate.csv").read_text().count("\n") == 4
    agreed.run("my-data", "object", *mine)
    agreed.run("my-data", "correct", "The third was never mine.", *mine)
    again = agreed.json("my-data", *mine)
    assert again["objected"]
    assert again["corrections"] == ["The third was never mine."]
    assert [read["did"] for read in again["reads"]][-3:] == ["objected", "asked for a correction", "read"]
    agreed.run("my-data", "object", "--back", *mine)
    log = agreed.run("ledger", "key", "--data", "data").strip()
    agreed.run("ledger", "publish", "--data", "data", "--out", "published")
    found = agreed.json("verify", "published", "--log", log, "--secret", "mine.secret")
    assert [read["did"] for read in found["own"]][-1] == "took an objection back"
    assert agreed.json("my-data", "erase", "--yes", *mine)["rows"] == 5
    assert "unknown-secret" in agreed.run("my-data", *mine, "--json", code=4)
    told = agreed.json("collect", "table", "people.csv", "changes.csv", "--data", "data")
    assert {row["file"]: row["erased"] for row in told["read"]} == {"people.csv": 1, "changes.csv": 3}
    assert agreed.json(*ASK)["answers"][0]["figure"]
    assert clauses(agreed.json(*("corrected" if word == "kept" else word for word in ASK), code=3)) == {
        "erased"
    }
    drawn = agreed.json("ledger", "open", "--data", "data", "--random", "1000")
    assert drawn["about_people"] == drawn["sealed"] > 4
    assert {one["kind"] for one in drawn["entries"]} == {"rule", "release", "person_read"}


def test_objections_hold_from_the_next_block_on(agreed: Office) -> None:
    for n in range(5):
        agreed.run(
            "keyholder", "enrol", f"person.{n:03d}@example.org", "--keys", "data/keys", "--out", f"{n}.secret"
        )
        agreed.run("my-data", "object", "--data", "data", "--secret", f"{n}.secret")
    assert agreed.json(*ASK)["answers"][0]["figure"]["people"] == 55


def witnessed(office: Office, log: str) -> Any:
    return office.beside("witness", "--folder", "council", "--log", log, "--port", "0", until="witnessing at")


def test_a_witness_in_another_process_cosigns_what_grew_and_nothing_else(office: Office) -> None:
    witness = office.run("witness", "--folder", "council").strip()
    office.publish(witness)
    log = office.run("ledger", "key", "--data", "data").strip()
    with witnessed(office, log) as said:
        url = said.split()[2].rstrip(";")
        shown = ("ledger", "cosign", "--data", "data", "--url", url, "--witness", witness)
        assert office.json(*shown)["size"] == 1
        office.run(*ASK)
        assert office.json(*shown)["size"] == 2
        assert office.json(*shown)["size"] == 2
        office.run("ledger", "publish", "--data", "data", "--out", "published")
        checked = office.json("verify", "published", "--log", log, "--witness", witness, "--seen", "seen")
        assert list(checked["cosigned"]) == ["witness.local/council"]
        before = {path: path.read_bytes() for path in (office.folder / "data" / "ledger").iterdir()}
        office.run(*COMPANY)
        assert office.json(*shown)["size"] == 3
        for path, content in before.items():
            path.write_bytes(content)
        assert "witness-refused" in office.run(*shown, "--json", code=4)
    assert "witness-unreachable" in office.run(*shown, "--json", code=4)


def test_a_ledger_that_was_edited_by_hand_answers_nothing_and_verifies_nowhere(agreed: Office) -> None:
    agreed.run(*ASK)
    log = agreed.run("ledger", "key", "--data", "data").strip()
    agreed.run("ledger", "publish", "--data", "data", "--out", "published")
    bundle = agreed.folder / "published" / "tile" / "entries" / "000.p" / "2"
    bundle.write_bytes(bundle.read_bytes().replace(b"operator", b"nobody!!"))
    assert "altered" in agreed.run("verify", "published", "--log", log, code=4)
    journal = agreed.folder / "data" / "ledger" / "entries"
    journal.write_bytes(journal.read_bytes().replace(b"operator", b"nobody!!"))
    assert "ledger-broken" in agreed.run(*ASK, "--json", code=4)


def test_two_processes_do_not_write_one_directory(agreed: Office) -> None:
    code = "\n".join([
        "import time",
        "from pathlib import Path",
        "from counterfoil.app.directory import opened",
        "with opened(Path('data')):",
        "    print('open', flush=True)",
        "    time.sleep(30)",
    ])  # fmt: skip
    with subprocess.Popen([sys.executable, "-c", code], cwd=agreed.folder, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert "lake-in-use" in agreed.run(*ASK, "--json", code=4)
        other.kill()
    assert agreed.json(*ASK)


def test_it_is_killed_between_any_two_steps_and_nothing_is_read_unlogged(agreed: Office) -> None:
    """Killed while it answers, at random moments: every figure that is kept has its entry in the log."""
    for pause in (0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2):
        week = f"2026-W{37 + int(pause * 10) % 3}"
        line = [week if word == "2026-W37" else word for word in agreed.line(*ASK)]
        with subprocess.Popen(line, cwd=agreed.folder, stdout=subprocess.DEVNULL) as asking:
            time.sleep(pause)
            asking.kill()
    agreed.run(*ASK)
    log = agreed.run("ledger", "key", "--data", "data").strip()
    agreed.run("ledger", "publish", "--data", "data", "--out", "published")
    assert agreed.json("verify", "published", "--log", log)["size"] >= 2
    answered = """
import json,sys
from pathlib import Path
from counterfoil.app.directory import opened
from counterfoil.ledger.entry import told_of
with opened(Path('data')) as g:
    periods = {told.get('period') for n in range(len(g.log)) for told in told_of(g.log.entry(n))[1]}
    print(json.dumps([len(g.lake.registry.all_kept('answer')), len(periods - {None}), g.lake.check()]))
"""
    line = [sys.executable, "-c", answered]
    done = subprocess.run(line, cwd=agreed.folder, capture_output=True, text=True, check=True)
    figures, periods, broken = json.loads(done.stdout)
    assert figures <= 2 * periods
    assert broken == []


def test_a_clock_that_was_set_back_stops_everything(agreed: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    agreed.run(*ASK)

    class Yesterday(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) - timedelta(days=1)

    monkeypatch.setattr(directory, "datetime", Yesterday)
    with pytest.raises(LedgerBroken, match="clock"), directory.opened(agreed.folder / "data"):
        pass


def test_receipts_prove_that_a_read_is_in_the_log(agreed: Office) -> None:
    agreed.run("keyholder", "enrol", "person.013@example.org", "--keys", "data/keys", "--out", "mine.secret")
    mine = ("my-data", "--data", "data", "--secret", "mine.secret")
    agreed.run(*mine)
    own = agreed.json(*mine)
    key = VerifierKey.parse(agreed.run("ledger", "key", "--data", "data").strip())
    checkpoint = Checkpoint.parse(open_note(own["checkpoint"], [key]).text)
    with directory.opened(agreed.folder / "data") as g:
        for read in own["reads"]:
            proof = [base64.b64decode(step) for step in read["proof"]]
            leaf = leaf_hash(g.log.entry(read["entry"]))
            check_inclusion(leaf, read["entry"], checkpoint.size, proof, checkpoint.root)
    assert len(own["reads"]) == 2
    assert any("undone later" in hint for hint in own["hints"])


def test_without_the_extra_it_says_what_to_install(office: Office) -> None:
    code = """
import sys
class Away:
    def find_spec(self, name, path=None, target=None):
        if name == "sqlalchemy":
            raise ModuleNotFoundError("no", name=name)
sys.meta_path.insert(0, Away())
from counterfoil.app.run import run
sys.exit(run(sys.argv[1:]))
"""
    line = [sys.executable, "-c", code, *ASK]
    done = subprocess.run(line, cwd=office.folder, capture_output=True, text=True)
    assert done.returncode == 4
    assert "pip install 'counterfoil[server]'" in done.stderr


def test_rows_are_removed_when_their_time_is_over_and_answers_stay(agreed: Office) -> None:
    first = agreed.json(*ASK)["answers"]
    agreed.run("keyholder", "enrol", "person.013@example.org", "--keys", "data/keys", "--out", "mine.secret")
    shorter = agreed.folder / "shorter.toml"
    text = (agreed.folder / "programme.toml").read_text()
    shorter.write_text(text.replace("9999 days", "1 days"))
    agreed.run("programme", "publish", "shorter.toml", "--data", "data")
    own = agreed.json("my-data", "--data", "data", "--secret", "mine.secret")
    over = datetime.now(UTC).date() > date(2026, 11, 6)
    assert bool(own["rows"]["work_fate"]) != over
    assert agreed.json(*ASK)["answers"] == first
    other = ["corrected" if word == "kept" else word for word in ASK]
    if over:
        assert clauses(agreed.json(*other, code=3)) == {"retired"}
        assert not list((agreed.folder / "data" / "lake" / "work_fate").iterdir())


def test_figures_that_are_out_elsewhere_are_registered_and_logged(office: Office) -> None:
    told = ("ledger", "outside", "team-3", "--data", "data", "--fact", "work", "--says", "invoice 2026-09")
    assert office.json(*told, "--block", "2026-B10", code=3)["clause"] == "no-programme"
    office.publish()
    assert office.json(*told, "--block", "2026-B10") == {"entry": 1}
    assert "entry 2" in office.run(*told, "--block", "2026-B10")
    for wrong in ("2026-W40", "soon"):
        office.run(*told, "--block", wrong, code=2)
    assert "outside" in office.run("ledger", "open", "--data", "data", "--random", "10")
