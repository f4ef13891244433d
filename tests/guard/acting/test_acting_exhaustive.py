"""Each call of a small world, asked of the judge itself: the prover is not trusted alone."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from counterfoil.guard.acting.judge import Facts, Rules
from counterfoil.terms.effect import Approver, Call, Hold
from counterfoil.terms.label import Integrity, Secrecy
from counterfoil.terms.release import Permit
from counterfoil.terms.tool import ConnectorId, EffectClass
from guard.acting.calls import CEILING, FOREIGN, MINE, NOW, call, grant, tool

QUIET = {EffectClass.READ, EffectClass.DRAFT}
SECRET = replace(MINE, secrecy=Secrecy.PRIVATE)
PLACES = (
    ("mail", "ann@example.org", MINE),
    ("mail", "bob@example.org", FOREIGN),
    ("mail", "eve@elsewhere.example", MINE),
    ("environment", "production", MINE),
)
GATES: tuple[dict[str, Any], ...] = (
    {},
    {"stopped": True},
    {"live": False},
    {"affordable": False},
    {"needless": "duplicate"},
)
RULES = Rules(
    [CEILING],
    [grant(tool(effect), "mail:ann@example.org", "mail:*", "environment:*") for effect in EffectClass],
)
CLOSED = Rules(
    [CEILING, replace(CEILING, name="unit", connectors={ConnectorId("mail"): tuple(QUIET)})],
    [grant(tool(effect), "mail:ann@example.org", "mail:*", "environment:*") for effect in EffectClass],
)


def asked() -> Iterator[tuple[Call, Facts, bool]]:
    """Calls, what holds beside them, and whether they are for the owner alone."""
    for effect, (kind, to, where), text, yes, standing, gate in product(
        EffectClass, PLACES, (MINE, FOREIGN, SECRET), (None, *Approver), (False, True), GATES
    ):
        one = call(tool(effect), to=to, kind=kind, to_label=where, text_label=text)
        yield one, replace(NOW, approved=yes, standing=standing, **gate), text is SECRET


def broken(one: Call, facts: Facts, private: bool) -> str:
    """The promise that letting a call through would break, written down a second time."""
    effect = one.tool.effect
    to, text = one.arguments
    place = f"{to.kind}:{to.json.strip(chr(34))}"
    other = facts.approved is Approver.OTHER
    outside = to.kind == "mail" and not place.endswith("@example.org")
    foreign_text = text.label.integrity is Integrity.UNTRUSTED
    foreign_to = to.label.integrity is Integrity.UNTRUSTED and place != "mail:ann@example.org"
    checks = {
        "stopped": not facts.stopped,
        "live": facts.live,
        "budget": facts.affordable,
        "needless": not facts.needless,
        "code": effect not in {EffectClass.EXECUTE, EffectClass.GOVERN},
        "production": other or place != "environment:production" or effect is EffectClass.READ,
        "outsiders": other
        or not outside
        or effect not in {EffectClass.SEND, EffectClass.POST, EffectClass.CHANGE},
        "money": other or effect is not EffectClass.PAY,
        "for good": facts.approved is not None or effect not in {EffectClass.DELETE, EffectClass.DEPLOY},
        "their words": facts.approved is not None or not foreign_text or effect in QUIET,
        "their target": facts.approved is not None or facts.standing or not foreign_to or effect in QUIET,
        "private": not private or not foreign_to or effect in {*QUIET, EffectClass.ARRANGE},
    }
    return next((name for name, holds in checks.items() if not holds), "")


def test_nothing_that_is_let_through_breaks_a_promise_and_a_ceiling_more_lets_nothing_more_through() -> None:
    many = through = 0
    for one, facts, private in asked():
        many += 1
        answer = RULES.may(one, facts)
        if isinstance(answer, Permit):
            through += 1
            assert not broken(one, facts, private), (one, facts)
        elif isinstance(CLOSED.may(one, facts), Permit):
            raise AssertionError((one, facts))
        if isinstance(answer, Hold):
            assert isinstance(RULES.may(one, replace(facts, approved=answer.needs)), Permit)
    assert many == 12 * 4 * 3 * 3 * 2 * 5
    assert 100 < through < many / 3
