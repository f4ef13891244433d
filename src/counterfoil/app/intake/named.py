"""Rows under pseudonyms: whose each is, by the token that it came with or by what it claims."""

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from counterfoil.app.intake.senders import Sender
from counterfoil.collect.otlp.arrived import Rows, Whole, chosen
from counterfoil.collect.otlp.group import Ints, Text, sizes, spread
from counterfoil.store.batches import Waiting
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.usage import Credential

AHEAD = 3_600_000_000
"""How far a sender's clock may be ahead, in microseconds: later than that is now."""
OLDEST = 27 * 86_400_000_000
"""How old a record may be, in microseconds: what is older can't be told from what was sent before."""


Names = Callable[[Sequence[str]], Sequence[Pseudonym] | None]
"""Knows the pseudonyms of identities; or says that somebody has to be looked up."""


def named(rows: Rows, senders: Sequence[Sender], names: Names) -> tuple[Waiting, Ints | None] | None:
    """Rows with a pseudonym instead of each identity, and how many of each request are too old.

    None where somebody has to be looked up.

    Shape: (requests,); or None where none is.

    Raises: StoreError where nobody can be named now.
    """
    claims = _claims(rows.columns["raw_identity"], names)
    if claims is None:
        return None
    at = np.asarray(rows.columns["at"])
    request = np.asarray(rows.columns["request"])
    now = time.time_ns() // 1_000
    if at.min() <= 0 or at.max() > now + AHEAD:
        at = np.where((at == 0) | (at > now + AHEAD), now, at)
    columns = {**rows.columns, "at": at, **_whose(rows, senders, claims, request)}
    young = at > now - OLDEST
    if young.all():
        return Waiting.of(columns), None
    old = np.bincount(request[~young], minlength=len(senders))
    return Waiting.of(chosen(columns, young)), old.astype(np.int64)


def _whose(rows: Rows, senders: Sequence[Sender], claims: Text, request: Ints) -> Mapping[str, Whole]:
    """Whose each row is: the token's person, else who the record claims to be; and on what credential."""
    if len(set(senders)) == 1:
        own, credential = str(senders[0].who), _credential(senders[0])
        if own:
            return {"who": own, "claimed": 0, "credential": credential}
        if isinstance(claims, str):
            return {"who": claims, "claimed": int(claims != ""), "credential": credential}
        claimed: Whole = 1 if sizes(claims).all() else pc.cast(pc.not_equal(claims, ""), pa.int64())
        return {"who": claims, "claimed": claimed, "credential": credential}
    place = pa.array(request)
    owners = pa.array([str(sender.who) for sender in senders], pa.string()).take(place)
    is_own = pc.not_equal(owners, "")
    return {
        "who": pc.if_else(is_own, owners, claims),
        "claimed": pc.cast(
            pc.and_(pc.invert(is_own), pc.not_equal(spread(claims, len(rows)), "")), pa.int64()
        ),
        "credential": pa.array([_credential(sender) for sender in senders], pa.string()).take(place),
    }


def _claims(identities: Whole, names: Names) -> "Text | None":
    """Pseudonyms instead of identities."""
    if isinstance(identities, str):
        found = names([identities])
        return None if found is None else str(found[0])
    found = names(pa.array(identities).to_pylist())
    return None if found is None else pa.array(found, pa.string())


def _credential(sender: Sender) -> str:
    if not sender.has_token:
        return ""
    return Credential.PERSON if sender.who else Credential.SERVICE
