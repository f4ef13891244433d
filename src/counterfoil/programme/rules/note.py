"""Notes that never fail a check: AP001 to AP004."""

from counterfoil.programme.rule import Rule, nothing, rule
from counterfoil.terms.finding import Severity

SOURCE = "Counterfoil's own rules for the file."

unknown_key: Rule = rule(
    "AP001 unknown-key",
    Severity.INFO,
    flags="A key that means nothing.",
    why="A misspelt promise is no promise; publishing will refuse it.",
    source=SOURCE,
    fix="Correct its spelling, or remove it.",
)(nothing)
hidden_units: Rule = rule(
    "AP002 hidden-units",
    Severity.INFO,
    flags="How many units a floor hides, counted in the list that was given with --org.",
    why="Small units pay for their people's privacy with their own figures; that should be known before.",
    source=SOURCE,
    fix="Show small units as part of a larger one; never lower the floor.",
)(nothing)
accepted: Rule = rule(
    "AP003 accepted",
    Severity.INFO,
    flags="A finding that is accepted until a day, or an acceptance that is over or meets no finding.",
    why="What the parties accept for a time has to stay in sight, with its reason.",
    source=SOURCE,
    fix="Repair what was accepted before that day, or remove the entry.",
)(nothing)
judged_on: Rule = rule(
    "AP004 judged-on-another-day",
    Severity.INFO,
    flags="A file that asks to be judged on another day than today.",
    why="That is for history and examples; publishing will refuse it.",
    source=SOURCE,
    fix="Remove `judged_on`.",
)(nothing)

RULES = (unknown_key, hidden_units, accepted, judged_on)
