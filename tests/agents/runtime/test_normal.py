"""What is judged is what is made: one way to write a place."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.runtime.lived import SEND, Mailbox, life
from counterfoil.agents.connectors.connector import Normalising, NotDone
from counterfoil.terms.effect import RunState


@dataclass
class Plain(Mailbox):
    """A mailbox that knows one way to write an address."""

    def normal(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        if "@" not in arguments.get("to", "@"):
            raise NotDone("no-address", "that is no address", hint="write one")
        return {name: value.lower() for name, value in arguments.items()}


def test_what_is_judged_is_what_is_made(tmp_path: Path) -> None:
    assert isinstance(Plain(tmp_path), Normalising) and not isinstance(Mailbox(tmp_path), Normalising)
    with life(tmp_path) as world:
        world.mail = world.systems.mail = Plain(tmp_path)
        world.script(SEND.replace("ann@example.org", "Ann@Example.ORG"))
        world.agent()
        assert world.until(world.run()).state is RunState.DONE
        assert [one["to"] for one in world.mail.done] == ["ann@example.org"]


def test_what_names_no_place_is_told_to_the_model_and_not_asked_of_the_gate(tmp_path: Path) -> None:
    with life(tmp_path) as world:
        world.mail = world.systems.mail = Plain(tmp_path)
        world.script(SEND.replace("ann@example.org", "everybody").replace("Told.", "Told: ${1}"))
        world.agent()
        run = world.run()
        assert world.until(run).state is RunState.DONE
        assert "that is no address" in world.said(run) and not world.mail.done
