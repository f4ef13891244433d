"""Makes the report: gathers, asks the guard, hands to show, and remembers the answer."""

import os
import sys
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from counterfoil.app.entry import with_default
from counterfoil.app.gather import gather
from counterfoil.app.memory import Memory
from counterfoil.app.options import ReportOptions
from counterfoil.app.printed import Printed, terminal
from counterfoil.app.progress import Meter
from counterfoil.app.replayed import Watched
from counterfoil.terms.error import StoreError

if TYPE_CHECKING:
    from counterfoil.terms.release import Released
    from counterfoil.terms.report import Report


NOTHING_FOUND = "No request was found in the logs here; this is what the report looks like with some:"


def run_report(options: ReportOptions) -> int:
    """Report, and remember the answer for as long as nothing changes."""
    watched = Watched(with_default(sys.argv[1:]))
    printed = Printed()
    remembers = not (options.no_memory or options.example)
    released = _released(options, watched, remembers=remembers)
    _show(released, options, printed)
    instead = options.or_example and not released.answer.usage.totals.requests
    code = printed.done(watched if remembers and options.html is None and not instead else None)
    if not instead:
        return code
    click.echo(f"\n{NOTHING_FOUND}\n", err=True)
    return run_report(replace(options, or_example=False, example=True))


def report_here() -> "Released[Report]":
    """The report on this machine; the invented one where its logs have no request."""
    found = _released(ReportOptions(), Watched([]), remembers=True)
    if found.answer.usage.totals.requests:
        return found
    return _released(ReportOptions(example=True), Watched([]), remembers=False)


def said(released: "Released[Report]") -> None:
    """Print the first screen of a report, before something else."""
    printed = Printed()
    _show(released, ReportOptions(), printed)
    if released.answer.example:
        printed.words(NOTHING_FOUND)
    printed.done(None)


def _released(options: ReportOptions, watched: Watched, *, remembers: bool) -> "Released[Report]":
    """What the sources say, as far as the guard releases it to whoever runs this."""
    now = datetime.now(UTC)
    with ExitStack() as stack:
        if options.example:
            options = _example(options, stack, now)
        if not remembers:
            watched.never()
        own_logs = remembers and not options.homes and not options.only_usage
        memory = stack.enter_context(Memory(cache=remembers, evidence=own_logs))
        meter = stack.enter_context(Meter())
        sources = gather(options, memory, watched, meter, now=now)
        from counterfoil.guard.own import release_own

        released = release_own(sources, only_usage=options.only_usage, progress=meter)
        memory.watch(watched)
    return released


def _example(options: ReportOptions, stack: ExitStack, now: datetime) -> ReportOptions:
    import tempfile

    from counterfoil.simulate.example.build import build

    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="counterfoil-example-")))
    planted = build(folder, seed=options.seed, until=now)
    return replace(options, homes=(planted.home,), repos=(), me=(*options.me, planted.me.mail))


def _show(released: "Released[Report]", options: ReportOptions, printed: Printed) -> None:
    if options.html is not None:
        from counterfoil.show.page import page

        _write(options.html, page(released))
        printed.words(f"wrote {options.html}")
    if options.as_json:
        from counterfoil.show.exported import as_json

        printed.data(as_json(released))
        return
    from counterfoil.show.terminal import screen, usage_screen

    look = terminal()
    if options.only_usage:
        printed.data(usage_screen(released, width=look.width, color=look.color, unicode=look.unicode))
    else:
        printed.data(
            screen(
                released,
                width=look.width,
                height=look.height,
                color=look.color,
                unicode=look.unicode,
                more=options.more,
            )
        )


def _write(path: Path, text: str) -> None:
    """The whole page or none of it, also when the disk fills up."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        hint = "name a file in a folder that you can write, with room on the disk"
        raise StoreError("page-unwritable", f"can't write {path}", hint=hint) from error
