"""Asks a model: switches, ceiling and budget before each question, the cost in any case after it."""

import asyncio
import time
from datetime import datetime
from typing import Any, cast

import httpx2
from pydantic_ai.exceptions import ModelAPIError, ModelHTTPError
from pydantic_ai.messages import ModelMessage, ModelMessagesTypeAdapter, ModelResponse, ToolCallPart
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from counterfoil.agents.attempt import Attempt
from counterfoil.agents.budget import Reservation
from counterfoil.agents.definition.derived import place_of
from counterfoil.agents.own_tools import COMPLETE
from counterfoil.agents.runtime.cost import MOST_OUTPUT, Cost, cost_of, most
from counterfoil.agents.runtime.ending import end, must_go_on
from counterfoil.agents.runtime.engine import MODEL
from counterfoil.agents.runtime.hand import Hand
from counterfoil.agents.runtime.used import usage_of
from counterfoil.store.agents.recorded import Did
from counterfoil.terms.effect import Call, Hold, RunState
from counterfoil.terms.ids import MicroUsd
from counterfoil.terms.release import Refuse

Told = tuple[list[ModelMessage], ModelSettings | None, ModelRequestParameters]
PASSING = (409, 425, 429, 500, 503, 529)
"""What a server says when it may answer the next time."""

OPEN = (408, 502, 504)
"""What somebody in between says who heard nothing: behind them the model may have answered."""

UNREACHED = ("ConnectError", "ConnectionRefusedError", "ConnectTimeout", "PoolTimeout")
"""Names, since each client has a type of its own."""


class Stopped(Exception):
    """A switch was turned off while the model was thinking."""


