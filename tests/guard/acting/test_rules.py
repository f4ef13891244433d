"""What an agent may do, must ask for, and can never do, as the rules have it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from counterfoil.guard.acting.judge import BROKEN, Rules
from counterfoil.guard.acting.plain import is_one
from counterfoil.guard.acting.written import day_of, matches, quoted
from counterfoil.terms.agent import AgentId, Grant
from counterfoil.terms.effect import Approver, Hold
from counterfoil.terms.label import Integrity, Label, Secrecy
from counterfoil.terms.release import Permit, Refuse
from counterfoil.terms.tool import ConnectorId, EffectClass
from guard.acting.calls import CEILING, FOREIGN, MINE, NOW, argument, call, grant, tool

TYPED = Label(Integrity.TYPED, Secrecy.INTERNAL)
PRIVATE = Label(Integrity.OWNER, Secrecy.PRIVATE)
ANN = "ann@example.org"
SEND = tool(EffectClass.SEND)
RULES = Rules([CEILING], [grant(SEND, f"mail:{ANN}")])


def judged(c: Any, *grants: Grant, **facts: Any) -> Permit | Hold | Refuse:
    return Rules([CEILING], grants).may(c, replace(NOW, **facts))


def clause(answer: Permit | Hold | Refuse) -> str:
    return f"{type(answer).__name__.lower()} {answer.clause}"


def test_a_new_agent_does_nothing() -> None:
    for effect in EffectClass:
        assert isinstance(judged(call(tool(effect))), Refuse)


def test_without_a_ceiling_nobody_does_anything() -> None:
    answer = Rules([], [grant(SEND, f"mail:{ANN}")]).may(call(SEND, to=ANN), NOW)
    assert clause(answer) == "refuse no-ceiling"


def test_a_tool_and_a_destination_that_the_owner_named_are_enough() -> None:
    assert clause(judged(call(SEND, to=ANN), grant(SEND, f"mail:{ANN}"))) == "permit grant:triage:mail/send"


@pytest.mark.parametrize(
    ("changed", "facts", "says"),
    [
        ({}, {"stopped": True}, "refuse stopped"),
        ({}, {"live": False}, "refuse not-live"),
        ({}, {"affordable": False}, "refuse over-budget"),
        ({}, {"needless": "duplicate"}, "refuse needless"),
        ({"cause": None}, {}, "refuse no-cause"),
        ({"to": "eve@elsewhere.example"}, {}, "refuse not-granted"),
        ({"text_label": FOREIGN}, {}, "hold tainted-text"),
        ({"text_label": FOREIGN}, {"approved": Approver.OWNER}, "permit grant:triage:mail/send"),
        ({"text_label": TYPED}, {}, "permit grant:triage:mail/send"),
        ({"text_label": PRIVATE}, {}, "permit grant:triage:mail/send"),
    ],
)
def test_what_stops_a_call_that_is_granted(changed: Any, facts: Any, says: str) -> None:
    c = replace(call(SEND, **{"to": ANN, **changed}))
    assert clause(judged(c, grant(SEND, f"mail:{ANN}"), **facts)) == says


def test_a_wildcard_names_nobody() -> None:
    anyone = grant(SEND, "mail:*@example.org")
    assert clause(judged(call(SEND, to=ANN, to_label=TYPED), anyone)) == "hold unnamed"
    assert clause(judged(call(SEND, to=ANN, to_label=FOREIGN), anyone)) == "hold tainted-target"
    assert isinstance(judged(call(SEND, to=ANN, to_label=MINE), anyone), Permit)


def test_what_is_private_goes_nowhere_that_the_owner_did_not_name() -> None:
    c = call(SEND, to=ANN, to_label=TYPED, text_label=PRIVATE)
    anyone = grant(SEND, "mail:*@example.org")
    assert clause(judged(c, anyone, approved=Approver.OTHER)) == "refuse private-to-unnamed"


@pytest.mark.parametrize(
    ("effect", "to"),
    [
        (EffectClass.SEND, "eve@elsewhere.example"),
        (EffectClass.DEPLOY, "production"),
        (EffectClass.PAY, "books@example.org"),
    ],
)
def test_outsiders_production_and_money_need_somebody_else(effect: EffectClass, to: str) -> None:
    t = tool(effect)
    kind = "environment" if effect is EffectClass.DEPLOY else "mail"
    c, given_to = call(t, to=to, kind=kind), grant(t, f"{kind}:{to}")
    assert isinstance(held := judged(c, given_to), Hold) and held.needs is Approver.OTHER
    assert isinstance(judged(c, given_to, approved=Approver.OWNER), Hold)
    assert isinstance(judged(c, given_to, approved=Approver.OTHER), Permit)


def test_no_yes_lets_code_run() -> None:
    for effect in (EffectClass.EXECUTE, EffectClass.GOVERN):
        t = tool(effect)
        assert clause(judged(call(t), grant(t), approved=Approver.OTHER)) == "refuse no-code"


def test_a_ceiling_below_only_takes_away() -> None:
    unit = replace(CEILING, name="unit", connectors={ConnectorId("mail"): (EffectClass.READ,)})
    rules = Rules([CEILING, unit], [grant(SEND, f"mail:{ANN}"), grant(tool(EffectClass.READ), "*")])
    assert clause(rules.may(call(SEND, to=ANN), NOW)) == "refuse ceiling:unit"
    assert isinstance(rules.may(call(tool(EffectClass.READ)), NOW), Permit)
    wider = replace(unit, connectors={ConnectorId("bank"): tuple(EffectClass)})
    bank = replace(SEND, connector=ConnectorId("bank"))
    both = Rules([CEILING, wider], [grant(bank, f"mail:{ANN}")])
    assert clause(both.may(call(bank, to=ANN), NOW)) == "refuse ceiling:organisation"


def test_a_model_is_a_destination() -> None:
    t = tool(EffectClass.ASK, connector="model", name="complete")
    there, elsewhere = "anthropic:claude-haiku@eu", "anthropic:claude-haiku@us"
    rules = Rules([CEILING], [grant(t, f"model:{there}", f"model:{elsewhere}")])
    assert isinstance(rules.may(call(t, to=there, kind="model"), NOW), Permit)
    assert clause(rules.may(call(t, to=elsewhere, kind="model"), NOW)) == "refuse ceiling:organisation"


def test_a_tool_that_says_something_else_now_needs_another_grant() -> None:
    changed = replace(SEND, digest="other")
    assert clause(judged(call(changed, to=ANN), grant(SEND, f"mail:{ANN}"))) == "refuse not-granted"


def test_a_grant_ends() -> None:
    ended = replace(grant(SEND, f"mail:{ANN}"), until=date(2026, 1, 1))
    assert isinstance(judged(call(SEND, to=ANN), ended, day=day_of(date(2026, 1, 1))), Permit)
    assert isinstance(judged(call(SEND, to=ANN), ended, day=day_of(date(2026, 1, 2))), Refuse)


def test_the_strictest_of_several_destinations_decides() -> None:
    both = grant(SEND, f"mail:{ANN}", "mail:eve@elsewhere.example")
    answer = judged(call(SEND, to=[ANN, "eve@elsewhere.example"]), both)
    assert isinstance(answer, Hold) and answer.clause == "outsiders"
    assert isinstance(judged(call(SEND, to=[ANN, "x@example.org"]), grant(SEND, f"mail:{ANN}")), Refuse)
    many = [f"p{n}@example.org" for n in range(21)]
    assert clause(judged(call(SEND, to=many), grant(SEND, "mail:*"))) == "refuse too-many"


def test_an_argument_that_the_manifest_does_not_know_is_refused() -> None:
    c = call(SEND, to=ANN)
    more = replace(c, arguments=(*c.arguments, argument("bcc", "eve@elsewhere.example")))
    assert clause(judged(more, grant(SEND, f"mail:{ANN}"))) == "refuse unknown-argument"


def test_what_reaches_somebody_says_whom_unless_it_may_reach_nobody() -> None:
    invite = replace(
        SEND, arguments={**SEND.arguments, "to": replace(SEND.arguments["to"], may_be_empty=True)}
    )
    assert clause(judged(call(SEND), grant(SEND, "*"))) == "refuse no-destination"
    assert isinstance(judged(call(invite), grant(invite, f"mail:{ANN}")), Permit)
    assert isinstance(judged(call(invite, to=ANN), grant(invite, f"mail:{ANN}")), Permit)
    assert isinstance(judged(call(invite, to="eve@elsewhere.example"), grant(invite, f"mail:{ANN}")), Refuse)


def test_one_agent_has_nothing_of_the_grants_of_another() -> None:
    other = replace(grant(SEND, f"mail:{ANN}"), agent=AgentId("other"))
    assert clause(judged(call(SEND, to=ANN), other)) == "refuse not-granted"


@given(pattern=st.text("ab*:@.", max_size=8), name=st.text("ab:@.", max_size=8))
def test_patterns_mean_here_what_they_mean_in_the_rules(pattern: str, name: str) -> None:
    assume(is_one(name or "a", "mail"))
    named = grant(SEND, f"mail:{pattern}")
    c = call(SEND, to=name or "a", to_label=MINE)
    says = isinstance(judged(c, named, approved=Approver.OTHER), Permit)
    assert says == matches(f"mail:{pattern}", f"mail:{name or 'a'}")


@given(name=st.text(min_size=1, max_size=12))
def test_no_name_breaks_out_of_its_quotes(name: str) -> None:
    assert isinstance(judged(call(SEND, to=ANN), grant(SEND, f"mail:{name.replace('*', '')}x")), Refuse)
    assert quoted(name).startswith('"')
    if is_one("x" + name, "mail"):
        assert isinstance(judged(call(SEND, to="x" + name), grant(SEND, f"mail:x{name}")), Permit | Hold)


def test_an_address_that_carries_private_data_is_not_fetched() -> None:
    fetch = tool(EffectClass.ASK, connector="chat", name="fetch")
    leave = grant(fetch, "page:*")
    told = Label(Integrity.UNTRUSTED, Secrecy.PUBLIC)
    carrying = Label(Integrity.UNTRUSTED, Secrecy.PRIVATE)
    assert (
        clause(judged(call(fetch, to="a.example", kind="page", to_label=told), leave))
        == "hold tainted-target"
    )
    answer = judged(call(fetch, to="a.example?d=1", kind="page", to_label=carrying), leave)
    assert clause(answer) == "refuse private-to-unnamed"


def test_what_a_rule_misses_is_never_a_permit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are asked without the schema: where the context lacks something, no rule may pass it over."""
    cases = [
        (call(SEND, to=ANN), NOW),
        (call(SEND, to=ANN, text_label=FOREIGN), replace(NOW, approved=Approver.OWNER)),
        (call(SEND, to="eve@elsewhere.example"), replace(NOW, approved=Approver.OTHER)),
    ]
    whole = Rules._context
    names = list(whole(RULES, RULES._slice(cases[0][0].agent), *cases[0], "", MINE))
    broken = 0
    for one, facts in cases:
        as_it_is = RULES.may(one, facts)
        for name in names:

            def without(self: Rules, *words: Any, left_out: str = name) -> dict[str, Any]:
                context = whole(self, *words)
                return {key: value for key, value in context.items() if key != left_out}

            monkeypatch.setattr(Rules, "_context", without)
            answer = RULES.may(one, facts)
            monkeypatch.undo()
            assert answer in (as_it_is, BROKEN), name
            broken += answer is BROKEN
    assert broken > len(names)
