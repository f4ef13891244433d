"""Sessions that made the number up, and honest ones that only look odd: each as its own row of figures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from counterfoil.simulate.company.people import Workload
from counterfoil.simulate.formats.session import (
    Call,
    Prompt,
    ReadFile,
    Request,
    RunCommand,
    Talk,
    Tokens,
    WriteFile,
)
from counterfoil.simulate.histories.talks import CLAUDE, VERSIONS, Talker

FILLER = "write one word"
WORK_BEGINS, LATE = 9.0, 22.0
"""Unit: hours of the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trick:
    """How the sessions of one week look; requests are few enough for a file that a person could open."""

    sessions: int = 1
    requests: int = 20
    gap: float = 40.0
    """Unit: seconds between two requests."""
    jitter: float = 0.5
    """Share of the gap by which it varies; zero for a clock."""
    begins: float = WORK_BEGINS
    """Unit: hours of the day."""
    asks: tuple[str, ...] = ("go on",)
    """What is asked, in turn; the first alone where the agent runs on by itself."""
    alone: bool = False
    """Whether nobody asks after the first time."""
    fresh: int = 900
    cached: int = 40_000
    grows: int = 0
    """Tokens that the context gains with each request."""
    output: int = 800
    model: str = "claude-sonnet-4-5"
    calls: tuple[Call, ...] = ()
    """Made in turn, one for each request."""
    at_once: bool = False
    """Whether its sessions run beside each other."""
    says: str = ""
    daily: bool = False
    """Whether it is spread over the days of the week, one session a day."""


_SAME = tuple(ReadFile(f"shop/basket/part_{n}.py") for n in range(5))
TRICKS: Mapping[str, Trick] = {
    "idle-loop": Trick(requests=160, gap=200, jitter=0, begins=20, asks=("keep going",), alone=True,
                       grows=900, calls=_SAME[:1]),
    "burner": Trick(sessions=2, requests=120, gap=12, jitter=0.02, begins=LATE, asks=(FILLER,), fresh=10_000,
                    cached=0, output=3, says="Word.", at_once=True),
    "pinger": Trick(requests=16, gap=1_800, jitter=0.01, asks=("ping",), fresh=1_200, cached=0, output=4,
                    says="Yes."),
    "false-log": Trick(requests=40, asks=("plan the week",), alone=True, fresh=60_000),
    "rereading": Trick(requests=70, asks=("look at everything again",), alone=True, output=60, calls=_SAME),
    "padded-context": Trick(requests=18, asks=("and now?",), fresh=9_000, cached=120_000, output=300),
    "rephrasing": Trick(requests=12, asks=("how is it rounded", "in which way is it rounded",
                                           "what rounding is there", "say how it rounds"),
                        fresh=3_500, cached=0, output=150, says="It rounds to cents."),
    "splitting": Trick(requests=14, asks=tuple(f"step {n}" for n in range(1, 11)), fresh=2_200, cached=0,
                       output=120, says="Done."),
    "empty-deployment": Trick(requests=12, asks=("deploy it",), gap=400,
                              calls=(RunCommand("deploy --env staging", "already up to date"),)),
    "unread-documents": Trick(requests=16, asks=("document all of it",), output=4_000,
                              calls=tuple(WriteFile(f"docs/part_{n}.md", f"# Part {n}\n") for n in range(8))),
    "deadline": Trick(requests=6, gap=70, begins=17, asks=("hello", "thanks", "anything else?"), fresh=2_500,
                      cached=0, output=90, says="Hello."),
    "discarded": Trick(requests=24, asks=("write a tool", "now another"), output=2_500,
                       calls=(WriteFile("scratch/tool.py", "value = 1\n"),
                              RunCommand("rm -r scratch", ""))),
    "dearest-model": Trick(requests=20, asks=("rename it",), model="claude-opus-4-5", output=400),
    "parallel": Trick(sessions=4, requests=20, asks=("solve the ticket",), alone=True, at_once=True,
                      calls=_SAME[:2]),
    "chatter": Trick(requests=80, gap=25, begins=LATE, asks=("discuss it among you",), alone=True,
                     output=700, says="I agree."),
    "streak": Trick(requests=1, asks=("hi",), fresh=800, cached=0, output=12, says="Hi.", daily=True),
    "shared-account": Trick(sessions=2, requests=8, asks=("go on",), at_once=True),
    "inflated-marks": Trick(requests=6, asks=("format it",), output=200),
    "minimal-use": Trick(requests=1, asks=("ok",), fresh=900, cached=0, output=9, says="Ok."),
    "adaptive": Trick(requests=26, jitter=0.8, asks=("look at the ticket", "try it", "test it"),
                      calls=(*_SAME, RunCommand("pytest -q", "41 passed in 2.0s"))),
}  # fmt: skip
"""By the names of TACTICS."""
ODD_WORK: Mapping[Workload, Trick] = {
    Workload.EVALUATION: Trick(requests=120, gap=20, jitter=0.1, begins=1, asks=("case 1", "case 2"),
                               fresh=4_000, cached=8_000, output=220,
                               calls=(RunCommand("append results.csv", "ok"),)),
    Workload.PIPELINE: Trick(requests=40, gap=600, jitter=0, begins=0.5, asks=("review the request",),
                             output=500, calls=_SAME[:3]),
    Workload.MIGRATION: Trick(requests=60, asks=("move the next module",), alone=True, output=1_800,
                              begins=LATE, calls=_SAME),
    Workload.EXPLORATION: Trick(requests=30, asks=("what if it were a graph", "try the other way"),
                                output=1_500),
    Workload.LEARNER: Trick(requests=25, asks=("explain it", "explain it again"), says="It is a loop."),
    Workload.RUNAWAY: Trick(requests=150, gap=15, asks=("fix the build",), alone=True, begins=21, grows=1_500,
                            calls=(RunCommand("make", "error: no rule"),)),
    Workload.BEST_OF_N: Trick(sessions=5, requests=14, asks=("solve it in your own way",), at_once=True),
    Workload.LARGE_CONTEXT: Trick(requests=20, asks=("read the contract",), cached=300_000, fresh=20_000),
}  # fmt: skip
"""Honest work that a screen by volume accuses; no entry for whoever works at odd hours only."""


