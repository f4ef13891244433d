"""The rules of the linter, one file for each family; a new rule goes into its family's RULES."""

from counterfoil.programme.decode import nearest
from counterfoil.programme.rule import Rule
from counterfoil.programme.rules import display, gaming, law, measure, note, promise, target
from counterfoil.terms.error import SourceError
from counterfoil.terms.ids import RuleId

RULES: dict[RuleId, Rule] = {
    rule.text.id: rule
    for family in (note, measure, target, display, promise, law, gaming)
    for rule in family.RULES
}
"""Every rule by its id, in the order of the ids."""


def rule_named(name: str) -> Rule:
    """The rule of an id, or of a name.

    Raises: SourceError where there is none.

    Example:
    >>> rule_named("ap301").text.name, rule_named("named-ranking").text.id
    ('named-ranking', 'AP301')
    """
    names = {word: rule for rule in RULES.values() for word in (rule.text.id.lower(), rule.text.name)}
    if name.lower() in names:
        return names[name.lower()]
    near = nearest(name.lower(), names)
    hint = f"did you mean {names[near].text.id}?" if near else "list them with: counterfoil programme rules"
    raise SourceError("no-such-rule", f"there is no rule {name}", hint=hint)
