"""The page about audits from what was told: each drawing says the same as its table."""

from dataclasses import replace
from datetime import date

from counterfoil.show.audited import Told, audits, audits_json
from counterfoil.show.server.audit import audit_page
from counterfoil.show.server.frame import Frame
from counterfoil.show.site import rendered
from counterfoil.terms.absent import Unknown
from counterfoil.terms.audit import Verdict
from counterfoil.terms.audited import (
    AuditAsk,
    AuditTold,
    BinSeen,
    EffectSeen,
    LeverSeen,
    SignSeen,
    WeekSeen,
)
from counterfoil.terms.ids import MetricId, WorkloadName
from counterfoil.terms.release import Refuse, Released
from counterfoil.terms.workload import Workload, WorkloadKind

NO = Unknown("it was not seen")
TOLD = AuditTold(
    metric=MetricId("weekly-use"),
    unit="",
    verdict=Verdict.RESPONDS,
    says="Responds to its target.",
    since="2026-W04",
    variant="people answer the number itself",
    levers=[
        LeverSeen(field="targets.weekly", rule="AP201", says="take the line away"),
        LeverSeen(field="displays.board", rule="AP302", says="take it off the board"),
        LeverSeen(field="gaming.workload_register", rule="AP604", says="register workloads"),
    ],
    weeks=[
        WeekSeen(week="2026-W02", together=0.5, alarm=NO),
        WeekSeen(week="2026-W03", together=NO, alarm=1.5),
        WeekSeen(week="2026-W04", together=0.4, alarm=6.5),
        WeekSeen(week="2026-W05", together=0.3, alarm=6.5),
    ],
    line=6.0,
    bins=[
        BinSeen(at=2, count=400, without=450.0, window=False),
        BinSeen(at=3, count=900, without=NO, window=True),
    ],
    bins_of="active days in the last week",
    signs=[
        SignSeen(test="adjacent-bins", says="2.1 times as many stand at it.", speaks=True, why=""),
        SignSeen(test="last-day", says="9 % on the last day.", speaks=False, why="no weeks before it"),
    ],
    people=3_000,
    units=250,
    first="2026-W02",
    last="2026-W05",
    at="2026-03-01T12:00Z",
    entry=7,
    event="programme@v2 came into force on 2026-01-19, and launched a target.",
    effects=[EffectSeen(measure="rework", says="1 point more.", known=True)],
)
FRAME = Frame(pages=[], role="the works council", csrf="", example=False)
CI = Workload(name=WorkloadName("ci"), kind=WorkloadKind.CI, says="reviews", since=date(2026, 1, 5))


def page(told: AuditTold, *workloads: Workload, has_register: bool = True) -> str:
    return rendered(
        audit_page(
            FRAME,
            audits=[Released(told, "c")],
            names={"weekly-use": "weekly use"},
            waiting=["tokens"],
            checks="The programme has it checked.",
            on_break="",
            workloads=workloads,
            has_register=has_register,
        )
    )


def test_each_drawing_has_its_table_and_says_what_it_shows() -> None:
    text = page(TOLD, CI, replace(CI, until=date(2026, 2, 1)))
    assert text.count("<figure>") == text.count("<details>") == 3
    assert "active days in the last week" in text
    assert "3, at the line" in text
    assert text.count("unknown: it was not seen") == 3
    assert 'class="point" x=' in text and 'class="band" x=' in text
    assert "The upright line is the week from which it holds." in text
    for to in ("/targets#target-weekly", "/targets#boards", "/programme"):
        assert f'<a href="{to}"><code>' in text
    assert "No weeks before it." in text
    assert "2026-02-01" in text and "still" in text
    assert "Tokens: Not audited yet" in text


def test_what_is_not_known_is_not_drawn() -> None:
    bare = replace(TOLD, weeks=TOLD.weeks[:1], bins=(), levers=(), variant="", since="", first="")
    text = page(bare)
    assert "<figure>" not in text
    assert "None is declared." in text
    assert "has no register" in page(bare, has_register=False)


def test_the_command_says_the_same_and_a_refusal_its_clause() -> None:
    ask = AuditAsk(metric=MetricId("weekly-use"))
    told: Told = [(ask, Released(TOLD, "c"), 7), (replace(ask, unit=None), Refuse("no-checks", "None."), 8)]
    text = audits(told, width=80, color=False, unicode=True)
    assert "Responds to its target. From 19 Jan 2026 on." in text
    assert "rework: 1 point more." in text
    assert "refused (no-checks): None." in text
    assert '"verdict": "refused"' in audits_json(told)