def sessions_of(
    trick: Trick, week: datetime, *, random: Random, talker: Talker, directory: str
) -> Iterator[Talk]:
    """The sessions of one week that begins at `week`."""
    days = range(7) if trick.daily else [random.randint(0, 4)] * trick.sessions
    for number, day in enumerate(days):
        apart = 0 if trick.at_once else number * (trick.requests + 5) * trick.gap
        begins = week + timedelta(days=day, hours=trick.begins, seconds=apart + random.randint(0, 600))
        yield Talk(
            id=talker.new_id(),
            directory=directory,
            branch="main",
            version=VERSIONS[CLAUDE],
            turns=tuple(_turns(trick, begins, random)),
        )


def _turns(trick: Trick, at: datetime, random: Random) -> Iterator[Prompt | Request]:
    for number in range(trick.requests):
        if not trick.alone or not number:
            yield Prompt(at, trick.asks[number % len(trick.asks)])
        at += timedelta(seconds=trick.gap * random.uniform(1 - trick.jitter, 1 + trick.jitter))
        call = trick.calls[number % len(trick.calls)] if trick.calls else None
        last = number == trick.requests - 1
        yield Request(
            at=at,
            model=trick.model,
            tokens=Tokens(
                input_uncached=_near(trick.fresh, random),
                cache_read=_near(trick.cached + trick.grows * number, random),
                cache_write=trick.grows,
                output=_near(trick.output, random),
            ),
            says=trick.says or ("Done." if last or call is None else ""),
            calls=() if call is None or last else (call,),
        )


def _near(amount: int, random: Random) -> int:
    return round(amount * random.uniform(0.97, 1.03))
