"""Bare repositories of an invented company, whose hook says how each deployment went."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NO_GIT = "Git is not installed here, so no agent deploys anything in this example."
WORKS, FAILS = "ok", "failed"
SERVICES: Mapping[str, str] = {"shop": WORKS, "search": FAILS}
"""Each with how its newest revision does."""
ENVIRONMENTS = ("staging", "production")
HOOK = """#!/bin/sh
# Lets what was pushed run, and says how it does: here it is as the revision itself has it.
while read -r old new ref; do
  case "$ref" in
    refs/heads/staging | refs/heads/production)
      state=$(git show "$new:does" 2>/dev/null || echo pending)
      blob=$(printf %s "$state" | git hash-object -w --stdin)
      git update-ref "refs/counterfoil/states/${ref#refs/heads/}/$new" "$blob"
      ;;
  esac
done
"""


@dataclass(frozen=True, slots=True)
class Repositories:
    """Where they are, and the revision of each that is to be deployed."""

    folder: Path
    newest: Mapping[str, str]

    @property
    def account(self) -> Mapping[str, str]:
        """What their owner enters to connect them."""
        refs = " ".join(f"{name}=refs/heads/{name}" for name in ENVIRONMENTS)
        lines = [f"{name} {self.folder / name}.git {refs}" for name in self.newest]
        return {"repositories": "\n".join(lines)}


def repositories(folder: Path) -> Repositories | None:
    """Make them in a folder that is there; None where git is not installed."""
    if shutil.which("git") is None:
        return None
    return Repositories(folder, {name: _made(folder, name, does) for name, does in SERVICES.items()})


def _made(folder: Path, name: str, does: str) -> str:
    """A repository whose first revision runs everywhere; the hash of its newest."""
    bare = folder / f"{name}.git"
    _git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    first = _commit(bare, name, WORKS, "Serve the first page")
    for branch in ("main", *ENVIRONMENTS):
        _git(bare, "update-ref", f"refs/heads/{branch}", first)
    newest = _commit(bare, name, does, "Answer twice as fast", first)
    _git(bare, "update-ref", "refs/heads/main", newest)
    hook = bare / "hooks" / "post-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(HOOK, "utf-8")
    hook.chmod(0o755)
    return newest


def _commit(bare: Path, name: str, does: str, subject: str, *parents: str) -> str:
    """A commit of one file that says how it does, and one that says what it is."""
    rows = ""
    for file, text in (("README", f"{name}: {subject}\n"), ("does", does)):
        rows += f"100644 blob {_git(bare, 'hash-object', '-w', '--stdin', given=text)}\t{file}\n"
    tree = _git(bare, "mktree", given=rows)
    before = [word for parent in parents for word in ("-p", parent)]
    return _git(bare, "commit-tree", tree, *before, "-m", subject)


def _git(at: Path, *task: str, given: str = "") -> str:
    who = {"NAME": "Robin Vale", "EMAIL": "robin.vale@example.org"}
    names = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()}
    plain = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    done = subprocess.run(  # noqa: S603
        ["git", *task],  # noqa: S607
        cwd=at,
        env=kept | names | plain,
        input=given,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout.strip()
