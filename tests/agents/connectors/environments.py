"""Programs of others in environments of their own, installed from a lock with hashes and never imported."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from conftest import alone

ROOT = Path(__file__).parents[3]
CACHE = ROOT / ".clients"


def install(name: str) -> str:
    """The command that installs one."""
    return (
        f"uv venv -q --clear .clients/{name} && uv pip install -q -p .clients/{name} "
        f"--require-hashes -r requirements/{name}.txt"
    )


def python_of(name: str, module: str) -> Path | None:
    """The interpreter of an environment that has a module, installed on first use."""
    python = CACHE / name / "bin" / "python"
    with alone(CACHE):
        if not _has(python, module) and shutil.which("uv", path=_path()):
            environ = {**os.environ, "PATH": _path()}
            subprocess.run(install(name), shell=True, cwd=ROOT, env=environ, timeout=540, check=False)
    return python if _has(python, module) else None


def _has(python: Path, module: str) -> bool:
    return bool(list(python.parents[1].glob(f"lib/python*/site-packages/{module}"))) and python.exists()


def _path() -> str:
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
