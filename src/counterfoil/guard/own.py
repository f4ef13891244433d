"""Releases a person's own figures to that person, on that person's own machine."""

from collections.abc import Iterable, Sequence

from counterfoil.measure.worth import usage
from counterfoil.measure.worth.frame import usage_report_of
from counterfoil.terms.history import Past
from counterfoil.terms.mark import Committed, Written
from counterfoil.terms.own import OwnSources, Progress
from counterfoil.terms.reading import Reading
from counterfoil.terms.release import Released
from counterfoil.terms.report import Report
from counterfoil.terms.trace import TracedFile

FEWEST_OTHERS = 5
"""With fewer other authors, what is not the runner's own would be the work of people one can name."""
OWN = (
    "own-data: the logs and repositories of the person who runs this, on that person's machine; "
    "all other people are one group, and no order, score or name of a person is computed"
)


def wanted_rates(readings: Iterable[Reading]) -> set[tuple[str, str, str]]:
    """The (source, model, day) triples whose prices a report will need; no figure leaves by this."""
    return usage.wanted_rates(readings)


def release_own(sources: OwnSources, *, only_usage: bool, progress: Progress) -> Released[Report]:
    """The report of the person who runs it.

    What is the runner's own is told apart from what is not only where at least five others wrote.
    """
    if only_usage:
        return Released(usage_report_of(sources), OWN)
    # Numbers over lines need numpy, which a report on usage alone must not wait for.
    from counterfoil.measure.worth.report import report_of

    return Released(report_of(sources, fewest_others=FEWEST_OTHERS, progress=progress), OWN)


def release_trace(
    past: Past,
    written: Sequence[Written],
    committed: Sequence[Committed],
    *,
    roots: Sequence[str],
    file: str | None,
) -> Released[Sequence[TracedFile]]:
    """Where each line of a repository comes from; no author is in it.

    Raises: SourceError where the file is not in that revision.
    """
    from counterfoil.measure.worth.traced import traced

    return Released(traced(past, written, committed, roots=roots, file=file), OWN)
