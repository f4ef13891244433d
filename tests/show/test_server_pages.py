"""The pages of the server: every field is shown, every state has words, and nothing absent is a zero."""

from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, meta

from counterfoil.show import site
from counterfoil.show.server.admin import AdminPage
from counterfoil.show.server.agents import (
    AccountsPage,
    AgentPage,
    AgentsPage,
    ApprovalsPage,
    CardPage,
    NotesPage,
    RunPage,
)
from counterfoil.show.server.delivery import DeliveryAsked, DeliveryPage, delivery_page
from counterfoil.show.server.figure import amount, bare_value, cell, figure_of, span, unknown_cell
from counterfoil.show.server.frame import (
    ExamplePage,
    FramedPage,
    NothingPage,
    RefusedPage,
    TroublePage,
    frame_of,
)
from counterfoil.show.server.log import LogPage, log_page
from counterfoil.show.server.method import MethodPage
from counterfoil.show.server.mine import (
    ErasedPage,
    ErasePage,
    MinePage,
    NoRecordPage,
    mine_page,
    no_record_page,
)
from counterfoil.show.server.promise import ProgrammePage
from counterfoil.show.server.targets import TargetsPage
from counterfoil.show.server.tools import ToolsPage, tools_page
from counterfoil.show.server.trend import spark, trend
from counterfoil.show.server.units import UnitsPage, units_page
from counterfoil.show.server.usage import UsagePage
from counterfoil.show.server.worth import WorthPage
from counterfoil.show.site import coded, rendered, sheet
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import Answer, Answered, Ask, Figure, Role
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Level
from counterfoil.terms.organisation import NEVER_USED
from counterfoil.terms.period import Period
from counterfoil.terms.record import OwnRecord, PartOf, Read
from counterfoil.terms.release import Refuse, Released, Withheld
from counterfoil.terms.seat import OwnSeat, OwnSeats, SeatAnswer
from counterfoil.terms.usage import NOT_STATED

TEMPLATES = Path(site.__file__).parent / "templates"
EVIL = "<script>alert('x')</script>"
FRAME = frame_of(here="/", role=Role.EMPLOYEE, csrf="c", example=True)
KINDS = (
    AccountsPage, AgentPage, AgentsPage, ApprovalsPage, CardPage, NotesPage, RunPage, AdminPage,
    DeliveryPage, ErasedPage, ExamplePage, ErasePage, LogPage, MethodPage, MinePage, NoRecordPage,
    NothingPage, ProgrammePage, RefusedPage, TargetsPage, ToolsPage, TroublePage, UnitsPage, UsagePage,
    WorthPage,
)  # fmt: skip


def figure(value: float | Unknown = 0.89, unit: str = "share of work", **changes: Any) -> Answer:
    plain: dict[str, Any] = {
        "value": value, "low": 0.86, "high": 0.91, "says": "89 %", "between": "86 % to 91 %", "unit": unit,
        "people": 100, "coverage": 0.95, "method": "kept",
    }  # fmt: skip
    return Answer(group=changes.pop("group", "team a"), verdict=Released(Figure(**{**plain, **changes}), "c"))


def asked(*answers: Answer, period: str = "2026-B10") -> Answered:
    ask = Ask(metric=MetricId("kept"), by=Level.UNIT, period=Period.parse(period), purpose="enablement")
    return Answered(ask=ask, answers=answers, entry=7)


def undeclared(name: str) -> set[str]:
    environment = Environment()
    environment.filters["coded"] = coded
    return set(meta.find_undeclared_variables(environment.parse((TEMPLATES / name).read_text("utf-8"))))


@pytest.mark.parametrize("kind", KINDS)
def test_the_template_shows_every_field_of_the_page_and_nothing_else(kind: Any) -> None:
    used = undeclared(kind.template)
    if issubclass(kind, FramedPage):
        used |= undeclared("server.html.j2")
    assert used == {field.name for field in fields(kind)}


@pytest.mark.parametrize(
    ("answer", "state", "says"),
    [
        (figure(), "released", "89 %"),
        (figure(Unknown("a band"), low=Unknown("a band"), high=Unknown("a band"), says="60 to 80 %"),
         "released", "60 to 80 %"),
        (Answer(group="g", verdict=Withheld()), "withheld", "withheld"),
        (Answer(group="g", verdict=Refuse("floor", "Too few.")), "refused", "refused"),
    ],
)  # fmt: skip
def test_every_answer_has_words(answer: Answer, state: str, says: str) -> None:
    told = cell(answer)
    assert (told.state, told.says) == (state, says)
    assert bare_value(answer) == says
    if state == "withheld":
        assert not told.why and not told.clause
    if state == "refused":
        assert (told.clause, told.why) == ("floor", "Too few.")


