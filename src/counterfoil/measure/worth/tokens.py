"""What a line that stood took: output tokens over lines alive after 30 days."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from counterfoil.measure.fate.lines import NONE
from counterfoil.measure.fate.reverts import WINDOW
from counterfoil.measure.interval import FEWEST_CLUSTERS, percentiles, resamples
from counterfoil.measure.worth.pooled import Followed
from counterfoil.measure.worth.usage import Spent
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.ids import SessionId
from counterfoil.terms.mark import Evidence
from counterfoil.terms.report import Figure


def lines_alive(r: Followed, sessions: Sequence[SessionId]) -> dict[SessionId, int]:
    """For each session whose matched lines are all old enough, how many stood 30 days after landing.

    A session with any line too young to tell is left out: its tokens can't be divided.
    """
    fates = r.fates
    mine = np.flatnonzero(
        (fates.session != NONE) & (fates.evidence >= Evidence.CONTENT) & fates.counted & r.lines
    )
    row = r.changes.row[fates.landed[mine]]
    old = (row != NONE) & r.changes.old_enough[row]
    ended = fates.ended[mine]
    age = fates.landed_at[ended] - fates.landed_at[fates.landed[mine]]
    alive = (ended == NONE) | (age > WINDOW)
    size = len(sessions)
    young = np.bincount(fates.session[mine[~old]], minlength=size)
    lines = np.bincount(fates.session[mine], minlength=size)
    stood = np.bincount(fates.session[mine[alive]], minlength=size)
    chosen = np.flatnonzero((young == 0) & (lines > 0)).tolist()
    return {sessions[number]: int(stood[number]) for number in chosen}


def tokens_per_line(
    rows: Iterable[Spent], roots: Mapping[SessionId, SessionId], alive: Mapping[SessionId, int]
) -> Figure:
    """Output tokens of the sessions whose lines are known, over their lines that stood.

    Source: Cochran (1977), ratio estimator; whole sessions resampled as in `resamples`.
    """
    tokens = dict.fromkeys(alive, 0)
    for row in rows:
        root = roots.get(row.session, row.session)
        if root in tokens:
            tokens[root] += row.output
    used = [session for session in sorted(alive) if tokens[session]]
    spent = np.array([tokens[session] for session in used], np.float64)
    lines = np.array([alive[session] for session in used], np.float64)
    if not lines.sum():
        return Unknown("no matched line is 30 days old")
    value = float(spent.sum() / lines.sum())
    low: float | Unknown
    high: float | Unknown
    low = high = Unknown(f"it rests on {len(used)} sessions; an interval takes at least {FEWEST_CLUSTERS}")
    if len(used) >= FEWEST_CLUSTERS:
        drawn = np.array([(w @ spent) / max(float(w @ lines), 1.0) for w in resamples(len(used))])
        lows, highs = percentiles(drawn[:, None], np.array([value]), len(used))
        low, high = float(lows[0]), float(highs[0])
    return Estimate(
        value=value,
        low=low,
        high=high,
        n=int(lines.sum()),
        coverage=len(used) / len(alive),
        method="survival",
    )
