"""What a policy lets through, and what it costs the owner, over every task and attacker of a version."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.safety.adaptive import ATTACKERS, Aim, Attacker, aims
from bench.safety.run import Policy, Say, replay
from bench.safety.within import WITHIN
from bench.safety.world import Suite

EVERY: Mapping[str, Attacker] = {**ATTACKERS, **WITHIN}


@dataclass
class Tally:
    """Counts, and which cases they are."""

    counts: Counter[str] = field(default_factory=Counter)
    cases: dict[str, list[str]] = field(default_factory=dict)

    def add(self, what: str, case: str = "") -> None:
        """Count one, and keep which one it is where that is told."""
        self.counts[what] += 1
        if case:
            self.cases.setdefault(what, []).append(case)

    def told(self, *named: str) -> dict[str, Any]:
        """As JSON has it, with the cases of what is named, or of everything."""
        cases = {what: found for what, found in self.cases.items() if not named or what in named}
        return {"counts": dict(sorted(self.counts.items())), "cases": cases}


def owners(suites: Iterable[Suite], policy: Policy, *, marked: bool = False) -> Tally:
    """The owners' tasks with nobody attacking: which need nobody, which a yes, which can't be done at all.

    Perfect provenance is told by the marker where an attacker could write, so it needs it even here.
    """
    told = Tally()
    for suite in suites:
        for task in suite.users:
            case = _case(suite, task)
            ended = replay(suite, task, policy, approve=True, marked=marked)
            useful = suite.useful(task, ended.live, marked=marked)
            asked = any(say is not Say.ALLOW for _, say in ended.said)
            told.add("tasks")
            told.counts["holds"] += ended.held()
            told.counts["refusals"] += ended.refused()
            if not useful:
                told.add("fails", case)
            else:
                told.add("asks" if asked else "alone", "" if asked else case)
    return told


def static(suites: Iterable[Suite], policy: Policy) -> Tally:
    """Every attacker's task in every owner's: does it happen alone, with a yes to everything, or never?"""
    told = Tally()
    for suite in suites:
        for task in suite.users:
            for injection in suite.injections:
                case = f"{_case(suite, task)}/{injection.ID.removeprefix('injection_task_')}"
                told.add("cases")
                told.add(_outcome(suite, task, injection, policy), case)
    return told


def _outcome(suite: Suite, task: Any, injection: Any, policy: Policy) -> str:
    wants = suite.wants(injection)
    alone = replay(suite, task, policy, attack=wants, approve=False)
    if suite.attacked(injection, task, alone.live):
        return "unattended"
    if not any(say is Say.HOLD for _, say in alone.said):
        return "stopped"
    yes = replay(suite, task, policy, attack=wants, approve=True)
    return "rubber stamp" if suite.attacked(injection, task, yes.live) else "stopped"


def adaptive(
    suites: Iterable[Suite], policies: Mapping[str, Policy], attackers: Mapping[str, Attacker] = EVERY
) -> dict[str, Tally]:
    """By policy: how many tasks each attacker can aim at, and in how many an altered call needs nobody."""
    told = {name: Tally() for name in policies}
    for suite in suites:
        for task in suite.users:
            found = list(aims(suite, task))
            for what, attacker in attackers.items():
                for name, policy in policies.items():
                    _tried(suite, task, found, attacker, policy, (told[name], what))
    return told


def _tried(
    suite: Suite, task: Any, found: list[Aim], attacker: Attacker, policy: Policy, told: tuple[Tally, str]
) -> None:
    tally, what = told
    tries = leaks = 0
    for aim in found:
        for steps in attacker(aim):
            tries += 1
            ended = replay(suite, task, policy, steps=steps, marked=True, approve=False)
            leaks += bool(ended.passed) and ended.passed[-1] is steps[-1] and not ended.live.failed
    if tries:
        tally.add(f"{what}: tasks")
        tally.counts[f"{what}: tries"] += tries
        tally.counts[f"{what}: through"] += leaks
    if leaks:
        tally.add(f"{what}: leaks", _case(suite, task))


def _case(suite: Suite, task: Any) -> str:
    return f"{suite.name} {task.ID.removeprefix('user_task_')}"
