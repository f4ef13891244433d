"""Finds the mail addresses that the directory has of some people, for messages that are for them alone."""

import re
from collections.abc import Collection, Mapping

from counterfoil.collect.scim.said import Says
from counterfoil.guard.directory.shelf import entry_of, every
from counterfoil.guard.guarded import Guarded
from counterfoil.terms.directory import CardKind
from counterfoil.terms.ids import Pseudonym

PLAIN = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,250}")
"""Addresses that need no quotes; of others it is not certain whose they are."""


def addresses(g: Guarded, wanted: Collection[Pseudonym]) -> Mapping[Pseudonym, str]:
    """The address of each of some people who are there and have one; of nobody else is any looked at.

    Raises: StoreError where whoever holds the keys can't be reached.
    """
    found = {}
    for card in every(g, g.keys.card_ids(CardKind.PERSON)):
        if card.who in wanted:
            says = entry_of(card).says
            address = _address(says)
            if address and says.get("active") is not False:
                found[card.who] = address
    return found


def _address(says: Says) -> str:
    """The address that is said to be the first, else any, else a user name that is one."""
    mails = sorted(says.get("emails") or (), key=lambda one: one.get("primary") is not True)
    named = [*(str(one.get("value") or "") for one in mails), str(says.get("userName") or "")]
    return next((one for one in named if PLAIN.fullmatch(one)), "")
