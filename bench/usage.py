"""Times daily usage over a large tree of transcripts beside ccusage and tokscale.

Usage: python -m bench.usage [--quick] [--runs N]
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.measured import Took, medians, run
from bench.transcripts import build

FOLDER = Path(".bench")
CCUSAGE, TOKSCALE = "ccusage@20.0.24", "tokscale@1.4.3"
BUCKETS = {
    "input_uncached": "inputTokens", "output": "outputTokens", "cache_write": "cacheCreationTokens",
    "cache_read": "cacheReadTokens",
}  # fmt: skip
CORE = (
    "const c=require('@tokscale/core');"
    "const r=c.parseLocalSources({homeDir:process.argv[1],sources:['claude']});"
    "console.log(JSON.stringify(r).length)"
)


def peers() -> Path | None:
    """The folder with the peers from npm; None where npm can't be had."""
    modules = FOLDER / "node_modules"
    if not (modules / "ccusage").exists():
        if shutil.which("npm") is None:
            return None
        FOLDER.mkdir(exist_ok=True)
        task = [
            "npm",
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--prefix",
            str(FOLDER),
            CCUSAGE,
            TOKSCALE,
        ]
        if subprocess.run(task, capture_output=True, check=False).returncode:
            return None
    return modules


def native(modules: Path) -> str | None:
    """ccusage's own binary, without node before it."""
    found = sorted(modules.glob("@ccusage/*/bin/ccusage"))
    for path in found:
        path.chmod(0o755)
    return str(found[0].resolve()) if found else None


def environment(home: Path, memory: Path) -> dict[str, str]:
    return {
        **os.environ,
        "HOME": str(home),
        "CLAUDE_CONFIG_DIR": str(home / ".claude"),
        "COUNTERFOIL_CACHE": str(memory / "cache"),
        "COUNTERFOIL_DATA": str(memory / "data"),
    }


def compared(home: Path, runs: int) -> dict[str, Any]:
    """Everything measured, interleaved."""
    memory = FOLDER / "memory"
    shutil.rmtree(memory, ignore_errors=True)
    env = environment(home, memory)
    ours = [str(Path(sys.executable).parent / "counterfoil"), "report", "--only", "usage", "--json"]
    tasks = {"counterfoil": [*ours, "--no-memory"], "bare python": [sys.executable, "-c", "pass"]}
    tasks["counterfoil --version"] = [ours[0], "--version"]
    modules = peers()
    if modules is not None and native(modules):
        node = ["node", str(modules / "ccusage" / "src" / "cli.js")]
        words = ["claude", "daily", "--offline", "--json"]
        tasks |= {"ccusage": [str(native(modules)), *words], "ccusage through node": [*node, *words]}
    run(ours, env=env)
    time.sleep(2.5)
    run(ours, env=env)
    tasks["counterfoil again"] = ours
    # Memory is looked at in a run of its own: who looks takes a share of the two cores.
    peaks = {name: run(task, env=env, watch=True).peak_mb for name, task in tasks.items()}
    took: dict[str, list[Took]] = {name: [] for name in tasks}
    for _ in range(runs):
        for name, task in tasks.items():
            took[name].append(run(task, env=env, watch=False))
    found: dict[str, Any] = {name: medians(took[name]) | {"peak_mb": round(peaks[name], 1)} for name in tasks}
    found["imported again, beside the standard library"] = imported(env, ours[1:])
    if "ccusage" in tasks:
        found["agreement"] = agreement(took["counterfoil"][0].out, took["ccusage"][0].out)
        found["ratio_wall"] = round(found["ccusage"]["wall_s"] / found["counterfoil"]["wall_s"], 2)
        found["ratio_cpu"] = round(found["ccusage"]["cpu_s"] / found["counterfoil"]["cpu_s"], 2)
        found["ratio_again"] = round(found["ccusage"]["wall_s"] / found["counterfoil again"]["wall_s"], 1)
    if modules is not None:
        found["tokscale core"] = core(modules, home, env, min(runs, 3))
    return found


def core(modules: Path, home: Path, env: dict[str, str], runs: int) -> dict[str, Any]:
    """tokscale's core through node: parsing alone, as its command line can't finish offline."""
    task = ["node", "-e", CORE, str(home)]
    try:
        return medians([run(task, env=env | {"NODE_PATH": str(modules.resolve())}) for _ in range(runs)])
    except RuntimeError as error:
        return {"failed": str(error)}


def agreement(ours: str, theirs: str) -> dict[str, Any]:
    """Totals of both, bucket by bucket."""
    mine, other = json.loads(ours)["usage"]["totals"], json.loads(theirs)["totals"]
    return {name: {"ours": mine[name], "ccusage": other[key]} for name, key in BUCKETS.items()}


def imported(env: dict[str, str], task: list[str]) -> list[str]:
    """Packages that the remembered answer imports beside the standard library."""
    argv = [sys.executable, "-X", "importtime", "-m", "counterfoil.app.entry", *task]
    said = subprocess.run(argv, env=env, capture_output=True, check=True, text=True).stderr
    names = {line.rsplit("|", 1)[1].strip().split(".")[0] for line in said.splitlines() if "|" in line}
    return sorted(name for name in names - sys.stdlib_module_names if name.isidentifier())


def main(arguments: list[str]) -> dict[str, Any]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args(arguments)
    FOLDER.mkdir(exist_ok=True)
    home = (FOLDER / ("transcripts-quick" if chosen.quick else "transcripts")).resolve()
    facts = build(home, size=50_000_000, files=200) if chosen.quick else build(home)
    found = {"tree": facts} | compared(home, 2 if chosen.quick else chosen.runs)
    (FOLDER / "usage.json").write_text(json.dumps(found, indent=1), "utf-8")
    print(json.dumps(found, indent=1))
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
