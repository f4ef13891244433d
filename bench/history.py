"""Times the replay of a whole history beside git blame and git-of-theseus, and counts agreement with blame.

Usage: python -m bench.history [REPO...] [--runs N] [--theseus [N]] [--sample N] [--cut-off S] [--quick]
"""

import argparse
import json
import os
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO

FOLDER = Path(".bench")
CUT_OFF = 600
"""A peer that needs longer is stopped and gives a lower bound, unless `--cut-off` says otherwise.

Unit: seconds.
"""
CORES = 2
LAST_STAGE = re.compile(rb"Entries Processed[^\r\n]*?(\d+)/(\d+) \[")
NEW_COMMITS = 40
"""So many of the last commits are new to a replay that is taken up again."""
OURS = """
import json, os, resource, sys
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
from counterfoil.collect.git.open import open_past
from counterfoil.terms.history import MergeStyle
repo, rev, path, words = sys.argv[1:]
memory = None
if path:
    from counterfoil.store.cache import open_cache
    memory = open_cache(path)
past = open_past(repo, rev=rev, style=MergeStyle.FULL, words=bool(words), memory=memory, at_once=True)
from counterfoil.measure.fate.replay import replay
fates = replay(past)
if memory:
    memory.close()
own = resource.getrusage(resource.RUSAGE_SELF)
git = resource.getrusage(resource.RUSAGE_CHILDREN)
used = {"own_mb": own.ru_maxrss // 1024, "git_mb": git.ru_maxrss // 1024}
print(json.dumps({"lines": len(fates.origin)} | used), flush=True)
os._exit(0)
"""
"""In the order, and with the start and the end, of the command itself."""


