"""The rules of the linter, one file for each family; a new rule goes into its family's RULES."""

from counterfoil.programme.rule import Rule
from counterfoil.programme.rules import display, gaming, law, measure, note, promise, target
from counterfoil.terms.ids import RuleId

RULES: dict[RuleId, Rule] = {
    rule.text.id: rule
    for family in (note, measure, target, display, promise, law, gaming)
    for rule in family.RULES
}
"""Every rule by its id, in the order of the ids."""
