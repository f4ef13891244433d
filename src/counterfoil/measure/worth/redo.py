"""The two prices of rework."""

from collections.abc import Mapping

import numpy as np

from counterfoil.measure.fate.ends import CORRECTIVE
from counterfoil.measure.fate.lines import NONE
from counterfoil.measure.fate.rework import ai_lines, replacements
from counterfoil.measure.worth.pooled import Followed
from counterfoil.measure.worth.spend import SpendByFate
from counterfoil.measure.worth.usage import micro
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import MicroUsd, RepoPath

NOTHING_JOINED = Unknown("no spend was joined to a change")


def spend_on_replaced(spend: SpendByFate, repos: Mapping[RepoPath, Followed]) -> MicroUsd | Unknown:
    """First price: what was spent on each change times the share of its AI lines that a correction ended.

    Source: docs/methods/rework.md.
    """
    if not spend.paid:
        return NOTHING_JOINED
    shares = {repo: _corrected_share(followed) for repo, followed in repos.items()}
    return micro(round(sum(p.pico * shares[p.repository].get(p.change, 0.0) for p in spend.paid)))


def cost_of_redo(spend: SpendByFate, repos: Mapping[RepoPath, Followed]) -> MicroUsd | Unknown:
    """Second price: what was spent on the changes that corrected AI lines, by their share of those changes.

    A correction that no session is known of has no price in dollars: people's time is not in it.
    Source: docs/methods/rework.md.
    """
    if not spend.paid:
        return NOTHING_JOINED
    shares = {repo: _redo_share(followed) for repo, followed in repos.items()}
    return micro(round(sum(p.pico * shares[p.repository].get(p.change, 0.0) for p in spend.paid)))


def _corrected_share(r: Followed) -> dict[int, float]:
    """For each change, the share of its AI lines that a correction ended within 30 days."""
    size = len(r.fates.mainline)
    ai = ai_lines(r.fates)
    landed = np.bincount(r.fates.landed[ai], minlength=size)
    ends = r.changes.ends
    wrong = np.bincount(ends.landed[ai[ends.line] & (ends.cause == CORRECTIVE)], minlength=size)
    hit = np.flatnonzero(wrong)
    return dict(zip(hit.tolist(), (wrong[hit] / landed[hit]).tolist(), strict=True))


def _redo_share(r: Followed) -> dict[int, float]:
    """For each change that corrected AI lines, those lines over all that it landed or removed."""
    found = replacements(r.changes, ai_lines(r.fates))
    corrective = found.cause == CORRECTIVE
    size = len(r.fates.mainline)
    ended = np.bincount(found.ended[corrective], weights=found.lines[corrective], minlength=size)
    row = r.changes.row
    whole = np.zeros(size)
    counted = row != NONE
    whole[counted] = np.maximum(r.changes.lines, r.changes.removed)[row[counted]]
    hit = np.flatnonzero(ended)
    share = ended[hit] / np.maximum(whole[hit], ended[hit])
    return dict(zip(hit.tolist(), share.tolist(), strict=True))
