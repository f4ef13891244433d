"""The report of one person's own use, assembled from folded usage and examined repositories."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from counterfoil.measure.fate.changes import NOT_MATCHED
from counterfoil.measure.fate.matched import matched_hazard_ratio
from counterfoil.measure.worth import frame, pooled
from counterfoil.measure.worth.cover import coverage_part
from counterfoil.measure.worth.examine import Examined, examine
from counterfoil.measure.worth.redo import cost_of_redo, spend_on_replaced
from counterfoil.measure.worth.spend import SpendByFate, spend_by_fate
from counterfoil.measure.worth.tokens import lines_alive, tokens_per_line
from counterfoil.measure.worth.usage import Spent, fold, micro, micro_parts
from counterfoil.measure.worth.views import roots_of, usage_part
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import RepoPath, SessionId
from counterfoil.terms.own import OwnSources, Progress
from counterfoil.terms.report import DetailPart, Figure, RepoRow, Report, ReworkPart, WorkPart, WorthPart

NO_STANDING = Unknown("no AI change of the time that logs cover stands yet")
FEW_OTHERS = Unknown("fewer than five other authors, so the split would be about people one can name")
NOT_EXAMINED = Unknown("the repository was not examined")
NOT_ASKED_FOR = Unknown("it was not among the repositories asked for")
NOT_LOOKED_FOR = Unknown("it was not looked for")
ONE_REPOSITORY = Unknown("it is matched within one repository; name one")
EVIDENT = ("2", "3", "4", "5")


def report_of(sources: OwnSources, *, fewest_others: int, progress: Progress) -> Report:
    """Everything: usage, spend by fate, rework and lines."""
    rows = fold(sources.readings, sources.rates, since=sources.since)
    roots = roots_of(sources.readings)
    since = int(sources.since.timestamp()) if sources.since else 0
    found: dict[RepoPath, Examined | Unknown] = {
        repo: past
        if isinstance(past, Unknown)
        else examine(past, sources, roots=roots, since=since, progress=progress)
        for repo, past in sources.pasts.items()
    }
    examined = {repo: e for repo, e in found.items() if not isinstance(e, Unknown)}
    followed = [e.followed for e in examined.values()]
    proved = {
        (session, directory): repo
        for directory, repo in sources.guesses.items()
        if repo in examined
        for session in examined[repo].proved
    }
    spend = spend_by_fate(
        rows,
        roots=roots,
        places=sources.places,
        shares={repo: e.shares for repo, e in examined.items()},
        proved=proved,
    )
    landed = Counter[str]()
    for f in followed:
        landed.update(pooled.by_tier(f))
    return Report(
        example=sources.example,
        made_at=frame.stamp(sources.now),
        since=frame.first_day(sources),
        usage=usage_part(rows, sources, roots),
        cost=frame.cost_part(rows, sources),
        work=WorkPart(
            repos=[
                *(_repo_row(repo, e, fewest_others) for repo, e in sorted(found.items())),
                *(
                    _not_examined(place, why)
                    for place, why in sorted(_elsewhere(rows, sources, roots, proved).items())
                ),
            ]
        ),
        worth=_worth(rows, spend, followed),
        rework=_rework(spend, {repo: e.followed for repo, e in examined.items()}),
        detail=_detail(rows, roots, examined),
        coverage=coverage_part(
            rows,
            roots,
            spend,
            sources,
            evidence=(sum(landed[tier] for tier in EVIDENT), sum(landed.values())),
            joined_by=Counter(how for e in examined.values() for how in e.joined_by),
        ),
        notes=frame.notes_of(sources, *_notes(rows, roots, proved, followed)),
    )


def _notes(
    rows: Sequence[Spent],
    roots: Mapping[SessionId, SessionId],
    proved: Mapping[tuple[SessionId, str], RepoPath],
    followed: Sequence[pooled.Followed],
) -> Iterator[str]:
    named = {(roots.get(r.session, r.session), r.directory) for r in rows if isinstance(r.directory, str)}
    moved = len(named & proved.keys())
    if moved:
        yield f"{moved} sessions worked in folders that are not here; what they wrote shows where it landed"
    if any(len(f.changes) for f in followed):
        yield NOT_MATCHED


def _worth(rows: Sequence[Spent], spend: SpendByFate, followed: Sequence[pooled.Followed]) -> WorthPart:
    changes = pooled.by_fate(followed)
    first = min((datetime.fromisoformat(row.day).replace(tzinfo=UTC) for row in rows), default=None)
    standing = pooled.standing_since(followed, int(first.timestamp())) if first else 0
    return WorthPart(
        spend_by_fate={part.value: usd for part, usd in micro_parts(spend.parts).items()},
        changes_by_fate=changes,
        cost_per_standing_change_usd=micro(spend.examined // standing) if standing else NO_STANDING,
        corrected_30d=pooled.corrected(followed),
        hours=frame.NO_HOURS,
    )


def _rework(spend: SpendByFate, followed: Mapping[RepoPath, pooled.Followed]) -> ReworkPart:
    shares = pooled.rework(list(followed.values()))
    return ReworkPart(
        corrective=shares["corrective"],
        adaptive=shares["adaptive"],
        unknown=shares["unknown"],
        spend_on_replaced_usd=spend_on_replaced(spend, followed),
        cost_of_redo_usd=cost_of_redo(spend, followed),
    )


def _detail(
    rows: Sequence[Spent], roots: Mapping[SessionId, SessionId], examined: Mapping[RepoPath, Examined]
) -> DetailPart:
    followed = [e.followed for e in examined.values()]
    curves = pooled.survivals(followed)
    alive: dict[SessionId, int] = {}
    for e in examined.values():
        for session, lines in lines_alive(e.followed, e.sessions).items():
            alive[session] = alive.get(session, 0) + lines
    return DetailPart(
        survival=pooled.figures(curves),
        survival_curve={kind: curve.steps() for kind, curve in curves.items()},
        moved_lines=sum(f.fates.moved_lines for f in followed),
        formatting_lines=sum(f.fates.formatting_lines for f in followed),
        rewriters=pooled.rewritten_by(followed),
        matched_hazard_ratio=_matched(followed),
        tokens_per_surviving_line=tokens_per_line(rows, roots, alive),
    )


def _matched(followed: Sequence[pooled.Followed]) -> Figure:
    """Matched within one history: months and kinds of code of two repositories are not alike."""
    return matched_hazard_ratio(followed[0].fates) if len(followed) == 1 else ONE_REPOSITORY


def _repo_row(repo: RepoPath, found: Examined | Unknown, fewest_others: int) -> RepoRow:
    if isinstance(found, Unknown):
        return _not_examined(repo, found)
    f = found.followed
    tiers = pooled.by_tier(f)
    left_out = [f"{n} paths left out: {why}" for why, n in found.past.facts.left_out.items()]
    return RepoRow(
        path=repo,
        examined=True,
        why="",
        mode=found.past.style.value,
        mode_why=found.past.mode_why,
        commits=int((f.fates.landed_in >= f.first).sum()),
        changes=int(f.rows.sum()),
        ai_changes=int((f.changes.ai & f.rows).sum()),
        landed_lines=sum(tiers.values()),
        landed_by_tier=tiers,
        mine=pooled.of_mine(f) if pooled.others(f) >= fewest_others else FEW_OTHERS,
        caveats=(*found.past.facts.caveats, *left_out),
    )


def _elsewhere(
    rows: Sequence[Spent],
    sources: OwnSources,
    roots: Mapping[SessionId, SessionId],
    proved: Mapping[tuple[SessionId, str], RepoPath],
) -> dict[str, Unknown]:
    """Where else the logs say work was done: folders without a repository, repositories not asked for."""
    places: dict[str, Unknown] = {}
    named = {(roots.get(r.session, r.session), r.directory) for r in rows if isinstance(r.directory, str)}
    for directory in {directory for session, directory in named if (session, directory) not in proved}:
        place = sources.places.get(directory, NOT_LOOKED_FOR)
        if isinstance(place, Unknown):
            places[directory] = place
        elif place not in sources.pasts:
            places[place] = NOT_ASKED_FOR
    return places


def _not_examined(path: str, why: Unknown) -> RepoRow:
    return RepoRow(
        path=path,
        examined=False,
        why=why.why,
        mode="",
        mode_why="",
        commits=0,
        changes=0,
        ai_changes=0,
        landed_lines=0,
        landed_by_tier={},
        mine=NOT_EXAMINED,
        caveats=(),
    )
