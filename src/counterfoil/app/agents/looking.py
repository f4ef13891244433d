"""Prints what there is of agents: one's own, their runs, what waits, and how the process stands."""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from counterfoil.app.agents.console import Console, Refused, said
from counterfoil.app.printed import Printed
from counterfoil.app.server.agents.planted import planted
from counterfoil.show.exported import written
from counterfoil.show.words import safe
from counterfoil.terms.effect import RunState

FINDING = 1
LOOK_SECONDS = 0.3
UNDER_WAY = {RunState.QUEUED, RunState.RUNNING}
"""A run that waits for a person has come as far as it can by itself."""
Told = Mapping[str, Any]


def run_list(console: Console, *, as_json: bool) -> int:
    """Print one's own agents and what waits for one's yes; as the operator, counts."""
    try:
        health = console.ask("health")
        told = {"process": health, **_mine(console)}
    except Refused as refused:
        return said(refused, as_json=as_json)
    printed = Printed()
    printed.data(written(told) if as_json else safe_lines(_listed(told)))
    return printed.done(None)


def run_show(name: str, console: Console, *, as_json: bool) -> int:
    """Print an agent of one's own, a run of one, or the card of what waits, by its name."""
    try:
        told = _found(console, name)
    except Refused as refused:
        return said(refused, as_json=as_json)
    printed = Printed()
    printed.data(written(told) if as_json else safe_lines(_shown(told)))
    return printed.done(None)


def run_by_hand(name: str, say: str, console: Console, *, as_json: bool) -> int:
    """Begin a run and wait until it has ended, or waits for a person, saying how far it is."""
    try:
        run = console.ask("begin", agent=name, said=say)["of"]
        state, steps = "", 0
        while True:
            told = console.ask("run", run=run)
            steps = _progress(told, steps)
            state = told["run"]["state"]
            if state not in UNDER_WAY:
                break
            time.sleep(LOOK_SECONDS)
    except Refused as refused:
        return said(refused, as_json=as_json)
    printed = Printed()
    printed.data(written(told) if as_json else safe_lines(_run(told)))
    return printed.done(None, 0 if state == RunState.DONE else FINDING)


def safe_lines(lines: Iterator[str]) -> str:
    """Lines without what a terminal would do instead of showing."""
    return "\n".join(safe(line) for line in lines)


def card_lines(shown: Told) -> Iterator[str]:
    """A card, as a person reads it before saying yes."""
    card = shown["card"]
    yield f"{card['agent']} wants to use {card['tool']}, which {card['does']}."
    yield f"It asks since: {card['why']}  ({card['clause']})"
    yield f"Its cause: {card['cause'] or 'none'}"
    for line in card["lines"]:
        yield f"  {line['name']}{' (where it goes)' if line['is_where'] else ''}: {line['value']}"
        yield from (f"    {piece['text'][:200]!r}: {piece['comes']}" for piece in line["pieces"])
    yield f"{card['undone']} It waits until {card['expires'][:16]}."
    yield from _planted(shown)
    yield f"approval {card['approval']}, exactly {card['digest'][:16]}"


def _planted(told: Told) -> Iterator[str]:
    """What is measured of those who answer, where anything is."""
    yield from filter(None, [planted(told["planted_one_in"])])


def _mine(console: Console) -> Told:
    if console.secret is None:
        return {"counts": console.ask("counts"), "stops": console.ask("stops")}
    return {
        "agents": console.ask("agents"),
        "waiting": console.ask("waiting"),
        "stops": console.ask("stops"),
    }


def _listed(told: Told) -> Iterator[str]:
    process = told["process"]
    yield "the server is heard" if process["live"] else f"no agent does anything: {process['trouble']}"
    if process["same_user"]:
        yield "agents run as the same user as the server: nothing but this program keeps them from its data"
    for name, value in told.get("counts", {}).items():
        if value is not None and name != "attention":
            yield f"{name.replace('_', ' ')}: {value}"
    for agent in told.get("agents", ()):
        marks = "  scripted" * agent["scripted"] + "  switched off" * agent["is_stopped"]
        yield f"{agent['id']}: {agent['purpose']}{marks}  ({agent['waiting']} waiting)"
    waiting = told.get("waiting", {"as_owner": (), "as_other": (), "planted_one_in": 0})
    for one in (*waiting["as_owner"], *waiting["as_other"]):
        yield f"waits: {one['approval']}  {one['agent']} {one['tool']}: {one['why']}"
    yield from _planted(waiting)
    yield from (f"off: {stop['what']}  {stop['why']}" for stop in told["stops"])


def _found(console: Console, name: str) -> Told:
    """What is called that: an agent, a run, or something that waits."""
    tried: Refused | None = None
    for question, argument in (("agent", "agent"), ("run", "run"), ("card", "approval")):
        try:
            found: Told = console.ask(question, **{argument: name})
        except Refused as refused:
            tried = tried or refused
        else:
            return found
    raise tried or Refused("no-such-agent", "there is nothing of that name", hint="see the list")


def _shown(told: Told) -> Iterator[str]:
    if "card" in told:
        yield from card_lines(told)
    elif "run" in told:
        yield from _run(told)
    else:
        yield from _agent(told)


def _agent(told: Told) -> Iterator[str]:
    yield f"{told['id']}, version {told['version']}, under the ceilings {', '.join(told['ceilings'])}"
    for grant in told["grants"]:
        until = f" until {grant['until']}" if grant["until"] else ""
        yield f"  may {grant['tool']} to {', '.join(grant['to']) or 'nowhere in particular'}{until}"
    for rule in told["standing"]:
        often = f"{rule['per_day']} a day until {rule['until']}"
        yield f"  stands: {rule['tool']} to {', '.join(rule['to'])}, {often}"
    for name, spent in (("today", told["today"]), ("this month", told["month"])):
        least = "at least " if spent["is_floor"] else ""
        yield f"  {name}: {least}{_usd(spent['spent'])} of {_usd(spent['may'])}"
    yield from (f"  off: {stop['what']}  {stop['why']}" for stop in told["stops"])
    yield from told["definition"].splitlines()


def _run(told: Told) -> Iterator[str]:
    run = told["run"]
    least = "at least " if run["is_floor"] else ""
    yield f"{run['id']}: {run['state']}  {least}{_usd(run['spent'])}  {run['why']}"
    yield from map(_step, told["steps"])
    for effect in told["effects"]:
        fate = told["fates"].get(effect["key"], "")
        yield f"  did {effect['tool']} to {', '.join(effect['to'])}: {effect['state']} {fate}"
    if told["said"]:
        yield f"  its last words, which prove nothing: {told['said']}"


def _step(step: Told) -> str:
    asks = f" ({step['clause']})" if step["clause"] else ""
    return (
        f"  {step['number']}. {step['tool'] or step['kind']}: {step['verdict']}{asks} {step['why']}".rstrip()
    )


def _progress(told: Told, before: int) -> int:
    """Say the steps that came since; how many there are."""
    steps: Sequence[Told] = told["steps"]
    for step in steps[before:]:
        sys.stderr.write(safe(_step(step)) + "\n")
    sys.stderr.flush()
    return len(steps)


def _usd(micro: int) -> str:
    return f"{micro / 1_000_000:.2f} USD"
