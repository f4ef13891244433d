"""Sayings, changes and rules on a terminal."""

from counterfoil.programme.rules import RULES
from counterfoil.show.programme import changes, repair_steps, rule_list, rule_page, sayings
from counterfoil.terms.finding import Change, Direction, RepairStep, Saying
from counterfoil.terms.ids import RuleId


def a_change(direction: Direction) -> Change:
    return Change(where="floors.outcome", direction=direction, whom="everyone", says="It was 10, and is 5.")


def test_each_saying_stands_over_the_field_that_says_it() -> None:
    said = [Saying(where="displays.board", says="You are ranked by tokens.")]
    assert sayings(said) == "You are ranked by tokens.\n    displays.board\n"
    assert "\x1b[2m    displays.board\x1b[0m" in sayings(said, color=True)


def test_changes_are_counted() -> None:
    text = changes([a_change(way) for way in Direction])
    assert text.startswith("weaker   floors.outcome\n    It was 10, and is 5. For everyone.\n")
    assert text.endswith("\n1 weaker, 1 stronger, 1 other change.\n")
    assert changes([]) == "No difference.\n"


def test_rules_are_listed_and_one_is_shown_in_full() -> None:
    texts = [rule.text for rule in RULES.values()]
    listed = rule_list(texts)
    assert all(f"{text.id} {text.name} ({text.severity})" in listed for text in texts)
    page = rule_page(RULES[RuleId("AP502")].text)
    assert all(title in page for title in ("What it flags", "Why", "What to do", "What it rests on"))
    assert "Not legal" in page


def test_words_from_a_file_can_not_steer_a_terminal() -> None:
    assert "\x1b" not in sayings([Saying(where="a\x1b[2J", says="b\x1b[2J")])
    assert rule_list([], unicode=False) == "\n"


def test_steps_of_a_repair_say_what_is_to_do() -> None:
    steps = [
        RepairStep(rule=RuleId("AP301"), where="displays.board.ranked", says="The board is gone."),
        RepairStep(rule=RuleId("AP502"), where="assessments.dpia", says="Carry it out.", to_do=True),
    ]
    assert repair_steps(steps) == (
        "AP301 displays.board.ranked\n    The board is gone.\n"
        "AP502 assessments.dpia (to do)\n    Carry it out.\n"
        "2 changes, 1 of them to do before launch.\n"
    )
    assert repair_steps([]) == "Nothing to repair: it passes.\n"
