"""Git as agents see it: what runs where, and letting something else run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from counterfoil.agents.connectors.connector import Answer, Listed, NotDone
from counterfoil.agents.connectors.git.manifest import GIT, TOOLS
from counterfoil.agents.connectors.git.repository import REVISION, Repository, kept_under
from counterfoil.terms.effect import Effect, EffectFate, Followed
from counterfoil.terms.error import ToolError
from counterfoil.terms.tool import ConnectorId, Tool

MOST_REVISIONS = 50
STATES = ("ok", "failed", "pending")
UNKNOWN_STATE = "unknown"


@dataclass(frozen=True, slots=True)
class Git:
    """Repositories of one owner, by name."""

    repositories: Mapping[str, Repository]

    @property
    def id(self) -> ConnectorId:
        """Its name in grants."""
        return GIT

    @property
    def tools(self) -> Mapping[str, Tool]:
        """The manifest."""
        return TOOLS

    def do(self, tool: str, arguments: Mapping[str, Any], key: str) -> Answer:
        """Make one call.

        Raises: NotDone where surely nothing happened; ToolError where nobody knows.
        """
        repository = self._repository(arguments)
        if tool == "revisions":
            count = max(1, min(int(arguments.get("count", 10)), MOST_REVISIONS))
            listed = repository.revisions(count)
            return Answer([{"revision": name, "at": at, "subject": said} for name, at, said in listed])
        environment = str(arguments.get("environment", ""))
        if tool == "running":
            revision = repository.named(repository.ref(environment))
            return Answer({"revision": revision, "tree": repository.tree(revision) if revision else ""})
        if tool == "status":
            state = repository.state(environment, _revision(arguments))
            return Answer({"state": state if state in STATES else UNKNOWN_STATE})
        if tool in ("deploy", "rollback"):
            return _moved(repository, environment, _revision(arguments), key)
        raise NotDone("no-tool", "git has no such tool", hint="name a tool of the manifest")

    def read_back(self, tool: str, arguments: Mapping[str, Any], key: str) -> Answer | None:
        """The deployment that was kept under this key, in the same push that moved the ref."""
        if tool not in ("deploy", "rollback"):
            return None
        kept = self._repository(arguments).named(kept_under(key))
        return Answer({"revision": kept}, f"{kept}:") if kept else None

    def needless(self, tool: str, arguments: Mapping[str, Any]) -> str:
        """`same-tree` where just that runs there."""
        if tool not in ("deploy", "rollback"):
            return ""
        repository = self._repository(arguments)
        running = repository.named(repository.ref(str(arguments.get("environment", ""))))
        wanted = _revision(arguments)
        return "same-tree" if running and repository.tree(running) == repository.tree(wanted) else ""

    def follow(self, effect: Effect, now: datetime) -> Followed:
        """Whether what was deployed runs, was built upon, or was taken back."""
        revision, _, previous = effect.ref.partition(":")
        where = dict(to.split(":", 1) for to in effect.to)
        try:
            repository = self._repository(where)
            running = repository.named(repository.ref(where.get("environment", "")))
            fate = _fate(repository, running, revision, previous)
            state = repository.state(where["environment"], revision) if fate is EffectFate.DEPLOYED else ""
            return Followed(key=effect.key, fate=fate, at=now, failing=state == "failed")
        except ToolError as error:
            return Followed(key=effect.key, fate=EffectFate.NOT_EXAMINED, at=now, why=error.message)

    def undo(self, effect: Effect) -> tuple[str, Mapping[str, Any]] | None:
        """A rollback to what ran before, where something did."""
        where, previous = dict(to.split(":", 1) for to in effect.to), effect.ref.partition(":")[2]
        if effect.tool != "git/deploy" or not previous:
            return None
        return "rollback", {**where, "revision": previous}

    def listed(self) -> Listed:
        """Every deployment that an agent made, and what runs in each environment.

        Raises: ToolError where a server can't be asked.
        """
        marked, standing = dict[str, str](), dict[str, str]()
        for name, repository in self.repositories.items():
            kept = repository.kept()
            made_of = {revision: mark for mark, revision in kept.items()}
            marked |= {mark: f"{name}: a deployment of {revision}" for mark, revision in kept.items()}
            for environment, ref in repository.environments.items():
                if running := repository.named(ref):
                    where = f"{name}: {environment} runs {running}"
                    standing[made_of.get(running, f"{name} {environment}")] = where
        return Listed(marked, standing)

    def mark(self, key: str) -> str:
        """The hash under which a deployment is kept."""
        return kept_under(key).rpartition("/")[2]

    def _repository(self, arguments: Mapping[str, Any]) -> Repository:
        found = self.repositories.get(str(arguments.get("repo", "")))
        if found is None:
            hint = f"name one of {', '.join(sorted(self.repositories))}"
            raise NotDone("no-repository", "there is no such repository", hint=hint)
        return found


def _moved(repository: Repository, environment: str, revision: str, key: str) -> Answer:
    ref = repository.ref(environment)
    if kept := repository.named(kept_under(key)):
        return Answer({"revision": kept}, f"{kept}:")
    previous, tree = repository.named(ref), repository.tree(revision)
    repository.move(ref, old=previous, new=revision, key=key)
    return Answer({"revision": revision, "previous": previous, "tree": tree}, f"{revision}:{previous}")


def _fate(repository: Repository, running: str, revision: str, previous: str) -> EffectFate:
    if running == revision:
        return EffectFate.DEPLOYED
    if running and running != previous and repository.is_ancestor(revision, running):
        return EffectFate.STANDING
    if running == previous or (running and repository.is_ancestor(running, revision)):
        return EffectFate.ROLLED_BACK
    return EffectFate.NOT_EXAMINED if not running else EffectFate.REVERTED


def _revision(arguments: Mapping[str, Any]) -> str:
    revision = str(arguments.get("revision", ""))
    if not REVISION.fullmatch(revision):
        hint = "name a commit by its whole hash; names of branches can be moved by others"
        raise NotDone("no-revision", "that is no revision", hint=hint)
    return revision
