"""Reads everything a report is made of, on the machine of the person it is about."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from importlib import import_module
from pathlib import Path

from counterfoil.app.memory import Memory
from counterfoil.app.options import ReportOptions
from counterfoil.app.period import since
from counterfoil.app.progress import Meter
from counterfoil.app.replayed import Watched
from counterfoil.collect.git.find import find, roots
from counterfoil.collect.rates.card import rate_card
from counterfoil.collect.rates.listed import load_list
from counterfoil.collect.registry import KEEP_LONGER, LOGS
from counterfoil.collect.scan import folders_of, read
from counterfoil.collect.source import USAGE_ONLY, Source, Want
from counterfoil.terms.absent import Unknown
from counterfoil.terms.batch import distinct
from counterfoil.terms.error import CounterfoilError, SourceError
from counterfoil.terms.history import MergeStyle, Past
from counterfoil.terms.ids import MicroUsd, RepoPath, SourceId
from counterfoil.terms.mark import Committed, Written
from counterfoil.terms.own import Bill, OwnSources
from counterfoil.terms.rate import RateCard
from counterfoil.terms.reading import Reading

# What only some reports need is imported where it is needed: usage alone must not wait for it.

KEY_SLACK_DAYS = 3
"""Lines that landed longer than this before the first written line are not hashed: no session wrote them."""
MOST_A_MONTH = 1_000_000_000
"""No plan costs more.

Unit: dollars.
"""
DAYS_A_MONTH = Decimal("30.4375")
NEVER = 1 << 40
"""Unit: seconds since 1970; later than any commit."""


def gather(
    options: ReportOptions, memory: Memory, watched: Watched, meter: Meter, *, now: datetime
) -> OwnSources:
    """Every source of one person's report.

    Raises: CounterfoilError where an argument names something that can't be read.
    """
    start = _start(options.since, now)
    want = USAGE_ONLY if options.only_usage else Want(memory.line_key)
    readings, remembered = read_logs(
        options.homes,
        options.tables,
        want,
        memory,
        watched,
        meter,
        now=now,
        meanwhile=partial(_ahead, options),
    )
    card = _card(options, readings, watched)
    places = _places(readings, options, watched)
    pasts = {} if options.only_usage else _pasts(options, places, readings, memory, watched, meter)
    return OwnSources(
        readings=readings,
        remembered=remembered,
        rates=card,
        bill=_bill(options, readings, start, watched, now),
        places=places,
        guesses=_guesses(readings, places, list(pasts)),
        pasts=pasts,
        aliases={repo: roots(repo) for repo in pasts},
        since=start,
        now=now,
        example=options.example,
        notes=[] if options.example else [*_retention(readings)],
    )


def _ahead(options: ReportOptions) -> None:
    """Load what is needed once the logs are read, while another process reads them already.

    Not numpy: it starts threads, and the next source may have to fork.
    """
    import_module("counterfoil.guard.own")
    import_module("counterfoil.show.exported" if options.as_json else "counterfoil.show.terminal")
    load_list()


def _card(options: ReportOptions, readings: Sequence[Reading], watched: Watched) -> RateCard:
    own = None
    if options.rates:
        from counterfoil.collect.rates.own import read_own_rates

        own = read_own_rates(_watched(options.rates, watched))
    from counterfoil.guard.own import wanted_rates

    return rate_card(wanted_rates(readings), own=own)


def _start(text: str | None, now: datetime) -> datetime | None:
    if text is None:
        return None
    try:
        return since(text, now=now)
    except ValueError as error:
        hint = "write --since 30d, 2w or 2026-11-01"
        raise SourceError("no-such-period", f"{text!r} is no start of a period", hint=hint) from error


def _watched(path: Path, watched: Watched) -> Path:
    watched.file(str(path))
    return path


def read_logs(
    homes: Sequence[Path],
    tables: Sequence[Path],
    want: Want,
    memory: Memory,
    watched: Watched,
    meter: Meter,
    *,
    now: datetime,
    meanwhile: Callable[[], None] | None = None,
) -> tuple[list[Reading], dict[SourceId, int]]:
    """What every tool's logs say, with what only memory has left, and how many requests that is.

    Raises: SourceError where a home or a table that was named is not there.
    """
    _there(homes, tables)
    sources: list[Source] = [*LOGS]
    if tables:
        from counterfoil.collect.table import Table

        sources.append(Table(tuple(_watched(path, watched) for path in tables)))
    readings, remembered = [], {}
    for source in sources:
        for folder in folders_of(source, homes or None):
            watched.tree(str(folder))
        reading = read(
            source,
            homes=homes or None,
            want=want,
            now=now,
            remembered=memory.cache,
            progress=partial(meter, f"reading {source.id}"),
            meanwhile=meanwhile,
        )
        # A table is its owner's to keep: what it said before is not mixed with what it says now.
        deletes = source in LOGS
        joined, only_remembered = memory.joined(reading) if deletes else (reading, 0)
        readings.append(joined)
        remembered[source.id] = only_remembered
    return readings, remembered


def _there(homes: Iterable[Path], tables: Iterable[Path]) -> None:
    for home in homes:
        if not home.is_dir():
            hint = "name a folder that holds .claude, .codex or .gemini"
            raise SourceError("no-home", f"{home} is no folder", hint=hint)
    for table in tables:
        if not table.exists():
            hint = "give a readable file to --table"
            raise SourceError("no-table", f"can't read {table}", hint=hint)


def _retention(readings: Iterable[Reading]) -> Iterator[str]:
    """For each tool that deletes its logs: when, and how to keep what they say."""
    for reading in readings:
        days = reading.retention_days
        if reading.counts.files and isinstance(days, int) and reading.source in KEEP_LONGER:
            yield (
                f"{reading.source} deletes its own logs after {days} days. To keep them longer, "
                f"{KEEP_LONGER[reading.source]}; or run `counterfoil collect` from a SessionEnd hook, "
                "which remembers sessions, times, token counts and keyed line hashes, and no text."
            )


@dataclass(frozen=True, slots=True)
class WrittenIn:
    """What sessions wrote and committed in one repository."""

    written: Sequence[Written]
    committed: Sequence[Committed]
    roots: Sequence[str]
    first: int
    """From when on landed lines can be theirs. Unit: seconds since 1970."""


def written_in(
    repo: RepoPath, homes: Sequence[Path], memory: Memory, watched: Watched, meter: Meter, *, now: datetime
) -> WrittenIn:
    """What every tool's sessions wrote in one repository."""
    readings, _ = read_logs(homes, (), Want(memory.line_key), memory, watched, meter, now=now)
    return WrittenIn(
        written=[w for r in readings for w in r.written if find(w.directory) == repo],
        committed=[c for r in readings for c in r.committed if find(c.directory) == repo],
        roots=roots(repo),
        first=_first_written(readings),
    )


