"""Whether the labels are sound: what gives out an attacker's words never counts as trusted."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from bench.safety.adaptive import values_in
from bench.safety.manifest import tools
from bench.safety.run import plain
from bench.safety.world import MARKER, Step, Suite
from counterfoil.agents.taint.seen import fits
from counterfoil.terms.label import Integrity

MOST = 40
"""Different calls of one tool that are tried in one suite."""


def unsound(suites: Iterable[Suite]) -> Iterator[str]:
    """Every field that gives the marker out although its label vouches for it, in words."""
    for suite in suites:
        known, found = tools(suite.name), set[str]()
        for step, path in _marked(suite):
            tool = known[step.tool]
            if tool.output is not Integrity.UNTRUSTED or any(fits(typed, path) for typed in tool.typed):
                found.add(f"{suite.name}: {step.tool} vouches for {'.'.join(path) or 'its answer'}")
        yield from sorted(found)


def giving(suites: Iterable[Suite]) -> list[str]:
    """The tools that gave the marker out, so that the check can be seen to have looked."""
    return sorted({f"{suite.name}/{step.tool}" for suite in suites for step, _ in _marked(suite)})


def _marked(suite: Suite) -> Iterator[tuple[Step, tuple[str, ...]]]:
    """Each call that gives the marker out, with the path where it stands; keys of maps are values too."""
    for step in (*_made(suite), *_others(suite)):
        live = suite.live(suite.users[0], marked=True)
        value, _ = live.carry_out(step)
        answer = plain(value)
        keys = [(("key",), MARKER)] if MARKER in str(_keys(answer)) else []
        yield from ((step, path) for path, text in (*values_in(answer), *keys) if MARKER in text)


def _made(suite: Suite) -> Iterator[Step]:
    """The calls of the owners' tasks."""
    for task in suite.users:
        yield from suite.steps(task, marked=True)


def _others(suite: Suite) -> Iterator[Step]:
    """Every tool of a suite with every thing of its world in each argument, and with the marker itself."""
    live = suite.live(suite.users[0], marked=True)
    things = list(
        dict.fromkeys(text for _, text in values_in(live.env.model_dump(mode="json")) if len(text) < 60)
    )
    for function in suite.suite.tools:
        names = list(function.parameters.model_fields)
        if not names:
            yield Step(function.name, {})
        for thing in islice(things, MOST) if names else ():
            fields = function.parameters.model_fields
            yield Step(function.name, {name: _like(fields[name].annotation, thing) for name in names})


def _like(kind: Any, thing: str) -> Any:
    """A thing as an argument of a kind; numbers stay small."""
    told = str(kind)
    if "list" in told:
        return [thing]
    return 100 if "int" in told else 1.0 if "float" in told else True if "bool" in told else thing


def _keys(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*map(str, value), *(key for one in value.values() for key in _keys(one))]
    return [key for one in value for key in _keys(one)] if isinstance(value, list) else []