def test_coverage_and_people_stand_beside_a_figure_and_unknown_is_said() -> None:
    told = cell(figure(coverage=Unknown("a stock is counted once")))
    assert told.between == "86 to 91 %"
    assert told.people == "about 100 people"
    assert told.coverage == "unknown: a stock is counted once"
    assert unknown_cell("nobody sends it").says == "unknown"
    assert figure_of("new-one", "what it is", figure(), counter="x").label == "new-one"


@pytest.mark.parametrize(
    ("value", "unit", "says"),
    [
        (0.0, "tokens", "0 tokens"),
        (950_000.0, "tokens", "950,000 tokens"),
        (1.2e6, "US dollars", "$1.2 million"),
        (4.5e13, "tokens", "45 trillion tokens"),
        (1.0, "share of work", "100 %"),
        (1.9, "hours", "1.9 hours"),
        (7.0, "deployments", "7 deployments"),
    ],
)
def test_amounts_are_said_as_people_say_them(value: float, unit: str, says: str) -> None:
    assert amount(value, unit) == says


def test_a_span_says_its_size_once_and_only_where_both_have_it() -> None:
    assert span(2e9, 4e9, "tokens") == "2 to 4 billion"
    assert span(9e8, 1.1e9, "tokens") == "900 million to 1.1 billion"


def test_a_drawing_leaves_out_what_is_not_there_and_its_table_says_why() -> None:
    block = Period.parse("2026-B10")
    over = [(block, figure()), (block, Answer(group="g", verdict=Withheld())), (block, figure(0.8, low=0.75))]
    drawn = trend("t", "Kept", over, aim=0.8)
    assert len(drawn.points) == 2
    assert drawn.aim is not None
    assert [row[1] for row in drawn.table.rows] == ["89 %", "withheld", "80 %"]
    refused = trend("t", "Kept", [(block, Answer(group="g", verdict=Refuse("floor", "Too few.")))])
    assert not refused.points and not refused.line
    assert refused.table.rows[0][1] == "refused (floor)"
    assert not trend("t", "Kept", []).points


def test_a_share_of_people_is_drawn_as_its_band() -> None:
    unknown = Unknown("a band")
    band = figure(unknown, "share of people", low=unknown, high=unknown, says="60 to 80 %")
    (point,) = trend("t", "Use", [(Period.parse("2026-W40"), band)]).points
    assert point.banded
    assert point.low - point.high == pytest.approx(170 * 0.2, abs=0.2)
    words = figure(unknown, low=unknown, high=unknown, says="high")
    assert not trend("t", "Kept", [(Period.parse("2026-W40"), words)]).points


def test_small_drawings_have_a_scale_of_their_own() -> None:
    low, high = spark([figure(0.1, low=0.05, high=0.15)]), spark([figure(0.9, low=0.85, high=0.95)])
    assert [p.y for p in low] == [p.y for p in high]
    assert not spark([None, Answer(group="g", verdict=Withheld())])


def test_units_stand_by_name_whatever_their_value_and_one_that_came_later_was_not_there() -> None:
    old = asked(figure(0.1, group="b"), figure(0.9, group="c"))
    new = asked(figure(0.5, group="a"), figure(0.2, group="b"), figure(0.7, group="c"), period="2026-B11")
    page = units_page(
        FRAME, metric=MetricId("kept"), figures=["kept"], about="a", unit="share of work", counter="landed",
        hidden=[("tokens", "leaders")], answered=[old, new],
    )  # fmt: skip
    assert [row.name for row in page.rows] == ["a", "b", "c"]
    assert page.rows[0].cells[0] is None
    text = rendered(page)
    assert "not there" in text
    assert "Tokens: the programme shows it of units to leaders." in text
    assert "?sort" not in text and "order=" not in text


def test_a_page_of_units_without_any_says_so() -> None:
    page = units_page(
        FRAME, metric=None, figures=[], about="", unit="", counter="", hidden=[], answered=[]
    )  # fmt: skip
    assert "shows no figure of units in your role" in rendered(page)


