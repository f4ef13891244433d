"""A programme comes into force by consent, time and a witness; silence is no."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from counterfoil.guard.force import COSIGNED, FIRST, PROPOSED, version
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.publish import Published, publish
from counterfoil.ledger.entry import read_entry
from counterfoil.ledger.sign import SignerKey, signature_line
from counterfoil.terms.error import SourceError
from counterfoil.terms.release import Refuse
from guard.organisation import KEYS, NOW, PARTIES, consents, gate, programme, put_in_force

COUNCIL = SignerKey.of("witness.test/council", bytes([9]) * 32, witness=True)
WITNESS = str(COUNCIL.verifier)
DAY = 86_400
START = int(NOW.timestamp())
WEAKER = programme(("outcome = 10", "outcome = 8"))
STRONGER = programme(("outcome = 10", "outcome = 12"))


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Guarded]:
    with gate(tmp_path) as opened:
        yield opened


def cosign(g: Guarded, at: int, key: SignerKey = COUNCIL) -> None:
    """Let a witness cosign the log as it is."""
    note = g.log.checkpoint
    text = note[: note.rindex("\n\n") + 1]
    with g.lake.registry.change() as change:
        change.keep(COSIGNED, f"{at}", (note + signature_line(text, key, at=at)).encode())


def agreed(
    g: Guarded, text: str, parties: tuple[str, ...] = PARTIES, witnesses: tuple[str, ...] = (WITNESS,)
) -> list[str]:
    """Consents to a programme in place of what is in force."""
    before = version(g)
    return consents(text, parties, witnesses, replaces=FIRST if before is None else before.name)


def asked(g: Guarded, text: str, given: list[str] | None = None, **more: list[str]) -> Published | Refuse:
    given = agreed(g, text) if given is None else given
    return publish(g, text, consents=given, witnesses=more.get("witnesses", [WITNESS]))


def test_the_first_takes_the_consent_of_every_party(g: Guarded) -> None:
    text = programme()
    two = consents(text, PARTIES[:2], [WITNESS])
    assert asked(g, text, two) == Refuse(
        "consent", "Not agreed yet: data-protection. Nobody's silence is a yes."
    )
    assert len(g.log) == 0
    done = asked(g, text)
    assert isinstance(done, Published)
    assert (done.state, done.entry, done.missing) == ("in-force", 0, [])
    kept = version(g)
    assert kept is not None
    assert kept.parties == {party: str(KEYS[party].verifier) for party in PARTIES}
    assert read_entry(g.log.entry(0))[1]["sha256"] == kept.digest
    assert asked(g, text, []) == replace(done, weaker=[])
    assert len(g.log) == 1


def test_what_protects_more_is_in_force_at_once(g: Guarded) -> None:
    put_in_force(g, programme(), [WITNESS])
    done = asked(g, STRONGER, [])
    assert isinstance(done, Published)
    assert (done.state, done.weaker) == ("in-force", [])


def test_what_weakens_takes_everybody_fourteen_days_and_a_witness(g: Guarded) -> None:
    put_in_force(g, programme(), [WITNESS])
    first = version(g)
    assert isinstance(asked(g, WEAKER, agreed(g, WEAKER, PARTIES[:1])), Refuse)
    done = asked(g, WEAKER)
    assert isinstance(done, Published)
    assert done.state == "proposed"
    assert done.weaker == ["floors.outcome"]
    assert done.missing == ["witness.test/council: it has not cosigned the log since this was proposed"]
    waits = done
    for at in (START, START + 13 * DAY):
        cosign(g, at)
        told = asked(g, WEAKER)
        assert isinstance(told, Published)
        waits = told
        assert waits.state == "proposed"
        assert waits.entry == done.entry
        assert version(g) == first
    assert waits.missing == ["witness.test/council: 13 of 14 days lie between its cosignatures"]
    cosign(g, START + 14 * DAY)
    ended = asked(g, WEAKER)
    assert isinstance(ended, Published)
    assert ended.state == "in-force"
    now = version(g)
    assert now is not None
    assert "outcome = 8" in now.text
    assert version(g, PROPOSED) is None


def test_the_clock_is_the_witness_and_not_the_operator(g: Guarded) -> None:
    """A cosignature from before the proposal, one of another witness, and our own clock count for nothing."""
    put_in_force(g, programme(), [WITNESS])
    cosign(g, START - 30 * DAY)
    asked(g, WEAKER)
    stranger = SignerKey.of("witness.test/operator", bytes([8]) * 32, witness=True)
    for at in (START, START + 90 * DAY):
        cosign(g, at, stranger)
    cosign(g, START + 90 * DAY + 1)
    later = replace(g, now=NOW.replace(year=2026, month=12, day=31))
    done = asked(later, WEAKER)
    assert isinstance(done, Published)
    assert done.missing == ["witness.test/council: 0 of 14 days lie between its cosignatures"]


def test_without_a_witness_nothing_is_ever_weakened(g: Guarded) -> None:
    put_in_force(g, programme())
    done = publish(g, WEAKER, consents=agreed(g, WEAKER), witnesses=[WITNESS])
    assert isinstance(done, Refuse)
    done = publish(g, WEAKER, consents=agreed(g, WEAKER, witnesses=()), witnesses=[])
    assert isinstance(done, Published)
    assert done.missing == ["a witness: none was agreed on, so nothing can be weakened"]


def test_a_consent_is_to_this_text_by_this_key(g: Guarded) -> None:
    text = programme()
    other = consents(STRONGER, witnesses=[WITNESS])
    for given in (other, consents(text), ["nonsense"], ["a\nb\nc\n\nd\n"]):
        refused = asked(g, text, given)
        assert isinstance(refused, Refuse)
        assert refused.clause == "consent"
    put_in_force(g, text, [WITNESS])
    before = KEYS["works-council"]
    try:
        KEYS["works-council"] = SignerKey.of("works-council", bytes([77]) * 32)
        refused = asked(g, WEAKER)
    finally:
        KEYS["works-council"] = before
    assert refused == Refuse("consent", "works-council has another key than the one it agreed with before.")


def test_a_consent_to_what_was_in_force_before_is_none_to_its_return(g: Guarded) -> None:
    """Agreed, replaced by a stronger one, and agreed anew: the old notes don't count."""
    text = programme()
    old = consents(text, witnesses=[WITNESS])
    put_in_force(g, text, [WITNESS])
    assert isinstance(asked(g, STRONGER, []), Published)
    refused = asked(g, text, old)
    assert isinstance(refused, Refuse)
    assert "in place of" in refused.why


