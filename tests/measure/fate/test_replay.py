"""The lives of lines over small histories: births, moves, formatting, deaths and what was put back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from counterfoil.collect.git.texts import hashes_of, reflowed
from counterfoil.measure.fate.lines import DELETED, JOINED, REWRITTEN, STANDS, LineFates
from counterfoil.measure.fate.replay import replay
from counterfoil.terms.history import Commit, FilePatch, MergeStyle, RepoFacts
from counterfoil.terms.ids import CommitId, RepoPath

DAY = 86_400
Tree = dict[str, list[str]]


@dataclass
class Line:
    """A history given by its trees, straight unless told otherwise."""

    trees: Sequence[Tree]
    branches: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    """Parents of the commits that do not follow the one before."""
    style: MergeStyle = MergeStyle.FIRST_PARENT
    mode_why: str = ""
    formatting: frozenset[int] = frozenset()
    excluded: Sequence[str] = ()
    facts: RepoFacts = field(
        default=RepoFacts(
            path=RepoPath("/r"),
            head=CommitId("0"),
            branch="main",
            commits=0,
            first_parent_commits=0,
            merges=0,
            shallow=False,
            partial=False,
            caveats=(),
            left_out={},
        )
    )

    def commits(self) -> list[Commit]:
        return [
            Commit(
                id=CommitId(f"{i:040x}"),
                parents=self._parents(i),
                authored_at=i * DAY,
                committed_at=i * DAY,
                author=0,
                mine=True,
            )
            for i in range(len(self.trees))
        ]

    def counts(self, path: str) -> bool:
        return True

    def recalled(self) -> None:
        return None

    def keep(self, replayed: Callable[[], bytes]) -> None:
        raise AssertionError("too short to keep")

    def patches(self, start: int) -> Iterator[tuple[int, Sequence[FilePatch]]]:
        for i, tree in enumerate(self.trees[start:], start):
            before = self.trees[parents[0]] if (parents := self._parents(i)) else {}
            yield (
                i,
                [
                    _patch(p, before.get(p), tree.get(p))
                    for p in sorted({*before, *tree})
                    if before.get(p) != tree.get(p)
                ],
            )

    def _parents(self, i: int) -> tuple[int, ...]:
        return self.branches.get(i, (i - 1,) if i else ())


def _patch(path: str, old: list[str] | None, new: list[str] | None) -> FilePatch:
    was, now = [[line.encode() for line in lines or ()] for lines in (old, new)]
    hunks: list[int] = []
    removed: list[bytes] = []
    added: list[bytes] = []
    same = 0
    for kind, a, b, c, d in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if kind != "equal":
            hunks += (a + (b > a), b - a, c + (d > c), d - c)
            removed += was[a:b]
            added += now[c:d]
            same += reflowed(was[a:b], now[c:d])
    return FilePatch(
        path=path,
        old_path=None if old is None else path,
        deleted=new is None,
        old_blob=repr(old) if old is not None else "",
        new_blob=repr(new) if new is not None else "",
        hunks=hunks,
        removed=hashes_of(removed),
        added=hashes_of(added),
        removed_keys=None,
        added_keys=None,
        counted=True,
        reflowed=same,
    )


def fates(*trees: Tree, formatting: frozenset[int] = frozenset()) -> LineFates:
    return replay(Line(trees, formatting=formatting))


FIRST = "total = price * quantity + shipping"
SECOND = "return total if total > 0 else None"
OTHER = "raise ValueError('the price is missing')"


def test_a_line_that_is_never_touched_stands() -> None:
    f = fates({"a": [FIRST]}, {"a": [FIRST, SECOND]})
    assert f.how.tolist() == [STANDS, STANDS]
    assert f.origin.tolist() == [0, 1]
    assert f.landed.tolist() == [0, 1]
    assert f.killer.tolist() == [-1, -1]


def test_a_line_replaced_by_another_is_rewritten_by_that_commit() -> None:
    f = fates({"a": [FIRST]}, {"a": [OTHER]})
    assert (f.how[0], f.ended[0], f.killer[0]) == (REWRITTEN, 1, 1)


def test_a_line_taken_away_without_another_is_deleted() -> None:
    f = fates({"a": [FIRST, SECOND]}, {"a": [FIRST]})
    assert (f.how[1], f.ended[1], f.killer[1]) == (DELETED, 1, 1)
    assert f.removed_counted.tolist() == [0, 1]


def test_a_deleted_file_ends_its_lines() -> None:
    f = fates({"a": [FIRST], "b": [SECOND]}, {"b": [SECOND]})
    assert f.how.tolist() == [DELETED, STANDS]


def test_a_block_moved_to_another_file_lives_on() -> None:
    f = fates({"a": [FIRST, SECOND, OTHER]}, {"a": [OTHER], "b": [FIRST, SECOND]})
    assert f.how.tolist() == [STANDS] * 3
    assert f.moved_lines == 2
    assert f.head["b"].tolist() == [0, 1]


def test_a_reindented_line_lives_on() -> None:
    f = fates({"a": [FIRST, OTHER]}, {"a": ["    " + FIRST, OTHER, "x = 1"]})
    assert f.how[f.head["a"][0]] == STANDS
    assert f.origin[f.head["a"][0]] == 0
    assert f.formatting_lines == 1


def test_a_commit_listed_as_formatting_ends_no_line() -> None:
    f = fates({"a": ["f(1)"]}, {"a": ["g(2)"]}, formatting=frozenset({1}))
    assert f.how.tolist() == [STANDS]


def test_lines_that_a_formatting_commit_joins_are_no_rework() -> None:
    f = fates({"a": ["f(", "    one,", "    two)"]}, {"a": ["f(one, two)"]}, {"a": ["f(one, two)", SECOND]})
    assert f.how.tolist() == [STANDS, JOINED, JOINED, STANDS]
    assert f.removed_counted.tolist() == [0, 0, 0]


def test_a_formatting_commit_can_still_delete() -> None:
    f = fates({"a": [FIRST, SECOND]}, {"a": [FIRST]}, formatting=frozenset({1}))
    assert f.how.tolist() == [STANDS, DELETED]


def test_a_commit_with_one_rewritten_hunk_beside_a_reflowed_one_is_no_formatting() -> None:
    f = fates({"a": ["f('x')", SECOND, "old"]}, {"a": ['f("x")', SECOND, "new"]})
    assert f.how[2] == REWRITTEN


def test_a_commit_that_changes_quotes_only_ends_no_line() -> None:
    f = fates({"a": ["print('hello')"]}, {"a": ['print("hello")']})
    assert f.how.tolist() == [STANDS]


def test_a_change_put_back_within_thirty_days_is_undone() -> None:
    f = fates({"a": [FIRST]}, {"a": [FIRST, SECOND]}, {"a": [FIRST]})
    assert f.undone.tolist() == [-1, 2, -1]


def test_a_change_of_which_one_path_stays_is_not_undone() -> None:
    f = fates({"a": [FIRST]}, {"a": [FIRST, SECOND], "b": [OTHER]}, {"a": [FIRST], "b": [OTHER]})
    assert f.undone.tolist() == [-1, -1, -1]


def test_the_killer_had_landed_when_the_line_ended() -> None:
    trees: list[Tree] = [{"a": [FIRST, SECOND]}, {"a": [SECOND]}, {"a": [SECOND]}, {"a": [SECOND]}]
    f = replay(Line(trees, {2: (0,), 3: (1, 2)}, style=MergeStyle.FULL))
    assert (f.ended[0], f.killer[0]) == (1, 1)


def test_a_branch_that_lands_what_it_removed_is_the_killer_not_the_merge() -> None:
    trees: list[Tree] = [{"a": [FIRST]}, {"a": [FIRST], "b": [OTHER]}, {"a": [SECOND]}]
    trees.append(trees[1] | trees[2])
    f = replay(Line(trees, {2: (0,), 3: (1, 2)}, style=MergeStyle.FULL))
    assert (f.ended[0], f.killer[0], f.how[0]) == (2, 2, REWRITTEN)


def test_a_block_moved_beside_a_reflowed_line_lives_on() -> None:
    was: Tree = {"a": ["f('x')", "stays = 1", FIRST, SECOND], "b": [OTHER]}
    f = fates(was, {"a": ['f("x")', "stays = 1"], "b": [OTHER, FIRST, SECOND]})
    assert f.how.tolist() == [STANDS] * 5


def test_a_commit_of_over_two_thousand_lines_is_bulk() -> None:
    f = fates({"a": [f"value number {i}" for i in range(2_001)]}, {"a": []})
    assert f.bulk.tolist() == [True, False]
