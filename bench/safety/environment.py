"""AgentDojo in an environment of its own, made from a lock with hashes, so that nothing of it is in ours."""

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements" / "agentdojo.txt"
FOLDER = ROOT / ".bench" / "agentdojo"


def python() -> Path:
    """The Python of the environment, made where it is missing or where the lock is another one."""
    found, made = FOLDER / "bin" / "python", FOLDER / "made"
    lock = sha256(LOCK.read_bytes()).hexdigest()
    if not made.exists() or made.read_text("utf-8") != lock:
        beside = Path(sys.executable).with_name("uv")
        uv = str(beside) if beside.exists() else shutil.which("uv") or "uv"
        subprocess.run([uv, "venv", "-q", "--clear", "--python", sys.executable, str(FOLDER)], check=True)
        install = [uv, "pip", "sync", "-q", "--require-hashes", "--python", str(found), str(LOCK)]
        subprocess.run(install, check=True)
        made.write_text(lock, "utf-8")
    return found


def run(*words: str) -> str:
    """What `bench.safety.inside` prints there; only our own sources and the benchmarks are added."""
    quiet = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}", "PYTHONWARNINGS": "ignore"}
    line = [str(python()), "-m", "bench.safety.inside", *words]
    return subprocess.run(line, check=True, cwd=ROOT, env=quiet, stdout=subprocess.PIPE, text=True).stdout
