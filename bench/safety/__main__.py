"""Attacks on agents, replayed: `python -m bench.safety [--quick]`; docs/agent-safety.md tells it.

The long form writes docs/agent-safety.json and the figures in docs/agent-safety.md. The short form runs our
own policy against every attacker, and fails where a figure misses its bound or is another than the page says:
the replay has no chance in it.
"""

import sys

from bench.safety import outside

if __name__ == "__main__":
    outside.main(sys.argv[1:])