def git(repo: str, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", repo, *arguments], capture_output=True, check=True).stdout


def files(repo: str, sample: int) -> list[str]:
    """Text files at HEAD, or every n-th of them so that about `sample` remain."""
    listed = git(repo, "grep", "-I", "-z", "--name-only", "-e", "", "HEAD", "--").split(b"\0")
    paths = sorted({os.fsdecode(name.split(b":", 1)[1]) for name in listed if b":" in name})
    return paths[:: max(1, len(paths) // sample)] if sample else paths


def blame(repo: str, path: str, style: str) -> list[str]:
    """Origins of a file's lines; empty where git blame itself fails, as on content that is not here."""
    options = ["--first-parent"] if style == "first-parent" else []
    try:
        said = git(repo, "blame", "-s", "-l", "--root", *options, "HEAD", "--", path)
    except subprocess.CalledProcessError:
        return []
    return [line.split(b" ", 1)[0].decode() for line in said.split(b"\n")[:-1]]


def timed(task: Sequence[str]) -> tuple[float, float, str]:
    """Wall and CPU seconds of a command with its children, and what it printed."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(task, capture_output=True, check=True, text=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def time_blame(repo: str, paths: Sequence[str], style: str) -> tuple[float, dict[str, list[str]]]:
    began = time.perf_counter()
    with ThreadPoolExecutor(CORES) as pool:
        said = list(pool.map(lambda path: blame(repo, path, style), paths))
    return time.perf_counter() - began, dict(zip(paths, said, strict=True))


def agreement(repo: str, style: str, said: dict[str, list[str]]) -> dict[str, object]:
    """How many lines have the origin that git blame names."""
    from counterfoil.collect.git.open import open_past
    from counterfoil.measure.fate.replay import origins
    from counterfoil.terms.history import MergeStyle

    past = open_past(repo, style=MergeStyle(style), content=False)
    found = origins(past)
    names = [str(c.id) for c in past.commits()]
    agree = compared = uneven = failed = 0
    for path, theirs in said.items():
        if not theirs:
            failed += 1
            continue
        ours = [names[found.origin[n]] for n in found.files.get(path, ())]
        uneven += len(ours) != len(theirs)
        agree += sum(a == b for a, b in zip(ours, theirs, strict=False))
        compared += len(theirs)
    return {
        "agree": agree,
        "compared": compared,
        "share": round(agree / compared, 6) if compared else None,
        "files_of_other_length": uneven,
        "files_blame_did_not_tell": failed,
    }


def theseus() -> Path:
    """git-of-theseus in an environment of its own, installed where it is missing."""
    tool = FOLDER.resolve() / "theseus" / "bin" / "git-of-theseus-analyze"
    if not tool.exists():
        subprocess.run([sys.executable, "-m", "venv", str(FOLDER / "theseus")], check=True)
        subprocess.run([str(tool.with_name("pip")), "install", "-q", "git-of-theseus==0.3.4"], check=True)
    return tool


def time_theseus(repo: str, cut_off: float) -> tuple[float, float, float]:
    """Wall and CPU seconds of git-of-theseus with weekly samples, and how much of its last stage was done."""
    tool = theseus()
    with tempfile.TemporaryDirectory() as out:
        clone = os.path.join(out, "clone")
        subprocess.run(["git", "clone", "-q", "--shared", repo, clone], check=True)
        branch = git(clone, "rev-parse", "--abbrev-ref", "HEAD").decode().strip()
        options = ["--all-filetypes", "--procs", str(CORES), "--branch", branch, "--outdir", out]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with tempfile.TemporaryFile() as said:
            wall, ended = timed_until([str(tool), *options, clone], cut_off, said)
            said.seek(0)
            done = LAST_STAGE.findall(said.read())
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return wall, cpu, 1.0 if ended else int(done[-1][0]) / int(done[-1][1]) if done else 0.0


def timed_until(task: Sequence[str], limit: float, said: IO[bytes]) -> tuple[float, bool]:
    """Wall seconds of a command, and whether it ended; at the limit it is stopped with all it started."""
    began = time.perf_counter()
    process = subprocess.Popen(task, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True)
    try:
        status = process.wait(limit)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return limit, False
    if status:
        raise RuntimeError(f"{task[0]} ended with {status}")
    return time.perf_counter() - began, True


def time_resumed(repo: str) -> float:
    """Wall seconds of a replay that an earlier one, of all but the last commits, was kept for."""
    with tempfile.TemporaryDirectory() as folder:
        memory = os.path.join(folder, "cache.db")
        timed([sys.executable, "-c", OURS, repo, f"HEAD~{NEW_COMMITS}", memory, ""])
        return timed([sys.executable, "-c", OURS, repo, "HEAD", memory, ""])[0]


def measure(repo: str, arguments: argparse.Namespace) -> dict[str, object]:
    everything = files(repo, 0)
    paths = files(repo, arguments.sample)
    ours, cpu, told, blames = [], [], [], []
    peer: list[tuple[float, float, float]] = []
    said: dict[str, list[str]] = {}
    facts: dict[str, int] = {}
    for run in range(max(arguments.runs, arguments.theseus)):
        wall, used, printed = timed([sys.executable, "-c", OURS, repo, "HEAD", "", ""])
        ours.append(wall)
        cpu.append(used)
        facts = json.loads(printed)
        told.append(timed([sys.executable, "-c", OURS, repo, "HEAD", "", "words"])[0])
        if run < arguments.theseus:
            peer.append(time_theseus(repo, arguments.cut_off))
        wall, said = time_blame(repo, paths, "full")
        blames.append(wall * len(everything) / max(1, len(paths)))
    own, theirs = statistics.median(ours), statistics.median(blames)
    resumed = time_resumed(repo)
    row: dict[str, object] = {
        "repo": repo,
        "commits": int(git(repo, "rev-list", "--count", "HEAD")),
        "runs": arguments.runs,
        "wall_s": round(own, 2),
        "cpu_s": round(statistics.median(cpu), 2),
        "with_what_messages_claim_s": round(statistics.median(told), 2),
        **facts,
        "resumed_s": round(resumed, 2),
        "over_resumed": round(own / resumed, 1),
        "blame_head_s": round(theirs, 2),
        "blame_over_ours": round(theirs / own, 2),
        "files": len(everything),
        "files_blamed": len(paths),
        "agreement": {
            "full": agreement(repo, "full", said),
            "first-parent": agreement(repo, "first-parent", time_blame(repo, paths, "first-parent")[1]),
        },
    }
    if arguments.theseus:
        wall, used, done = (statistics.median(figures) for figures in zip(*peer, strict=True))
        row |= {
            "theseus_runs": arguments.theseus,
            "theseus_s": round(wall, 1),
            "theseus_cpu_s": round(used, 1),
            "theseus_cut_off": done < 1,
            "theseus_done_share": round(done, 4),
        }
        row["theseus_over_ours"] = round(wall / own, 1)
        row["theseus_over_ours_with_messages"] = round(wall / statistics.median(told), 1)
        row["theseus_over_ours_is_a_lower_bound"] = done < 1
    return row


def invented() -> str:
    """A small repository to try the bench on: the example's."""
    from datetime import UTC, datetime

    from counterfoil.simulate.example.build import build

    folder = FOLDER / "invented"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return str(build(folder.resolve(), seed=1, until=datetime(2026, 11, 25, tzinfo=UTC)).repository)


def main(words: Sequence[str]) -> list[dict[str, object]]:
    asked = argparse.ArgumentParser(prog="bench.history", description=__doc__)
    asked.add_argument("repos", nargs="*")
    asked.add_argument("--runs", type=int, default=3)
    asked.add_argument("--sample", type=int, default=0, help="blame about so many files; 0 means all")
    asked.add_argument(
        "--theseus",
        type=int,
        nargs="?",
        const=1,
        default=0,
        help="also run git-of-theseus, so often, each until --cut-off",
    )
    asked.add_argument("--cut-off", type=float, default=CUT_OFF, help="seconds that git-of-theseus gets")
    asked.add_argument("--quick", action="store_true", help="an invented repository of 400 commits, once")
    arguments = asked.parse_args(words)
    FOLDER.mkdir(exist_ok=True)
    if arguments.quick:
        arguments.repos, arguments.runs, arguments.theseus = [invented()], 1, 0
    rows = [measure(repo, arguments) for repo in arguments.repos]
    name = "history-quick.json" if arguments.quick else "history.json"
    (FOLDER / name).write_text(json.dumps(rows, indent=1), "utf-8")
    print(json.dumps(rows, indent=1))
    return rows


if __name__ == "__main__":
    main(sys.argv[1:])
