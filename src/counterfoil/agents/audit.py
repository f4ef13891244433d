"""Holds the effects in the database against the log: a row that was taken away or made up is found."""

from collections.abc import Iterator, Sequence

from counterfoil.agents.keeping import Keeping
from counterfoil.agents.recorder import body_of
from counterfoil.store.agents import effects


def faults(keeping: Keeping) -> Sequence[str]:
    """What does not hold between log and database, in words; nothing where all of it does.

    Raises: StoreError where either can't be read; LedgerBroken where an entry was altered.
    """
    return list(_faults(keeping))


def _faults(keeping: Keeping) -> Iterator[str]:
    log, holder = keeping.recorder.log, keeping.recorder.holder
    bodies = {index: body_of(log.entry(index)) for index in range(len(log))}
    seen: set[str] = set()
    with keeping.database.read() as db:
        for index, body in bodies.items():
            if body["what"] != "effect":
                continue
            seen.add(body["key"])
            row = effects.intended(db, body["key"])
            if row is None:
                yield f"entry {index}: the effect {body['key']} is gone from the database"
            elif (row.digest, row.entry, row.effect.tool) != (body["digest"], index, body["tool"]):
                yield f"entry {index}: the effect {body['key']} is another one in the database"
        for key in effects.keys_of(db, holder):
            if key not in seen:
                yield f"the effect {key} is in no entry of the log"
