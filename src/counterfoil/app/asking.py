"""Asks a guarded question of a data directory."""

from collections.abc import Sequence
from pathlib import Path

import click

from counterfoil.app.directory import opened, viewer_of
from counterfoil.app.printed import Printed, terminal
from counterfoil.guard.release import release
from counterfoil.show.asked import answers, answers_json
from counterfoil.terms.ask import Ask
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Level
from counterfoil.terms.period import Period
from counterfoil.terms.release import Refuse

REFUSED = 3


def run_ask(
    metric: str,
    *,
    by: str,
    period: str,
    purpose: str,
    filters: Sequence[str],
    role: str | None,
    data: Path,
    secret: Path | None,
    as_json: bool,
) -> int:
    """Print what came of a question; 3 where every group was refused."""
    try:
        asked_of = Period.parse(period)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--period") from error
    chosen = dict(map(_pair, filters))
    ask = Ask(metric=MetricId(metric), by=Level(by), period=asked_of, purpose=purpose, filters=chosen)
    with opened(data) as g:
        answered = release(g, ask, viewer_of(g, secret, role))
    look = terminal()
    printed = Printed()
    printed.data(
        answers_json(answered)
        if as_json
        else answers(answered, width=look.width, color=look.color, unicode=look.unicode)
    )
    refused = all(isinstance(answer.verdict, Refuse) for answer in answered.answers)
    return printed.done(None, REFUSED if refused else 0)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.BadParameter(f"{text} is no NAME=VALUE, such as unit=team-00001", param_hint="--filter")
    return name, value