CAPACITY = 'id = "capacity"\nmetrics = ["tokens"]\nlevel = "unit"'
PROMISED = "# ---- What is promised"
MORE = '[[displays]]\nid = "more"\nmetrics = ["tokens"]\nlevel = "unit"\naudience = ["everyone"]\n\n'


@pytest.mark.parametrize(
    "change",
    [
        ('strategy = "We use AI', 'strategy = "We watch. We use AI'),
        ("begins = 2026-08-31", "begins = 2020-08-31"),
        ('audience = ["leaders", "finance"]', 'audience = ["everyone"]'),
        (CAPACITY, CAPACITY.replace("unit", "team")),
        (PROMISED, MORE + PROMISED),
    ],
    ids=["words", "begins", "audience", "level", "display"],
)
def test_what_is_not_surely_stronger_takes_everybody_and_time(g: Guarded, change: tuple[str, str]) -> None:
    put_in_force(g, programme(), [WITNESS])
    text = programme(change)
    assert isinstance(asked(g, text, []), Refuse)
    done = asked(g, text)
    assert isinstance(done, Published)
    assert done.state == "proposed"


def test_a_party_that_is_new_comes_with_its_key(g: Guarded) -> None:
    put_in_force(g, programme(), [WITNESS])
    text = programme(
        (
            '[[parties]]\nid = "works-council"',
            '[[parties]]\nid = "union"\n\n[[parties]]\nid = "works-council"',
        )
    )
    refused = asked(g, text, agreed(g, text))
    assert isinstance(refused, Refuse)
    assert "union" in refused.why


def test_a_party_that_a_new_programme_leaves_out_has_to_agree(g: Guarded) -> None:
    put_in_force(g, programme(), [WITNESS])
    without = programme(('[[parties]]\nid = "works-council"\nname = "Works council"\n', ""))
    refused = asked(g, without, agreed(g, without, ("employer", "data-protection")))
    assert isinstance(refused, Refuse)
    assert "works-council" in refused.why


REVIEWED = [
    ('"own_insight"]', '"own_insight", "performance_review"]'),
    ("blocked_in_code = true", "blocked_in_code = false"),
    ('[review]\n# none, informs or determines.\nuse = "none"', '[review]\nuse = "informs"'),
]
JOBS = [
    ('"own_insight"]', '"own_insight", "replacement"]'),
    ('[workforce]\nuse = "none"', '[workforce]\nuse = "determines"'),
]
ORDERED = [("# In the order of a value? Alphabetical is the safe order.\nranked = false", "ranked = true")]


@pytest.mark.parametrize(
    ("changes", "clause"),
    [
        ([('jurisdictions = ["EU"]', 'jurisdictions = ["EU"]\nsecret = 1')], "unknown-key"),
        ([('jurisdictions = ["EU"]', 'jurisdictions = ["EU"]\njudged_on = 2026-11-01')], "not-of-today"),
        (REVIEWED, "hard-prohibition"),
        (JOBS, "hard-prohibition"),
        ([('audience = ["self"]', 'audience = ["line-managers"]')], "no-board-of-people"),
        (ORDERED, "no-order"),
        ([('"survey-answers"]', '"survey-answers", "prompt-text"]')], "hard-prohibition"),
        ([("activity = 50", "activity = 49")], "hard-prohibition"),
        ([("outcome = 10", "outcome = 4")], "hard-prohibition"),
        ([("comments = 10", "comments = 9")], "hard-prohibition"),
    ],
)
def test_what_no_programme_may_say_is_refused_whoever_agrees(
    g: Guarded, changes: list[tuple[str, str]], clause: str
) -> None:
    text = programme(*changes)
    refused = asked(g, text)
    assert isinstance(refused, Refuse)
    assert refused.clause == clause
    assert refused.why.endswith(".")
    assert len(g.log) == 0


def test_what_is_no_programme_is_told(g: Guarded) -> None:
    with pytest.raises(SourceError):
        asked(g, "[about", [])
    nobody = programme()
    nobody = nobody[: nobody.index("[[parties]]")] + nobody[nobody.index("# ---- What is measured") :]
    refused = asked(g, nobody, [])
    assert isinstance(refused, Refuse)
    assert refused.clause == "no-parties"
