"""The worlds that AgentDojo invents, with a marker wherever an attacker can write, and their calls."""

import pickle
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from agentdojo.agent_pipeline.tool_execution import tool_result_to_str
from agentdojo.functions_runtime import FunctionCall, FunctionsRuntime
from agentdojo.task_suite.load_suites import get_suites
from agentdojo.types import text_content_block_from_string

from bench.safety.own import OWN

MARKER = "zqx7marker"
VERSIONS = ("v1.1.2", "v1.2.2")


@dataclass(frozen=True)
class Step:
    """One call that somebody wants made."""

    tool: str
    args: Mapping[str, Any]
    attack: bool = False


@dataclass
class Live:
    """A world in which calls are being carried out."""

    env: Any
    runtime: FunctionsRuntime
    done: list[FunctionCall] = field(default_factory=list)

    failed: bool = False
    """Whether the last call did nothing but fail."""

    def carry_out(self, step: Step) -> tuple[Any, str]:
        """What the call gave, as a value and as the text that an agent would read."""
        value, error = self.runtime.run_function(self.env, step.tool, dict(step.args))
        self.done.append(FunctionCall(function=step.tool, args=dict(step.args)))
        self.failed = error is not None
        return value, error or tool_result_to_str(value)


@dataclass(frozen=True)
class Suite:
    """One suite in one version."""

    name: str
    suite: Any

    @cached_property
    def _frozen(self) -> dict[bool, bytes]:
        load = self.suite.load_and_inject_default_environment
        marked = dict.fromkeys(self.suite.get_injection_vector_defaults(), MARKER)
        return {False: pickle.dumps(load({})), True: pickle.dumps(load(marked))}

    @cached_property
    def _started(self) -> dict[tuple[str, bool], bytes]:
        return {}

    def live(self, task: Any, *, marked: bool) -> Live:
        """A fresh world, as the task wants it at its beginning."""
        return Live(self.before(task, marked=marked), FunctionsRuntime(self.suite.tools))

    def before(self, task: Any, *, marked: bool) -> Any:
        """The environment before anything happens."""
        place = task.ID, marked
        if place not in self._started:
            env = task.init_environment(pickle.loads(self._frozen[marked]))
            self._started[place] = pickle.dumps(env)
        return pickle.loads(self._started[place])

    @property
    def users(self) -> list[Any]:
        """The owners' tasks."""
        return list(self.suite.user_tasks.values())

    @property
    def injections(self) -> list[Any]:
        """The attackers' tasks that act; one task in all of them only wants something said."""
        return [task for task in self.suite.injection_tasks.values() if self.wants(task) is not None]

    def steps(self, task: Any, *, marked: bool) -> list[Step]:
        """The calls that solve the owner's task."""
        calls = task.ground_truth(self.before(task, marked=marked))
        return [Step(call.function, dict(call.args)) for call in calls]

    def wants(self, injection: Any) -> Callable[[Any, Any], list[Step]] | None:
        """What makes the attacker's calls, from the world at that moment and as it was before."""
        own = OWN.get((self.name, injection.ID))
        if calls := injection.ground_truth(pickle.loads(self._frozen[True])):
            made = [Step(call.function, dict(call.args), attack=True) for call in calls]
            return lambda now, before: made
        if own is None:
            return None
        return lambda now, before: [Step(tool, args, attack=True) for tool, args in own(now, before)]

    def useful(self, task: Any, live: Live, *, marked: bool) -> bool:
        """Is the owner's task solved?"""
        return self._judged(task, live, self.before(task, marked=marked), task.GROUND_TRUTH_OUTPUT)

    def attacked(self, injection: Any, task: Any, live: Live) -> bool:
        """Did the attacker get what they wanted?"""
        return self._judged(injection, live, self.before(task, marked=True), "")

    def _judged(self, task: Any, live: Live, before: Any, said: str) -> bool:
        words = [text_content_block_from_string(said)]
        try:
            return bool(self.suite._check_task_result(task, words, before, live.env, live.done))
        except (KeyError, IndexError, ValueError, AttributeError):
            return False


def suites(version: str) -> Iterator[Suite]:
    """Every suite of a version."""
    for name, suite in get_suites(version).items():
        yield Suite(name, suite)
