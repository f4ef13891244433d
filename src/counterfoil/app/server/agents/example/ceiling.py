"""Puts the ceiling of an invented company into force as any: by the operator, and by data protection."""

from counterfoil.guard.acting.ceilings import read_ceilings
from counterfoil.guard.acting.force import sign
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.roles import give
from counterfoil.simulate.example.written import ceiling
from counterfoil.terms.ask import Role, Viewer

DPO = "p000009"
"""Who answers for data protection; nobody looks through their eyes."""


def sign_ceiling(g: Guarded) -> None:
    """Two people of two sides say yes to it; until the second one has, it is a proposal."""
    (dpo,) = g.keys.pseudonyms([DPO])
    give(g, Role.DPO, dpo)
    for by in (Viewer(who=None, role=Role.OPERATOR), Viewer(who=dpo, role=Role.DPO)):
        sign(g, read_ceilings(ceiling()), by)
