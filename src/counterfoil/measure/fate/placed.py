"""Columns of placements: each time a line of text was put somewhere, with what is known of it."""

from array import array

import numpy as np
from numpy.typing import NDArray

from counterfoil.terms.history import CODE_LINE, Claim, FilePatch, LineEvidence

NO_CLAIM = Claim(evidence=0, session=-1, tool="")


class Placed:
    """Every placement in order of being made; one that moves or reformats a line shares its life."""

    def __init__(self) -> None:
        self.origin = array("i")
        """Position of the commit that put it there: what blame names."""
        self.life = array("i")
        """The first placement of the same line; its own number where it is the first."""
        self.path = array("i")
        self.counted = bytearray()
        self.evidence = bytearray()
        self.session = array("i")
        self.tool = array("i")
        self.paths: dict[str, int] = {}
        self.tools: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.origin)

    def put(self, position: int, patch: FilePatch, n: int, evidence: LineEvidence | None) -> range:
        """Number n new lines of a patch, each a life of its own for now."""
        first = len(self.origin)
        numbers = range(first, first + n)
        if not n:
            return numbers
        self.origin.extend(array("i", (position,)) * n)
        self.life.extend(numbers)
        self.path.extend(array("i", (self.paths.setdefault(patch.path, len(self.paths)),)) * n)
        if patch.counted and len(patch.added) == n:
            self.counted += bytes([h & CODE_LINE for h in patch.added])
        else:
            self.counted += bytes(n)
        self._claim(n, NO_CLAIM if evidence is None else evidence.added(patch))
        return numbers

    def _claim(self, n: int, claims: object) -> None:
        if isinstance(claims, Claim):
            tool = self._tool(claims)
            self.evidence += bytes((claims.evidence,)) * n
            self.session.extend(array("i", (claims.session,)) * n)
            self.tool.extend(array("i", (tool,)) * n)
            return
        told: list[Claim] = list(claims)  # type: ignore[call-overload]
        if len(told) != n:
            raise ValueError(f"{len(told)} claims for {n} added lines")
        self.evidence += bytes([c.evidence for c in told])
        self.session.extend([c.session for c in told])
        self.tool.extend([self._tool(c) for c in told])

    def _tool(self, claim: Claim) -> int:
        return self.tools.setdefault(claim.tool, len(self.tools)) if claim.tool else -1

    def lives(self) -> NDArray[np.int32]:
        """The first placement of each, found through every later move.

        Shape: (placements,).
        """
        life = np.array(self.life, np.int32)
        while True:
            first = life[life]
            if np.array_equal(first, life):
                return life
            life = first