def _first_written(readings: Iterable[Reading]) -> int:
    first = min((w.at for reading in readings for w in reading.written), default=None)
    return NEVER if first is None else int(first.timestamp()) - KEY_SLACK_DAYS * 86_400


def _places(
    readings: Iterable[Reading], options: ReportOptions, watched: Watched
) -> dict[str, RepoPath | Unknown]:
    named: set[str] = set()
    for reading in readings:
        for batch in reading.usage:
            named |= {d for d in distinct(batch.columns["directory"]) if isinstance(d, str)}
        named |= {directory for session in reading.sessions for directory in session.directories}
    for directory in named:
        _watch_place(directory, watched)
    return {directory: find(directory) for directory in sorted(named)}


def _guesses(
    readings: Iterable[Reading], places: Mapping[str, RepoPath | Unknown], repositories: Sequence[RepoPath]
) -> dict[str, RepoPath]:
    """Which repository each folder that is gone, or was on another machine, may have been."""
    if not repositories:
        return {}
    from counterfoil.collect.git.likely import addresses, guessed

    stated = {
        directory: session.repository if isinstance(session.repository, str) else None
        for reading in readings
        for session in reading.sessions
        for directory in session.directories
        if isinstance(places.get(directory), Unknown)
    }
    return guessed(sorted(stated.items()), repositories, {repo: addresses(repo) for repo in repositories})


def _watch_place(directory: str, watched: Watched) -> None:
    """What decides to which repository a folder belongs: itself, and a `.git` in it or above it."""
    watched.file(directory)
    for folder in (Path(directory), *Path(directory).parents):
        watched.file(str(folder / ".git"))


def _repositories(options: ReportOptions, places: Mapping[str, RepoPath | Unknown]) -> list[RepoPath]:
    """Those asked for; else those that the logs name and the current one."""
    asked = [(path, find(str(path.absolute()))) for path in options.repos]
    for path, place in asked:
        if isinstance(place, Unknown):
            raise SourceError(
                "no-repository", f"{path}: {place.why}", hint="name a folder inside a git repository"
            )
    if asked:
        return list(dict.fromkeys(place for _, place in asked if not isinstance(place, Unknown)))
    here = find(str(Path.cwd()))
    found = [*places.values(), *([] if options.homes or options.example else [here])]
    return list(dict.fromkeys(place for place in found if not isinstance(place, Unknown)))


def _pasts(
    options: ReportOptions,
    places: Mapping[str, RepoPath | Unknown],
    readings: Sequence[Reading],
    memory: Memory,
    watched: Watched,
    meter: Meter,
) -> dict[RepoPath, Past | Unknown]:
    from counterfoil.collect.git.identity import my_emails
    from counterfoil.collect.git.open import open_past

    repositories = _repositories(options, places)
    me = my_emails(repositories, options.me)
    pasts: dict[RepoPath, Past | Unknown] = {}
    for number, repo in enumerate(repositories):
        meter("opening repositories", number, len(repositories))
        try:
            past = open_past(
                repo,
                me=me,
                line_key=memory.line_key,
                keys_since=_first_written(readings),
                style=MergeStyle(options.mode) if options.mode else None,
                memory=memory.cache,
                purpose="report",
                at_once=len(repositories) == 1,
            )
        except CounterfoilError as error:
            if options.repos:
                raise
            pasts[repo] = Unknown(error.message)
            continue
        watched.repository(past.git_dir)
        pasts[repo] = past
    return pasts


def _bill(
    options: ReportOptions,
    readings: Iterable[Reading],
    start: datetime | None,
    watched: Watched,
    now: datetime,
) -> Bill:
    if options.bill is not None:
        from counterfoil.collect.focus import bill_of, fetch

        return bill_of(fetch(_watched(options.bill, watched)), since=start, name=options.bill.name)
    if options.plan is None:
        return Bill(paid=Unknown("nobody stated what is paid; see --plan and --bill"), basis="")
    try:
        monthly = Decimal(options.plan.lstrip("$"))
    except InvalidOperation:
        monthly = Decimal("NaN")
    if not monthly.is_finite() or not 0 <= monthly <= MOST_A_MONTH:
        hint = "write --plan 200 for 200 dollars a month"
        raise SourceError("no-such-plan", f"{options.plan!r} is no amount of dollars", hint=hint)
    first = start or min((a for r in readings for b in r.usage for a in b.columns["at"]), default=now)
    days = max((now - first).days, 1)
    paid = MicroUsd(int(monthly * 1_000_000 * days / DAYS_A_MONTH))
    return Bill(paid=paid, basis=f"a plan of ${monthly} a month over {days} days")
