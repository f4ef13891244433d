"""What runs beside AgentDojo, in its environment: prints the figures of some policies as JSON."""

import argparse
import json
import platform
import resource
import sys
import time
import warnings
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from bench.safety.policies import EVERY
from bench.safety.scored import adaptive, owners, static
from bench.safety.sound import giving, unsound
from bench.safety.world import VERSIONS, suites
from counterfoil import __version__

QUICK = ("grants", "ours")
"""Policies of the short form: that the replay attacks at all, and that nothing comes through."""
UNTRIED = ("allow all", "read only", "trifecta", "taint by call")
"""Policies of which nobody asks what an attacker who knows them can do: another row says it."""
PERFECT = "perfect provenance"
_NAMED = {True: ("unattended", "rubber stamp"), False: ("none",)}
"""Which attacks are told by name: those that come through ours."""


def figures(names: Sequence[str], *, quick: bool) -> dict[str, Any]:
    """Every figure of some policies, in both versions."""
    began = time.monotonic()
    told: dict[str, Any] = {}
    for which in VERSIONS:
        found = list(suites(which))
        others = [] if quick or which != VERSIONS[0] else [name for name in names if name not in UNTRIED]
        tried = dict.fromkeys(["ours", *others])
        through = adaptive(found, {name: EVERY[name] for name in tried})
        for name in names:
            told.setdefault(which, {})[name] = {
                "owners": owners(found, EVERY[name], marked=name == PERFECT).told(),
                "static": static(found, EVERY[name]).told(*_NAMED[name == "ours"]),
                "adaptive": through[name].told() if name in through else None,
            }
            print(f"{time.monotonic() - began:6.1f} s  {which}  {name}", file=sys.stderr)
        told[which]["unsound labels"] = list(unsound(found))
        told[which]["gave the marker out"] = giving(found)
    return told


def main(words: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args(words)
    began = time.monotonic()
    told = figures(QUICK if asked.quick else tuple(EVERY), quick=asked.quick)
    used = resource.getrusage(resource.RUSAGE_SELF)
    about = {
        "counterfoil": __version__,
        "agentdojo": version("agentdojo"),
        "cedarpy": version("cedarpy"),
        "python": platform.python_version(),
        "cpu_seconds": round(used.ru_utime + used.ru_stime),
        "seconds": round(time.monotonic() - began),
    }
    print(json.dumps({**about, "versions": told}))


if __name__ == "__main__":
    warnings.filterwarnings("ignore", module="pydantic|langchain|google|cohere")
    main(sys.argv[1:])
