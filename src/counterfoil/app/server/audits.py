"""What of audits has to be read beside the targets that they are about."""

from collections.abc import Mapping

from counterfoil.guard.audits import kept_audits
from counterfoil.guard.guarded import Guarded
from counterfoil.terms.programme import Programme
from counterfoil.terms.promise import OnBreak

READ_BESIDE = {OnBreak.SUSPEND, OnBreak.TELL}


def audits_to_read(g: Guarded, programme: Programme) -> Mapping[str, str]:
    """What is read beside a target whose number has come apart, where the programme says that it is told."""
    if programme.gaming.on_break not in READ_BESIDE:
        return {}
    return {name: one.answer.follows for name, one in kept_audits(g).items() if one.answer.follows}