def test_a_page_of_delivery_says_what_is_not_told_and_why() -> None:
    block = Period.parse("2026-B10")
    plain: dict[str, Any] = {
        "period": block, "periods": [block], "answered": [], "over": [], "abouts": {}, "counters": {},
        "incidents": 0, "linked": {}, "unlinked": "Too few began.",
    }  # fmt: skip
    text = rendered(delivery_page(FRAME, DeliveryAsked(**plain)))
    assert "Nothing was released of this time." in text and "Too few began." in text
    assert "shows them to nobody: deployment frequency, change lead time" in text
    linked = {"sha": 10, "rollback": None, "nearest": 20, "": None}
    text = rendered(delivery_page(FRAME, DeliveryAsked(**{**plain, "incidents": 35, "linked": linked,
                                                          "unlinked": ""})))  # fmt: skip
    assert "<td>about 10</td>" in text and text.count("<td>fewer than seven</td>") == 2
    none = rendered(delivery_page(FRAME, DeliveryAsked(**{**plain, "period": None, "periods": []})))
    assert "no block yet" in none


def own(**changes: Any) -> Released[OwnRecord]:
    part = PartOf(
        entry=3, at="2026-11-25T12:00Z", role="leader", purpose="value_reporting", metric="kept",
        period="2026-W40", group="the company", filters='{"kind": "draft"}',
    )  # fmt: skip
    plain: dict[str, Any] = {
        "rows": {
            "usage_day": [
                {"day": "2026-11-02", "tool": EVIL, "model": "m", "trigger": "", "requests": "1200",
                 "output": "7", "cost": "", "who": "p"}
            ],
            "work_fate": [{"landed": "2026-11-02", "kind": "change", "work": "c1", "undone": ""}],
            "something_new": [{"who": "p", "a": "b"}],
            "seat": [],
        },
        "reads": [Read(entry=1, at="2026-11-25T12:00Z", role="self", purpose="own_insight", did="read",
                       proof=[])],
        "part_of": [part], "objected": False, "corrections": [EVIL], "checkpoint": "c", "hints": ["h"],
        "missing": 0, "reads_before": 0, "part_of_before": 0,
    }  # fmt: skip
    return Released(OwnRecord(**{**plain, **changes}), "own-data")


def test_ones_own_record_says_what_is_not_known_and_quotes_nothing_as_code() -> None:
    text = rendered(mine_page(FRAME, own()))
    assert "<td>not stated</td>" in text and "<td>not known</td>" in text
    assert "stands so far" in text
    assert "<script" not in text
    assert "1,200" in text
    assert "Work kept of the company, 28 Sep to 4 Oct 2026, by kind: draft; asked by a leader" in text
    assert "/me/something_new.csv" in text
    assert 'role="alert"' not in text


def test_missing_entries_and_an_objection_are_told() -> None:
    text = rendered(mine_page(FRAME, own(missing=2, objected=True)))
    assert 'role="alert">2 entries' in text
    assert "Take it back" in text
    assert "/me/seats" not in text


def test_an_idle_seat_is_asked_about_and_one_in_use_is_not() -> None:
    plain: dict[str, Any] = {
        "assigned": date(2026, 1, 1), "last_active": date(2026, 9, 1), "activated": NOT_STATED,
        "cost": NOT_STATED, "answer": NOT_STATED,
    }  # fmt: skip
    held = [
        OwnSeat(tool=EVIL, is_idle=True, **{**plain, "last_active": NEVER_USED}),
        OwnSeat(tool="codex", is_idle=True, **{**plain, "answer": SeatAnswer.LEAVE}),
        OwnSeat(tool="in-use", is_idle=False, **plain),
    ]
    seats = Released(OwnSeats(seats=held, idle_days=60), "own-data")
    for page in (mine_page(FRAME, own(), seats=seats),
                 no_record_page(FRAME, "why", is_person=True, seats=seats)):  # fmt: skip
        text = rendered(page)
        assert text.count('action="/me/seats"') == 2 and text.count('name="csrf" value="c"') >= 2
        assert "It was not used since you got it on 2026-01-01." in text
        assert "It was used last on 2026-09-01. <b>You said that you are on leave.</b>" in text
        assert "in-use" not in text and "<script" not in text


def test_the_lines_for_each_tool_have_the_new_token_in_them() -> None:
    without = rendered(tools_page(FRAME, endpoint="http://127.0.0.1:4318", token="", tokens=[]))
    assert "Create a token" in without
    page = tools_page(FRAME, endpoint="http://127.0.0.1:4318", token="cf_ingest_T", tokens=[("abc", "2026")])
    assert {tool.id for tool in page.tools} == {
        "claude-code",
        "codex",
        "gemini-cli",
        "copilot",
        "opentelemetry",
    }
    for tool in page.tools:
        assert "cf_ingest_T" in tool.lines
        assert "http://127.0.0.1:4318" in tool.lines
        assert "counterfoil.trigger=human" in tool.lines
    assert "OTEL_METRICS_INCLUDE_REPOSITORY=true" in page.tools[0].lines
    assert "Create a token" not in rendered(page)