class MeteredModel(WrapperModel):
    """The model of one run; its answers are taken from the journal where they are there already."""

    def __init__(self, wrapped: Model, hand: Hand) -> None:
        super().__init__(wrapped)
        self._hand = hand
        self._named: set[str] = set()

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Ask once, or end the run in words.

        Raises: Ended.
        """
        hand = self._hand
        hand.asked += 1
        place, call = hand.next_place(), hand.question()
        told = (messages, _bounded(model_settings), model_request_parameters)

        async def ask() -> dict[str, Any]:
            return await self._step(call, place, told)

        result = await hand.journal.astep(MODEL, ask)
        hand.seconds += result.get("seconds", 0.0)
        must_go_on(result)
        (response,) = ModelMessagesTypeAdapter.validate_python(result["response"])
        return self._distinct(cast(ModelResponse, response))

    def _distinct(self, response: ModelResponse) -> ModelResponse:
        """Calls by names that are each there once: a model may call two by the same."""
        for number, part in enumerate(response.parts):
            if isinstance(part, ToolCallPart):
                if not part.tool_call_id or part.tool_call_id in self._named:
                    part.tool_call_id = f"call-{self._hand.asked}-{number}"
                self._named.add(part.tool_call_id)
        return response

    async def _step(self, call: Call, place: int, told: Told) -> dict[str, Any]:
        """Everything about one question, in one step."""
        hand = self._hand
        before = await asyncio.to_thread(self._before, call, told)
        if isinstance(before, dict):
            return before
        began, at = time.monotonic(), hand.world.gate.keeping.now()
        # Where it was asked and nobody knows what it cost, all that was put aside is taken for spent.
        cost, why = Cost(before.most, is_floor=True), ""
        response: ModelResponse | None = None
        try:
            with Attempt() as attempt:
                response = await self._patiently(call, told)
                cost = cost_of(*_priced(hand), response)
            if attempt.error is not None:
                why = self._why(attempt.error)
                cost = Cost(MicroUsd(0)) if _is_free(attempt.error) else cost
        finally:
            await asyncio.to_thread(self._book, before, cost)
        await asyncio.to_thread(self._after, call, place, at, before, cost, response, why)
        if response is None:
            stopped = isinstance(attempt.error, Stopped)
            return end(RunState.STOPPED if stopped else RunState.FAILED, why)
        answer = ModelMessagesTypeAdapter.dump_python([response], mode="json")
        return {"response": answer, "seconds": round(time.monotonic() - began, 3)}

    def _before(self, call: Call, told: Told) -> dict[str, Any] | Reservation:
        """What keeps the question from being asked, or the reservation under which it is."""
        hand, limits = self._hand, self._hand.definition.limits
        if hand.asked > hand.allowed(limits.model_calls):
            return end(RunState.FAILED, f"It asked the model {limits.model_calls} times, which is its limit.")
        if hand.seconds > hand.allowed(1) * limits.minutes * 60:
            return end(RunState.FAILED, f"It worked for {limits.minutes:g} minutes, which is its limit.")
        judged = hand.world.gate.judge(call)
        if isinstance(judged, Refuse | Hold):
            state = _STATES.get(judged.clause, RunState.FAILED)
            return end(state, f"The model may not be asked: {judged.why}")
        size = len(str(told[2].function_tools))
        cost = most(*_priced(hand), told[0], size)
        asked = None if cost.is_floor else cost.usd
        reserved = hand.world.gate.spending.reserve(hand.run.id, hand.run.agent, asked)
        if isinstance(reserved, Refuse):
            return end(RunState.OUT_OF_BUDGET, reserved.why)
        return reserved

    async def _patiently(self, call: Call, told: Told) -> ModelResponse:
        """Ask, and again where the server may answer the next time.

        Raises: Stopped, TimeoutError, and what the model's client raises.
        """
        pace = self._hand.world.pace
        for again in range(pace.again):
            with Attempt() as attempt:
                return await self._watched(call, told)
            if attempt.error is None or not _is_passing(attempt.error):
                break
            await asyncio.sleep(pace.again_after * 2**again)
        else:
            return await self._watched(call, told)
        raise attempt.error or TimeoutError

    async def _watched(self, call: Call, told: Told) -> ModelResponse:
        """Ask, and let go of it when a switch is turned off: that works while the model hangs."""
        world = self._hand.world
        task = asyncio.ensure_future(self.wrapped.request(*told))
        until = time.monotonic() + self._hand.definition.limits.model_seconds
        try:
            while not task.done():
                left = until - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                await asyncio.wait({task}, timeout=min(left, world.pace.look_every))
                if not task.done() and await asyncio.to_thread(self._is_stopped, call):
                    raise Stopped
            return task.result()
        finally:
            task.cancel()

    def _why(self, fault: Exception) -> str:
        """What went wrong, without a word of what the server said: that may be anything."""
        match fault:
            case Stopped():
                return "It was switched off while the model was thinking."
            case ModelHTTPError():
                return f"The model's server answered {fault.status_code}."
            case TimeoutError():
                limit = self._hand.definition.limits.model_seconds
                return f"The model did not answer within {limit:g} seconds."
            case _ if _is_free(fault):
                return "The model's server could not be reached."
            case ModelAPIError() | httpx2.HTTPError() | OSError():
                return "The line to the model's server broke before its answer was there."
        return f"The model's server answered what is no answer ({type(fault).__name__})."

    def _is_stopped(self, call: Call) -> bool:
        judged = self._hand.world.gate.judge(call)
        return isinstance(judged, Refuse) and judged.clause in {"stopped", "not-live"}

    def _book(self, reserved: Reservation, cost: Cost) -> None:
        self._hand.world.gate.spending.book(reserved, None if cost.is_floor else cost.usd)

    def _after(
        self,
        call: Call,
        place: int,
        at: datetime,
        reserved: Reservation,
        cost: Cost,
        response: ModelResponse | None,
        why: str,
    ) -> None:
        """Keep the step, and hand on what was used; each real question is one of its own."""
        hand = self._hand
        used = response.usage if response is not None else None
        hand.record(
            Did(
                run=hand.run.id,
                place=place,
                kind="model",
                number=call.number,
                tool=COMPLETE.id,
                verdict="permit",
                clause="",
                why=why,
                label=call.run_label,
                call=None,
                spent=cost.usd,
                floor=cost.is_floor,
                read=used.input_tokens if used else 0,
                written=used.output_tokens if used else 0,
                at=at,
            )
        )
        if response is not None:
            hand.world.outbox.put(usage_of(hand, key=reserved.id, at=at, response=response, cost=cost))


_STATES = {
    "stopped": RunState.STOPPED,
    "not-live": RunState.STOPPED,
    "over-budget": RunState.OUT_OF_BUDGET,
}


def _bounded(settings: ModelSettings | None) -> ModelSettings:
    return ModelSettings(**{"max_tokens": MOST_OUTPUT, **(settings or {})})


def _priced(hand: Hand) -> tuple[str, str]:
    provider, name, _ = place_of(hand.definition)
    return provider, name


def _is_free(fault: Exception) -> bool:
    """Whether surely nothing was billed: the server said so, or was never reached."""
    if isinstance(fault, ModelHTTPError):
        return fault.status_code not in OPEN
    # A client wraps a line that was never there and one that broke later in the same type.
    cause: BaseException | None = fault
    while cause is not None and type(cause).__name__ not in UNREACHED:
        cause = cause.__cause__
    return cause is not None


def _is_passing(fault: Exception) -> bool:
    """Whether to ask again: never what may have been answered, and billed, already."""
    return fault.status_code in PASSING if isinstance(fault, ModelHTTPError) else _is_free(fault)
