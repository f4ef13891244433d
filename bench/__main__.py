"""Runs every benchmark: `python -m bench [--quick] [REPO...]`, where each repository is a public history."""

import sys

from bench import cause, detection, gate, gateway, history, intake, invented, lake, pages, promise, usage
from bench.safety import outside as safety

if __name__ == "__main__":
    words = sys.argv[1:]
    quick = ["--quick"] if "--quick" in words else []
    usage.main(quick)
    invented.main(quick)
    promise.main(quick)
    intake.main(quick)
    lake.main(quick)
    detection.main(quick)
    cause.main(quick)
    safety.main(quick)
    pages.main(quick)
    gate.main(quick)
    gateway.main(quick)
    repos = [word for word in words if not word.startswith("--")]
    if quick or repos:
        history.main(quick or [*repos, "--theseus"])
