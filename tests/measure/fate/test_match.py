"""What a session wrote is what landed: where it counts, where it must not, and how often."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.collect.git.texts import hashes_of
from counterfoil.collect.lines import LineHasher
from counterfoil.measure.fate.match import Matcher
from counterfoil.measure.fate.places import relative
from counterfoil.terms.absent import Unknown
from counterfoil.terms.history import Claim, Commit, FilePatch
from counterfoil.terms.ids import CommitId, SessionId, SourceId
from counterfoil.terms.mark import Committed, Evidence, Mark, Written

ROOT = "/home/dev/shop"
AT = datetime(2026, 10, 1, 12, tzinfo=UTC)
KEYS = LineHasher(b"k" * 32)
CLAUDE, CODEX = SourceId("claude-code"), SourceId("codex")
NUMBER = {SessionId("one"): 0, SessionId("two"): 1, SessionId("three"): 2, SessionId("four"): 3}
LONG = "\n".join(f"total_{n} = compute(basket, {n}, rounding={n + 7})" for n in range(8))


def wrote(
    text: str, *, session: str = "one", path: str = f"{ROOT}/a.py", old: str = "", days: float = 0
) -> Written:
    return Written(
        source=CLAUDE,
        session=SessionId(session),
        at=AT + timedelta(days=days),
        path=path,
        directory=ROOT,
        added=KEYS.keys_of(text),
        removed=KEYS.keys_of(old),
    )


def commit(*, days: float = 0.1, marks: Sequence[Mark] = (), name: str = "c" * 40) -> Commit:
    at = int((AT + timedelta(days=days)).timestamp())
    return Commit(
        id=CommitId(name),
        parents=(),
        authored_at=at,
        committed_at=at,
        author=0,
        mine=True,
        marks=tuple(marks),
    )


def mark(evidence: Evidence, *, whole: bool = True) -> Mark:
    return Mark(evidence=evidence, tool="claude-code", session=Unknown("none"), whole=whole)


def patch(text: str, *, path: str = "a.py", old: str = "", hunks: Sequence[int] = ()) -> FilePatch:
    added = text.split("\n") if text else []
    removed = old.split("\n") if old else []
    return FilePatch(
        path=path,
        old_path=path,
        deleted=False,
        old_blob="",
        new_blob="",
        hunks=hunks or (1, len(removed), 1, len(added)),
        removed=hashes_of([line.encode() for line in removed]),
        added=hashes_of([line.encode() for line in added]),
        removed_keys=[KEYS.key_of(line.encode()) for line in removed],
        added_keys=[KEYS.key_of(line.encode()) for line in added],
        counted=True,
    )


def matcher(*written: Written, committed: Sequence[Committed] = ()) -> Matcher:
    return Matcher(written, committed, number=NUMBER, roots=[ROOT])


def all_claims(found: Matcher, patches: Sequence[FilePatch], of: Commit | None = None) -> list[list[Claim]]:
    """One list for each patch of one commit."""
    found.begin(of or commit(), patches)
    told = [(found.added(patch), len(patch.added)) for patch in patches]
    return [[said] * n if isinstance(said, Claim) else list(said) for said, n in told]


def claims(found: Matcher, what: FilePatch, of: Commit | None = None) -> list[Claim]:
    return all_claims(found, [what], of)[0]


def tiers(found: Matcher, what: FilePatch, of: Commit | None = None) -> list[int]:
    return [claim.evidence for claim in claims(found, what, of)]


def test_lines_that_were_written_and_landed_are_the_sessions() -> None:
    said = claims(matcher(wrote(LONG)), patch(LONG))
    assert {(c.evidence, c.session, c.tool) for c in said} == {(Evidence.CONTENT, 0, "claude-code")}


def test_what_a_person_changed_before_landing_is_not() -> None:
    lines = LONG.split("\n")
    lines[3] = "total_3 = something_else_entirely(basket)"
    assert tiers(matcher(wrote(LONG)), patch("\n".join(lines))) == [4, 4, 4, 0, 4, 4, 4, 4]


def test_formatting_does_not_hide_what_was_written() -> None:
    landed = LONG.replace("total", "\t  total").replace(", ", ",   ").replace("basket", "BASKET")
    assert set(tiers(matcher(wrote(LONG)), patch(landed))) == {4}


@pytest.mark.parametrize(("days", "tier"), [(-1.9, 4), (-2.1, 0), (20.9, 4), (21.1, 0)])
def test_only_commits_of_the_time_count(days: float, tier: int) -> None:
    assert set(tiers(matcher(wrote(LONG)), patch(LONG), commit(days=days))) == {tier}


def test_a_renamed_folder_keeps_its_files_and_a_renamed_file_needs_a_run() -> None:
    assert set(tiers(matcher(wrote(LONG)), patch(LONG, path="deep/er/a.py"))) == {4}
    assert set(tiers(matcher(wrote(LONG)), patch(LONG, path="b.py"))) == {4}
    two = "\n".join(LONG.split("\n")[:2])
    assert set(tiers(matcher(wrote(LONG)), patch(two, path="b.py"))) == {0}


def test_what_many_sessions_write_proves_nothing_in_another_file() -> None:
    common = "import os\nimport sys\nimport json\nreturn None"
    everyone = [wrote(common, session=name) for name in ("one", "two", "three", "four")]
    assert set(tiers(matcher(*everyone), patch(common, path="b.py"))) == {0}


def test_a_line_written_once_serves_one_landed_line() -> None:
    assert tiers(matcher(wrote("return None")), patch("return None\nreturn None\nreturn None")).count(4) == 1


def test_what_many_sessions_write_rides_in_a_run_of_another_file() -> None:
    lines = LONG.split("\n")[:4]
    text = "\n".join([*lines[:2], "return None", *lines[2:]])
    everyone = [wrote("return None", session=name) for name in ("two", "three", "four")]
    found = matcher(*everyone, wrote(text))
    assert tiers(found, patch(text, path="b.py")) == [4] * 5
    short = "\n".join([lines[0], "return None", lines[1]])
    assert tiers(found, patch(short, path="b.py")) == [0] * 3


def test_a_file_of_that_name_takes_a_single_line_only_if_it_tells_something() -> None:
    long = LONG.split("\n")[0]
    everyone = [wrote(long, session=name) for name in ("one", "two", "three", "four")]
    assert tiers(matcher(wrote(long)), patch(long, path="x/a.py")) == [4]
    assert tiers(matcher(wrote("return None")), patch("return None", path="x/a.py")) == [0]
    assert tiers(matcher(*everyone), patch(long, path="x/a.py")) == [0]
    assert tiers(matcher(*everyone), patch(long)) == [4]


def test_what_sessions_write_later_never_changes_an_old_commit() -> None:
    calls = [wrote(LONG)]
    later = [wrote(LONG, session=name, days=2.2) for name in ("two", "three", "four", "one")]
    for where in (patch(LONG), patch(LONG, path="x/a.py"), patch(LONG, path="b.py")):
        assert claims(matcher(*calls, *later), where) == claims(matcher(*calls), where)
        assert set(tiers(matcher(*calls), where)) == {4}


def test_a_line_written_once_serves_one_landed_line_of_all_files() -> None:
    copies = [patch(LONG, path=path) for path in ("0.py", "a.py", "b.py", "x/a.py")]
    said = [{c.evidence for c in told} for told in all_claims(matcher(wrote(LONG)), copies)]
    assert said == [{0}, {4}, {0}, {0}]
    said = [{c.evidence for c in told} for told in all_claims(matcher(wrote(LONG), wrote(LONG)), copies)]
    assert said == [{4}, {4}, {0}, {0}]
    found = matcher(wrote(LONG))
    assert [set(tiers(found, copies[1], commit(name=name * 40))) for name in "cd"] == [{4}, {4}]


def test_short_lines_take_the_tier_of_those_around_them() -> None:
    text = "if ready(basket):\n{\ncharge(basket)\n}\n"
    assert set(tiers(matcher(wrote(text)), patch(text.rstrip("\n")))) == {4}
    assert tiers(matcher(wrote("charge(basket)")), patch("{\ncharge(basket)\n}\nother(thing)")) == [
        4,
        4,
        0,
        0,
    ]


def test_the_later_of_two_sessions_that_wrote_a_line_has_it() -> None:
    calls = [wrote(LONG, session="one"), wrote(LONG, session="two", days=0.05)]
    for told in (calls, calls[::-1]):
        assert {c.session for c in claims(matcher(*told), patch(LONG))} == {1}


def test_the_session_whose_log_names_the_commit_has_the_line() -> None:
    calls = [wrote(LONG, session="one"), wrote(LONG, session="two", days=0.05)]
    named = Committed(source=CODEX, session=SessionId("one"), at=AT, directory=ROOT, commit="c" * 9)
    found = matcher(*calls, committed=[named])
    assert {c.session for c in claims(found, patch(LONG))} == {0}
    assert {c.session for c in claims(found, patch(LONG), commit(name="d" * 40))} == {1}


def test_the_session_that_wrote_most_of_the_hunk_has_what_others_wrote_too() -> None:
    lines = LONG.split("\n")
    calls = [wrote(LONG, session="one"), wrote(lines[2], session="two", days=0.05)]
    assert [c.session for c in claims(matcher(*calls), patch(LONG))] == [0] * 8
    apart = patch(LONG, hunks=(1, 0, 1, 2, 1, 0, 3, 1, 1, 0, 4, 5))
    assert [c.session for c in claims(matcher(*calls), apart)] == [0, 0, 1, 0, 0, 0, 0, 0]


def test_what_was_written_again_after_the_commit_stays_with_who_wrote_it_before() -> None:
    calls = [wrote(LONG, session="one"), wrote(LONG, session="two", days=1)]
    assert {c.session for c in claims(matcher(*calls), patch(LONG))} == {0}
    assert {c.session for c in claims(matcher(*calls), patch(LONG), commit(days=1.1))} == {1}


WORDS = ("return None", "else:", *LONG.split("\n")[:3])
CALLS = st.lists(
    st.builds(
        lambda words, name, path, days: wrote("\n".join(words), session=name, path=path, days=days),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=6),
        st.sampled_from(sorted(NUMBER)),
        st.sampled_from([f"{ROOT}/a.py", f"{ROOT}/x/a.py", f"{ROOT}/b.py"]),
        st.sampled_from([-22.5, -20, -1, 0, 0.05, 1.5, 2.5]),
    ),
    max_size=8,
)
LANDED = st.lists(st.sampled_from([*WORDS, "{"]), min_size=1, max_size=8).map("\n".join)


@given(calls=CALLS, landed=st.lists(LANDED, min_size=3, max_size=3))
def test_only_calls_near_a_commit_have_a_say_and_each_line_once(
    calls: list[Written], landed: list[str]
) -> None:
    near = [c for c in calls if -21 <= (commit().authored_at - c.at.timestamp()) / -86_400 <= 2]
    patches = [patch(text, path=path) for text, path in zip(landed, ("0/a.py", "a.py", "b.py"), strict=True)]
    said = all_claims(matcher(*calls), patches)
    assert said == all_claims(matcher(*near), patches)
    served = Counter(
        key
        for of, told in zip(patches, said, strict=True)
        for key, c in zip(of.added_keys or (), told, strict=True)
        if key is not None and c.evidence == Evidence.CONTENT
    )
    assert served <= Counter(key for c in near for key in c.added)


def test_marks_hold_where_content_says_nothing() -> None:
    assert set(tiers(matcher(), patch(LONG), commit(marks=[mark(Evidence.MARKED)]))) == {2}
    assert set(tiers(matcher(), patch(LONG), commit(marks=[mark(Evidence.AGENT)]))) == {3}
    assert set(tiers(matcher(), patch(LONG), commit(marks=[mark(Evidence.MARKED, whole=False)]))) == {1}
    half = "\n".join(LONG.split("\n")[:4])
    assert (
        tiers(matcher(wrote(half)), patch(LONG), commit(marks=[mark(Evidence.MARKED)])) == [4] * 4 + [2] * 4
    )


def test_a_commit_that_a_session_names_is_marked_for_it() -> None:
    named = Committed(source=CODEX, session=SessionId("two"), at=AT, directory=ROOT, commit="c" * 9)
    found = matcher(committed=[named])
    assert {(c.evidence, c.session, c.tool) for c in claims(found, patch(LONG))} == {(2, 1, "codex")}
    assert found.committer_of(commit()) == 1
    assert set(tiers(found, patch(LONG), commit(name="d" * 40))) == {0}


def test_removed_lines_are_noted_for_the_session_whose_edit_removed_them() -> None:
    found = matcher(wrote("", old=LONG))
    for name, path in (("c", "a.py"), ("d", "deep/a.py"), ("e", "elsewhere.py")):
        gone = patch("", old=LONG, path=path)
        found.begin(commit(name=name * 40), [gone])
        found.removed(gone)
    assert found.removed_lines == {"c" * 40: {0: 8}, "d" * 40: {0: 8}}


def test_a_line_removed_once_serves_one_line_of_a_commit() -> None:
    found = matcher(wrote("", old=LONG))
    gone = [patch("", old=LONG, path=path) for path in ("a.py", "deep/a.py")]
    found.begin(commit(), gone)
    for each in gone:
        found.removed(each)
    assert found.removed_lines[CommitId("c" * 40)] == {0: 8}


@pytest.mark.parametrize(
    ("path", "directory", "expected"),
    [
        (f"{ROOT}/src/x.py", ROOT, "src/x.py"),
        ("src/x.py", ROOT, "src/x.py"),
        ("../shop/src/x.py", f"{ROOT}/../shop", "src/x.py"),
        ("/home/dev/shop-topic/src/x.py", "/home/dev/shop-topic", "src/x.py"),
        ("C:\\code\\shop\\src\\x.py", "C:\\code\\shop", "src/x.py"),
        ("/elsewhere/x.py", ROOT, "elsewhere/x.py"),
    ],
)
def test_paths_are_made_relative_to_the_repository(path: str, directory: str, expected: str) -> None:
    assert relative(path, directory, [ROOT, "/home/dev/shop-topic"]) == expected
