"""Turns what a replay noted into one row for each line that ever stood on the main line."""

from array import array

import numpy as np
from numpy.typing import NDArray

from counterfoil.measure.fate.lines import DELETED, JOINED, NONE, REWRITTEN, STANDS, Bytes, Ints, LineFates
from counterfoil.measure.fate.mainline import Mainline
from counterfoil.measure.fate.placed import Placed
from counterfoil.terms.history import Past


def settled(
    past: Past,
    placed: Placed,
    mainline: Mainline,
    *,
    taken: "array[int]",
    takers: "array[int]",
    head: dict[str, "array[int]"],
    removed_counted: Ints,
    formatting: set[int],
    bulk: NDArray[np.bool_],
    moved_lines: int,
    formatting_lines: int,
) -> LineFates:
    """The life of every line that ever stood on the main line."""
    lives = placed.lives()
    landed, ended = _span(lives, mainline)
    for lines in head.values():
        ended[lives[ints(lines)]] = NONE
    killer, how = _killers(lives, taken, takers, mainline.landed_in(), ended)
    ever = np.flatnonzero((landed != NONE) & (lives == np.arange(len(lives))))
    number = np.full(len(lives), NONE, np.int32)
    number[ever] = np.arange(len(ever), dtype=np.int32)
    stands = ended[ever] == NONE
    joined = (how == REWRITTEN) & np.isin(killer, list(formatting))
    how[joined] = JOINED
    killed = np.where(killer[ever] == NONE, _position(mainline, ended[ever]), killer[ever])
    return LineFates(
        style=past.style,
        commits=past.commits(),
        mainline=np.array(mainline.positions, np.int32),
        landed_in=mainline.landed_in(),
        landed_at=mainline.landed_at(),
        undone=mainline.undone,
        origin=ints(placed.origin)[ever],
        landed=landed[ever],
        ended=ended[ever],
        killer=np.where(stands, NONE, killed).astype(np.int32),
        how=np.where(stands, STANDS, how[ever]).astype(np.uint8),
        counted=np.frombuffer(bytes(placed.counted), np.bool_)[ever],
        path=ints(placed.path)[ever],
        evidence=np.frombuffer(bytes(placed.evidence), np.uint8)[ever],
        session=ints(placed.session)[ever],
        tool=ints(placed.tool)[ever],
        paths=list(placed.paths),
        tools=list(placed.tools),
        head={path: number[lives[ints(lines)]] for path, lines in head.items()},
        removed_counted=removed_counted,
        moved_lines=moved_lines,
        formatting_lines=formatting_lines,
        bulk=bulk,
        caveats=past.facts.caveats,
    )


def ints(numbers: "array[int]") -> Ints:
    """A column as numpy sees it, without a copy."""
    return np.frombuffer(numbers, np.int32) if len(numbers) else np.zeros(0, np.int32)


def _span(lives: Ints, mainline: Mainline) -> tuple[Ints, Ints]:
    """For each life the first change that had it, and the change after which it was gone for good.

    Shape: (placements,) both.
    """
    come, came = lives[ints(mainline.come)], _spread(mainline.come_at)
    gone, went = lives[ints(mainline.gone)], _spread(mainline.gone_at)
    never = np.iinfo(np.int32).max
    landed = np.full(len(lives), never, np.int32)
    np.minimum.at(landed, come, came)
    last_came = np.full(len(lives), NONE, np.int32)
    np.maximum.at(last_came, come, came)
    last_went = np.full(len(lives), NONE, np.int32)
    np.maximum.at(last_went, gone, went)
    # In one change a line goes before it comes: one that did both only moved.
    ended = np.where(last_went > last_came, last_went, NONE).astype(np.int32)
    return np.where(landed == never, NONE, landed).astype(np.int32), ended


def _spread(pairs: "array[int]") -> Ints:
    """From pairs (how many, at) one `at` for each."""
    return np.repeat(ints(pairs)[1::2], ints(pairs)[0::2])


def _killers(
    lives: Ints, taken: "array[int]", takers: "array[int]", landed_in: Ints, ended: Ints
) -> tuple[Ints, Bytes]:
    """The last commit that took each life away and had landed when it ended, and how.

    A branch that lands later removed a line that was gone by then.
    Shape: (placements,) both.
    """
    line, by = lives[ints(taken)], _spread(takers)
    in_time = landed_in[np.where(by < 0, ~by, by)] <= ended[line]
    line, by = line[in_time], by[in_time]
    order = np.full(len(lives), NONE, np.int64)
    np.maximum.at(order, line, np.arange(len(line)))
    hit = order != NONE
    signed = np.full(len(lives), NONE, np.int32)
    signed[hit] = by[order[hit]]
    killer = np.where(hit, np.where(signed < 0, ~signed, signed), NONE).astype(np.int32)
    how = np.where(hit & (signed >= 0), REWRITTEN, DELETED).astype(np.uint8)
    return killer, how


def _position(mainline: Mainline, index: Ints) -> Ints:
    positions = np.array([*mainline.positions, NONE], np.int32)
    return positions[index]
