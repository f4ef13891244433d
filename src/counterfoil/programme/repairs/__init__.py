"""The repairs, one for each rule that can fail a check, in one file for each family of rules."""

from counterfoil.programme.repairs import display, gaming, law, measure, promise, target
from counterfoil.programme.repairs.mend import Mend
from counterfoil.terms.ids import RuleId

REPAIRS: dict[RuleId, Mend] = {
    RuleId(name): mend
    for family in (measure, target, display, promise, law, gaming)
    for name, mend in family.REPAIRS.items()
}
"""Every repair by the id of its rule."""
