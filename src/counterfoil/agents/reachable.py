"""Says whether the model of an agent can be asked: it is set up, with a key, and within a ceiling."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from counterfoil.agents.definition.derived import agent_of, grants_of
from counterfoil.agents.definition.written import Definition
from counterfoil.agents.own_tools import COMPLETE
from counterfoil.agents.runtime.models import Places, model_of
from counterfoil.agents.written import canonical
from counterfoil.guard.acting.judge import Facts, Rules
from counterfoil.guard.acting.written import MODEL, day_of
from counterfoil.terms.agent import Cause, CauseKind, Ceiling, RunId
from counterfoil.terms.effect import Call
from counterfoil.terms.error import SourceError
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.label import OWNERS, Part
from counterfoil.terms.release import Permit
from counterfoil.terms.tool import Argument, ArgumentRole

NOBODY = Pseudonym("")


def unreachable(
    made: Definition, places: Places | None, ceilings: Sequence[Ceiling], *, scripts: Path
) -> str:
    """Why a model could not be asked, in words; empty where it could. Nobody is asked for it.

    Without places, or ceilings, nothing is said of them.
    """
    try:
        if places is not None:
            model_of(made.model, places, scripts=scripts)
    except SourceError as error:
        return f"{error.message}; {error.hint}"
    if not ceilings:
        return ""
    where = Argument(
        name="model",
        role=ArgumentRole.DESTINATION,
        kind=MODEL,
        json=canonical(made.model),
        parts=(Part(made.model, OWNERS),),
    )
    call = Call(
        agent=agent_of(made),
        owner=NOBODY,
        run=RunId("check"),
        number=0,
        tool=COMPLETE,
        arguments=(where,),
        cause=Cause(CauseKind.REQUEST, "check"),
        run_label=OWNERS,
    )
    answer = Rules(ceilings, grants_of(made, {})).may(
        call, Facts(day=day_of(datetime.now(UTC).date()), live=True)
    )
    return "" if isinstance(answer, Permit) else answer.why.rstrip(".")
