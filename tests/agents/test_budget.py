"""No run, day or month spends more than it has, whoever spends it, however many at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from agents.kept import ANNA, CEILING, NOON, SOME, TRIAGE, World, cleared, refused
from counterfoil.agents.budget import Reservation
from counterfoil.agents.recovery import unconfirmed
from counterfoil.store.agents.granted import Enrolled
from counterfoil.terms.agent import AgentId, Budget, RunId
from counterfoil.terms.effect import Run, RunState
from counterfoil.terms.ids import MicroUsd
from counterfoil.terms.release import Refuse
from counterfoil.terms.tool import EffectClass
from guard.acting.calls import REQUEST, call, grant, tool

RUN = RunId("run-1")
MODEL = tool(EffectClass.ASK, connector="model", name="complete")
WHERE = "anthropic:claude-x@eu"


def run(name: str, *, parent: str = "", agent: AgentId = TRIAGE) -> Run:
    return Run(
        id=RunId(name),
        agent=agent,
        owner=ANNA,
        version=1,
        cause=REQUEST,
        state=RunState.RUNNING,
        began=NOON,
        ended=None,
        spent=MicroUsd(0),
        spent_is_floor=False,
        parent=RunId(parent) if parent else None,
    )


def reserved(w: World, most: int, name: str = "run-1", agent: AgentId = TRIAGE) -> Reservation:
    got = w.gate.spending.reserve(RunId(name), agent, MicroUsd(most))
    assert isinstance(got, Reservation), got
    return got


def spent(w: World, name: str = "run-1") -> dict[str, int]:
    return {scope: one.spent for scope, one in w.gate.spending.spent(RunId(name), TRIAGE).items()}


def test_what_is_reserved_is_gone_until_it_is_booked(w: World) -> None:
    assert not isinstance(w.gate.spending.begin_run(run("run-1")), Refuse)
    one = reserved(w, 900_000)
    assert refused(w.gate.spending.reserve(RUN, TRIAGE, MicroUsd(200_000))) == "over-budget"
    w.gate.spending.book(one, MicroUsd(100_000))
    w.gate.spending.book(one, MicroUsd(100_000))
    reserved(w, 900_000)
    assert spent(w)["run:run-1"] == 100_000


def test_each_of_the_three_holds_for_itself(w: World) -> None:
    for number in range(5):
        w.gate.spending.begin_run(run(f"run-{number}"))
        w.gate.spending.book(reserved(w, 1_000_000, f"run-{number}"), MicroUsd(1_000_000))
    sixth = w.gate.spending.reserve(RunId("run-6"), TRIAGE, MicroUsd(1))
    assert isinstance(sixth, Refuse) and sixth.why.startswith("This day")
    w.clock.on(days=1)
    reserved(w, 1, "run-6")


def test_a_ceiling_takes_away_and_no_ceiling_leaves_nothing(w: World) -> None:
    small = replace(CEILING, budget=Budget(run=MicroUsd(5), day=MicroUsd(50), month=MicroUsd(50)))
    w.lifeline.tell(ceilings=[CEILING, small])
    assert isinstance(w.gate.spending.reserve(RUN, TRIAGE, MicroUsd(6)), Refuse)
    reserved(w, 5)
    w.lifeline.tell(ceilings=[])
    assert isinstance(w.gate.spending.reserve(RunId("r2"), TRIAGE, MicroUsd(1)), Refuse)


def test_delegates_spend_from_the_run_that_delegated(w: World) -> None:
    helper = AgentId("helper")
    w.gate.enrolment.enrol(Enrolled(id=helper, owner=ANNA, budget=SOME), ())
    for one in (run("run-1"), run("sub", parent="run-1", agent=helper), run("subsub", parent="sub")):
        assert not isinstance(w.gate.spending.begin_run(one), Refuse)
    assert isinstance(w.gate.spending.begin_run(run("orphan", parent="gone")), Refuse)
    assert isinstance(w.gate.spending.begin_run(run("sub")), Refuse)
    w.gate.spending.book(reserved(w, 600_000, "sub", helper), MicroUsd(600_000))
    assert isinstance(w.gate.spending.reserve(RUN, TRIAGE, MicroUsd(500_000)), Refuse)
    assert isinstance(w.gate.spending.reserve(RunId("subsub"), TRIAGE, MicroUsd(500_000)), Refuse)
    assert spent(w)[f"day:{TRIAGE}:2026-11-26"] == 600_000


def test_a_model_without_a_price_makes_the_sum_a_floor(w: World) -> None:
    w.gate.spending.begin_run(run("run-1"))
    one = w.gate.spending.reserve(RUN, TRIAGE, None)
    assert isinstance(one, Reservation)
    w.gate.spending.book(one, None)
    (known,) = w.gate.spending.runs()
    assert known.spent_is_floor and known.spent == 0
    w.gate.spending.book(reserved(w, 1_000_000), MicroUsd(1_000_000))
    assert isinstance(w.gate.spending.reserve(RUN, TRIAGE, None), Refuse)


def test_what_a_dead_process_had_reserved_is_spent(w: World) -> None:
    w.gate.spending.begin_run(run("run-1"))
    reserved(w, 700_000)
    w.again()
    assert spent(w)["run:run-1"] == 700_000
    assert w.gate.spending.runs(TRIAGE)[0].spent_is_floor


def test_fifty_at_once_spend_no_more_than_there_is(w: World) -> None:
    with ThreadPoolExecutor(16) as pool:
        got = list(pool.map(lambda _: w.gate.spending.reserve(RUN, TRIAGE, MicroUsd(30_000)), range(50)))
    assert sum(isinstance(one, Reservation) for one in got) == 33


def test_a_model_is_not_asked_when_nothing_is_left(w: World) -> None:
    w.enrol(grant(MODEL, f"model:{WHERE}"))
    w.gate.spending.book(reserved(w, 1_000_000), MicroUsd(1_000_000))
    assert refused(w.gate.begin(call(MODEL, to=WHERE, kind="model"))) == "over-budget"


def test_a_run_that_ends_says_how(w: World) -> None:
    w.gate.spending.begin_run(run("run-1"))
    w.gate.spending.change_run(RUN, RunState.OUT_OF_BUDGET, why="nothing left")
    (known,) = w.gate.spending.runs(TRIAGE)
    assert (known.state, known.why, known.ended) == (RunState.OUT_OF_BUDGET, "nothing left", NOON)


def test_nothing_costs_less_than_nothing(here: World) -> None:
    assert refused(here.gate.spending.reserve(RUN, TRIAGE, MicroUsd(-5))) == "no-such-sum"
    here.gate.spending.book(reserved(here, 10), MicroUsd(-10))
    assert set(spent(here).values()) == {0}


def test_what_is_asked_of_a_model_is_kept_nowhere(here: World) -> None:
    here.enrol(grant(MODEL, f"model:{WHERE}"))
    cleared(here.gate.begin(call(MODEL, to=WHERE, kind="model", text="a prompt that nobody keeps")))
    with here.gate.keeping.database.read() as db:
        assert "nobody keeps" not in str(db.exec_driver_sql("SELECT * FROM effect").all())
    assert not unconfirmed(here.again())
