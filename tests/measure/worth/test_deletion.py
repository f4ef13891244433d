"""A change that only deletes, from the edits of a session to the spend on it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from counterfoil.collect.git.texts import hashes_of
from counterfoil.collect.lines import LineHasher
from counterfoil.measure.worth.examine import Examined, examine
from counterfoil.measure.worth.spend import spend_by_fate
from counterfoil.measure.worth.usage import Spent
from counterfoil.terms.absent import Unknown
from counterfoil.terms.history import Commit, FilePatch, MergeStyle, RepoFacts
from counterfoil.terms.ids import CommitId, RepoPath, SessionId, SourceId
from counterfoil.terms.mark import Committed, Written
from counterfoil.terms.own import Bill, OwnSources
from counterfoil.terms.rate import RateCard
from counterfoil.terms.reading import Reading
from counterfoil.terms.usage import NOT_STATED, Session
from counterfoil.terms.work import FateKind, SpendPart

CLAUDE, SHOP = SourceId("claude-code"), RepoPath("/shop")
BEGAN = datetime(2026, 9, 1, 12, tzinfo=UTC)
KEYS = LineHasher(b"k" * 32)
LINES = [f"price_{n} = compute(basket, {n}, rounding={n + 7})" for n in range(8)]
NOBODY = Unknown("nobody")


class Deletion:
    """A commit that lands eight lines and, ten days later, one that deletes five of them."""

    style = MergeStyle.FIRST_PARENT
    mode_why = ""
    formatting: frozenset[int] = frozenset()
    excluded: Sequence[str] = ()
    facts = RepoFacts(
        path=SHOP, head=CommitId("1" * 40), branch="main", commits=2, first_parent_commits=2, merges=0,
        shallow=False, partial=False, caveats=(), left_out={},
    )  # fmt: skip

    def commits(self) -> list[Commit]:
        return [
            Commit(
                id=CommitId(f"{n}" * 40),
                parents=(0,) if n else (),
                authored_at=at,
                committed_at=at,
                author=0,
                mine=True,
            )
            for n, at in enumerate(int((BEGAN + timedelta(days=days)).timestamp()) for days in (-10, 0.01))
        ]

    def counts(self, path: str) -> bool:
        return True

    def recalled(self) -> None:
        return None

    def keep(self, replayed: Callable[[], bytes]) -> None:
        raise AssertionError("too short to keep")

    def patches(self, start: int) -> Iterator[tuple[int, Sequence[FilePatch]]]:
        yield 0, [patch([], LINES, (0, 0, 1, 8))]
        yield 1, [patch(LINES[2:7], [], (3, 5, 2, 0))]


def patch(removed: list[str], added: list[str], hunks: tuple[int, ...]) -> FilePatch:
    return FilePatch(
        path="a.py",
        old_path="a.py" if removed else None,
        deleted=False,
        old_blob="",
        new_blob="b",
        hunks=hunks,
        removed=hashes_of([line.encode() for line in removed]),
        added=hashes_of([line.encode() for line in added]),
        removed_keys=[KEYS.key_of(line.encode()) for line in removed],
        added_keys=[KEYS.key_of(line.encode()) for line in added],
        counted=True,
    )


def session(name: str) -> Session:
    return Session(
        source=CLAUDE, id=SessionId(name), parent=NOBODY, began=BEGAN, ended=BEGAN + timedelta(hours=1),
        directories=("/shop",), branches=("main",), repository=NOBODY, human_turns=1, client="",
    )  # fmt: skip


def edit(name: str, removed: list[str], added: str = "", *, days: float = 0) -> Written:
    at = BEGAN + timedelta(days=days)
    return Written(
        source=CLAUDE, session=SessionId(name), at=at, path="/shop/a.py", directory="/shop",
        added=KEYS.keys_of(added), removed=KEYS.keys_of("\n".join(removed)),
    )  # fmt: skip


def examined(written: Sequence[Written], committed: Sequence[Committed] = ()) -> Examined:
    sources = OwnSources(
        readings=[
            Reading(
                source=CLAUDE,
                usage=(),
                sessions=[session(name) for name in ("one", "two")],
                written=written,
                committed=committed,
            )
        ],
        remembered={},
        rates=RateCard(rates={}, basis=""),
        bill=Bill(paid=NOT_STATED, basis=""),
        places={"/shop": SHOP},
        guesses={},
        pasts={},
        aliases={},
        since=None,
        now=BEGAN + timedelta(days=60),
    )
    past = Deletion()
    return examine(past, sources, roots={}, since=0, progress=lambda what, done, whole: None)


DELETED = [edit("one", LINES[2:5]), edit("two", LINES[5:7])]
NAMED = Committed(source=CLAUDE, session=SessionId("one"), at=BEGAN, directory="/shop", commit="1" * 9)


@pytest.mark.parametrize(
    ("written", "committed", "by", "paid"),
    [
        (DELETED, [], ["content", "content"], {"one": 10, "two": 20}),
        ([edit("one", ["another = line"])], [NAMED], ["commit", "none"], {"one": 10}),
        ([edit("one", [], "another = line")], [], ["time", "none"], {"one": 10}),
        ([], [], ["none", "none"], {}),
    ],
    ids=["content", "commit", "time", "nothing"],
)
def test_what_a_session_spent_follows_the_lines_that_it_deleted(
    written: Sequence[Written], committed: Sequence[Committed], by: list[str], paid: dict[str, int]
) -> None:
    found = examined(written, committed)
    assert list(found.joined_by) == by
    spent = [
        Spent(CLAUDE, SessionId(name), "/shop", "m", "2026-09-01", 1, priced=1, pico=pico)
        for name, pico in (("one", 10), ("two", 20))
    ]
    spend = spend_by_fate(spent, roots={}, places={"/shop": SHOP}, shares={SHOP: found.shares})
    assert {p.session: p.pico for p in spend.paid} == paid
    assert {(p.change, p.kind) for p in spend.paid} <= {(1, FateKind.STANDING)}
    assert spend.parts[SpendPart.STANDING] == sum(paid.values())
    assert spend.parts[SpendPart.NOTHING_FOUND] == 30 - sum(paid.values())


def test_a_session_is_divided_by_the_lines_it_wrote_and_those_it_deleted() -> None:
    found = examined([edit("one", [], "\n".join(LINES), days=-11), edit("one", LINES[2:7])])
    shares = {share.change: share.weight for share in found.shares[SessionId("one")]}
    assert shares == {0: 8, 1: 5}