ENTRIES = [
    (9, {"withheld": 1, "of": 4, "asked-at": 5, "at": "2026-11-25T12:00Z"}),
    (8, None),
    (7, {"at": "2026-11-25T12:00Z", "role": "leader", "purpose": "cost_control", "metric": "list-cost",
         "by": "unit", "period": "2026-B10", "filters": "", "verdict": "permitted", "clause": "c"}),
    (6, {"at": "2026-11-25T12:00Z", "role": "leader", "purpose": "cost_control", "metric": "list-cost",
         "by": "unit", "period": "2026-B09", "filters": "", "verdict": "refused", "clause": "floor"}),
    (5, {"rule": "token", "did": "issued", "scope": "ingest", "at": "2026-11-25T11:00Z"}),
    (4, {"rule": "token", "did": "withdrawn", "scope": "scim", "name": EVIL, "at": "2026-11-25T11:00Z"}),
    (3, {"rule": "role", "role": "council", "did": "given", "at": "2026-11-25T11:00Z"}),
    (2, {"rule": "retired", "fact": "usage", "block": "2026-B01", "at": "2026-11-25T11:00Z"}),
    (1, {"rule": "new-kind", "some": "thing", "at": "2026-11-25T11:00Z"}),
    (0, {"fact": "usage", "unit": "u", "says": "invoice", "at": "2026-11-25T10:00Z"}),
]  # fmt: skip


def test_the_log_is_in_words_one_line_for_a_question() -> None:
    page = log_page(FRAME, size=10, entries=ENTRIES, pages=[], checkpoint="c", cosigned=["w"], key="k")
    said = [(line.entries, line.says) for line in page.lines]
    assert ("9", "Of 4 figures, 1 were held back because of their values.") in said
    assert said[2] == (
        "6 to 7",
        "A leader asked for cost at list price of each unit, for cost control: 2 periods from 10 Aug to "
        "4 Oct 2026; 1 allowed, 1 refused (floor).",
    )
    assert said[3] == ("5", "A token to send telemetry, of a person's own, was issued.")
    assert said[5] == ("3", "The role of the works council was given.")
    assert "some thing" in said[7][1]
    assert "<script" not in rendered(page)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (
            {"rule": "pulse", "pulse": "p1", "closes": "2026-12-01"},
            "The pulse p1 was opened until 2026-12-01.",
        ),
        ({"pulse": "p1", "verdict": "pulse"}, "The pulse p1 was told, once."),
        (
            {
                "pulse": "p1",
                "verdict": "pulse-shown",
                "role": "leader",
                "purpose": "value_reporting",
                "came": "refused",
                "clause": "display",
            },
            "A leader asked what the pulse p1 came to, for value reporting; refused (display).",
        ),
        (
            {"rule": "retired", "pulse": "p1"},
            "What the pulse p1 came to was removed: its time is over.",
        ),
        (
            {"verdict": "seats", "week": "2026-11-23"},
            "Seats were counted by tool, in the week of 2026-11-23.",
        ),
        ({"rule": "seat", "tool": "codex"}, "Somebody answered about a seat of codex that was not used."),
        ({"rule": "acknowledged"}, "Somebody said that they have read the programme in force."),
        (
            {"rule": "programme", "state": "proposed", "sha256": "ab" * 32, "parties": "a=k b=k"},
            "A programme was proposed: abababababab, agreed by a, b.",
        ),
    ],
)
def test_other_entries_have_words(told: dict[str, Any], says: str) -> None:
    page = log_page(FRAME, size=1, entries=[(0, told)], pages=[], checkpoint="c", cosigned=[], key="k")
    assert page.lines[0].says == says


def test_what_is_not_for_a_role_is_no_link() -> None:
    def links(role: Role) -> set[str]:
        return {link.to for link in frame_of(here="/", role=role, csrf="", example=False).pages}

    assert "/admin" not in links(Role.EMPLOYEE) and "/me" in links(Role.EMPLOYEE)
    assert "/admin" in links(Role.ADMIN) and "/me" in links(Role.ADMIN)
    assert "/me" not in links(Role.OPERATOR)
    assert date.today() and sheet("server.css").count("{") == sheet("server.css").count("}")
