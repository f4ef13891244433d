"""Says yes or no for a person."""

import click

from counterfoil.app.agents.console import Console, Refused, said
from counterfoil.app.agents.looking import card_lines, safe_lines
from counterfoil.app.printed import Printed
from counterfoil.app.server.agents.planted import was_planted
from counterfoil.show.exported import written


def run_approve(approval: str, console: Console, *, yes: bool, as_json: bool) -> int:
    """Show the card, ask, and say yes to exactly that."""
    try:
        shown = console.ask("card", approval=approval)
        click.echo(safe_lines(card_lines(shown)), err=True)
        if not yes and not click.confirm("Let it do exactly this, once?", err=True):
            raise click.Abort
        done = console.ask("approve", approval=approval, digest=shown["card"]["digest"])
    except Refused as refused:
        return said(refused, as_json=as_json)
    return done_with(done, as_json=as_json)


def run_deny(approval: str, console: Console, *, reason: str, as_json: bool) -> int:
    """Say no, and why."""
    try:
        done = console.ask("deny", approval=approval, reason=reason)
    except Refused as refused:
        return said(refused, as_json=as_json)
    return done_with(done, as_json=as_json)


def done_with(done: dict[str, object], *, as_json: bool) -> int:
    """Print what was done."""
    printed = Printed()
    if done.get("planted"):
        printed.words(was_planted(str(done["planted"])))
    of, state = done.get("of", done.get("what")), done.get("state", "off" if done.get("off") else "on")
    printed.data(written(done) if as_json else f"{of}: {state}")
    return printed.done(None)
