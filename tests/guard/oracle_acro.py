"""Runs in an environment of its own: what acro, an independent checker, says of some groups."""

import json
import logging
import sys
import warnings

import pandas as pd  # type: ignore[import-untyped,unused-ignore]
from acro import ACRO  # type: ignore[import-not-found,unused-ignore]

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
asked = json.loads(sys.stdin.read())
rows = [(f"g{n:05d}", "all", value) for n, group in enumerate(asked["groups"]) for value in group]
table = pd.DataFrame(rows, columns=["group", "one", "value"])
session = ACRO(suppress=False)
session.config |= {
    "safe_threshold": asked["threshold"],
    "safe_nk_n": 2,
    "safe_nk_k": asked["k"],
    "safe_pratio_p": asked["p"],
}
session.crosstab(table["group"], table["one"], values=table["value"], aggfunc="sum")
told = session.results.get_index(0).outcome
sys.stdout.write("\n" + json.dumps([str(cell).split("; ") for cell in told.iloc[:, 0]]) + "\n")
