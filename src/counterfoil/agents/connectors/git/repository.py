"""A repository over git's own client: what a ref names, and moving it where nobody did meanwhile."""

import re
import subprocess
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from counterfoil.agents.connectors.connector import NotDone
from counterfoil.collect.git.command import environment
from counterfoil.terms.error import ToolError

REVISION = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
KEPT = "refs/counterfoil/deployments"
"""Where each deployment that went through an agent is kept, under the hash of its key."""
STATES = "refs/counterfoil/states"
"""Where the server's hook writes how a deployment went: a blob with one word."""
SECONDS = 60
HOOKS = "core.hooksPath=/dev/null"


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository of a server, and a mirror of it here."""

    url: str
    mirror: Path
    environments: Mapping[str, str]
    """The ref of each environment, by name."""
    token: str = field(default="", repr=False)
    """For a server over https; it is handed on in the environment, which no list of processes shows."""
    seconds: float = SECONDS

    def ref(self, environment: str) -> str:
        """The ref that an environment is.

        Raises: NotDone where there is none of that name.
        """
        found = self.environments.get(environment)
        if found is None:
            hint = f"name one of {', '.join(sorted(self.environments))}"
            raise NotDone("no-environment", "there is no such environment", hint=hint)
        return found

    def named(self, ref: str) -> str:
        """What the server's ref names now; empty where there is none of it."""
        listed = self._remote("ls-remote", "--", self.url, ref)
        return next((line.split("\t")[0] for line in listed.splitlines() if line.endswith(f"\t{ref}")), "")

    def kept(self) -> Mapping[str, str]:
        """Every deployment that an agent made: the hash of its key, and the revision."""
        lines = self._remote("ls-remote", "--", self.url, f"{KEPT}/*").splitlines()
        pairs = (line.split("\t", 1) for line in lines)
        return {ref.rpartition("/")[2]: revision for revision, ref in pairs}

    def tree(self, revision: str) -> str:
        """The tree of a revision, fetched where it is not here yet.

        Raises: NotDone where the server has no such revision.
        """
        if not REVISION.fullmatch(revision):
            hint = "name a commit by its whole hash; names of branches can be moved by others"
            raise NotDone("no-revision", "that is no revision", hint=hint)
        self._refreshed(revision)
        done = self._here("rev-parse", "--verify", "--quiet", f"{revision}^{{tree}}")
        if not done:
            raise NotDone("no-revision", "the server has no such revision", hint="push it first")
        return done

    def revisions(self, count: int) -> Sequence[tuple[str, str, str]]:
        """The newest commits of all branches: hash, time and subject."""
        self._refreshed("")
        wanted = ("log", "--branches", "--remotes", f"--max-count={count}", "--format=%H%x1f%cI%x1f%s", "--")
        lines = (line.split("\x1f", 2) for line in self._here(*wanted).splitlines())
        return [(line[0], line[1], line[2]) for line in lines if len(line) == 3]

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether one revision is in the history of the other."""
        self._refreshed(older)
        self._refreshed(newer)
        return self._run(("merge-base", "--is-ancestor", older, newer), at=self.mirror).returncode == 0

    def move(self, ref: str, *, old: str, new: str, key: str) -> None:
        """Let a ref name another revision, where it still names the old one; both refs or none of them.

        Raises: NotDone where the server refused; ToolError where nobody knows whether it did it.
        """
        lease = f"--force-with-lease={ref}:{old}"
        kept = f"--force-with-lease={kept_under(key)}:"
        refs = (f"{new}:{ref}", f"{new}:{kept_under(key)}")
        done = self._run(
            ("push", "--quiet", "--porcelain", "--atomic", lease, kept, "--", self.url, *refs),
            at=self.mirror,
            changes=True,
        )
        if done.returncode == 0:
            return
        refused = [line for line in done.stdout.splitlines() if line.startswith("!")]
        # So git writes of a ref of which the server, after it had everything, said nothing.
        if refused and not any("[remote failure]" in line for line in refused):
            hint = "look at what runs there now, and at the server's hooks"
            raise NotDone("push-refused", "the server refused to move it, or somebody else did", hint=hint)
        raise ToolError("push-broke-off", "nobody knows whether the server moved it", hint="look there")

    def state(self, environment: str, revision: str) -> str:
        """The word that the server's hook wrote of a deployment; empty where it wrote none."""
        ref = f"{STATES}/{environment}/{revision}"
        blob = self.named(ref)
        if not blob:
            return ""
        self._made()
        self._run(("fetch", "--quiet", "--no-tags", "--", self.url, f"+{ref}:{ref}"), at=self.mirror)
        return self._here("cat-file", "blob", blob)

    def _refreshed(self, revision: str) -> None:
        """Fetch where the mirror lacks a revision."""
        self._made()
        if (
            revision
            and not self._run(("cat-file", "-e", f"{revision}^{{commit}}"), at=self.mirror).returncode
        ):
            return
        self._remote("fetch", "--quiet", "--no-tags", "--prune", "--", self.url, "+refs/heads/*:refs/heads/*")

    def _made(self) -> None:
        if not (self.mirror / "HEAD").exists():
            self.mirror.parent.mkdir(parents=True, exist_ok=True)
            self._run(("init", "--quiet", "--bare", str(self.mirror)), at=self.mirror.parent)

    def _here(self, *task: str) -> str:
        done = self._run(task, at=self.mirror)
        return done.stdout.strip() if done.returncode == 0 else ""

    def _remote(self, *task: str) -> str:
        at = self.mirror if self.mirror.exists() else Path("/")
        done = self._run(task, at=at)
        if done.returncode:
            hint = "see that the server runs, and that the key may read it"
            raise NotDone("no-repository", "the repository can't be reached", hint=hint)
        return done.stdout

    def _credentials(self) -> dict[str, str]:
        if not self.token:
            return {}
        basic = b64encode(f"counterfoil:{self.token}".encode()).decode()
        return {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.{self.url}.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}",
        }

    def _run(
        self, task: Sequence[str], *, at: Path, changes: bool = False
    ) -> "subprocess.CompletedProcess[str]":
        """Run git; what the server says is read by nobody but us, and kept nowhere.

        Raises: NotDone where git is missing or took too long; ToolError where what took too long is a change.
        """
        settings = ("-c", HOOKS, "-c", "protocol.ext.allow=never", "-c", "safe.directory=*")
        try:
            return subprocess.run(  # noqa: S603
                ["git", *settings, *task],  # noqa: S607
                cwd=at,
                env=environment() | self._credentials(),
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=self.seconds,
                check=False,
            )
        except FileNotFoundError as error:
            raise NotDone("no-git", "git was not found", hint="install git") from error
        except subprocess.TimeoutExpired as error:
            hint = "look at the server; it is not tried again by itself"
            broke_off = ToolError if changes else NotDone
            raise broke_off("git-timeout", "git took too long", hint=hint) from error


def kept_under(key: str) -> str:
    """The ref under which a deployment is kept, which says nothing of its run."""
    return f"{KEPT}/{sha256(key.encode()).hexdigest()}"
