"""Plays the story: each scene alters the shop, becomes a commit, and leaves the logs of its sessions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from counterfoil.simulate.formats.git_stream import GitStream
from counterfoil.simulate.formats.session import Call, RunCommand, Talk
from counterfoil.simulate.histories.invented_code import Coder
from counterfoil.simulate.histories.people import FORGE, ME, ME_BEFORE, SIGNS, Identity
from counterfoil.simulate.histories.planted import PlantedChange
from counterfoil.simulate.histories.scene import Deed, Landing, Scene
from counterfoil.simulate.histories.shop import Hand, Shop
from counterfoil.simulate.histories.talks import CODEX, Talker
from counterfoil.simulate.histories.vocabulary import AREAS, NOUNS, QUALITIES
from counterfoil.terms.ids import CommitId, SessionId
from counterfoil.terms.mark import Evidence

TOUCH_UP = 0.05
"""Share of a tool's lines that its user changes before committing."""
HARD_SHARE = 0.5
"""Share of a change's statements that a fix or a redesign rewrites: well over the fifth that counts."""
SOFT_SHARE = 0.08
"""Small commits never take more than this of any change."""
ALIAS_UNTIL = 20.0
"""Day on which the runner's address changed."""
PLANTED = (Deed.ADD, Deed.REWRITE, Deed.TAKE_OUT)


@dataclass(slots=True)
class Played:
    """What one scene left behind."""

    number: int
    commit: CommitId
    subject: str
    request: int | None
    paths: list[str] = field(default_factory=list)
    sessions: list[Talk] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Held:
    """A session, who held it, and with which tool."""

    who: Identity
    tool: str
    talk: Talk


class Director:
    """Plays scenes into a repository, in order."""

    def __init__(self, git: GitStream, random: Random, directory: str, began: datetime) -> None:
        self._git = git
        self._random = random
        self._directory = directory
        self._began = began
        self._coder = Coder(random)
        self._shop = Shop()
        self._talker = Talker(random)
        self._tips: list[CommitId] = []
        self._requests = 100
        self._played: dict[int, Played] = {}
        self._files = 0
        self.talks: list[Held] = []
        self.changes: list[PlantedChange] = []

    def play(self, scenes: Sequence[Scene]) -> None:
        """Play every scene."""
        for number, scene in enumerate(scenes):
            self._scene(number, scene)

    def at(self, day: float) -> datetime:
        """The moment of a day of the story."""
        return (self._began + timedelta(days=day)).replace(microsecond=0)

    def _scene(self, number: int, scene: Scene) -> None:
        hand = Hand(self._shop, self._coder, self._random, number, TOUCH_UP if scene.tool else 0.0)
        self._perform(scene, hand)
        files = hand.files()
        if not files:
            return
        played = self._commit(number, scene, files)
        played.paths = [path for path, content in files.items() if content is not None]
        self._played[id(scene)] = played
        if scene.tool:
            self._sessions(scene, played, self._calls(hand, files))
        if scene.fate is not None and scene.deed in PLANTED:
            self.changes.append(_planted(scene, played))

    def _perform(self, scene: Scene, hand: Hand) -> None:
        target = None if scene.target is None else self._played[id(scene.target)]
        match scene.deed:
            case Deed.ADD:
                hand.add(self._path(scene), self._names(2, 4), self._random.randint(6, 11))
            case Deed.BULK:
                for _ in range(14):
                    hand.add(self._new_path(typescript=False), self._names(18, 18), 12)
            case Deed.BEGIN:
                self._begin(hand)
            case Deed.VENDOR:
                hand.put("vendor/grid/grid.js", [f"export const cell{n} = {n * 7};" for n in range(400)])
            case Deed.GENERATE:
                hand.put(
                    "web/package-lock.json", ["{", *(f'  "dep-{n}": "{n}.0.1",' for n in range(300)), "}"]
                )
            case Deed.TIDY:
                self._tidy(hand)
            case _ if target is not None:
                self._respond(scene, hand, target)

    def _respond(self, scene: Scene, hand: Hand, target: Played) -> None:
        match scene.deed:
            case Deed.REWRITE:
                hand.rewrite(target.number, HARD_SHARE)
            case Deed.TOUCH:
                hand.rewrite(target.number, 1.2 / max(self._shop.landed[target.number], 1))
            case Deed.TAKE_OUT:
                hand.drop_change(target.number)
            case Deed.MOVE:
                path, positions = self._shop.lines_of(target.number)[0]
                known = [p for p in sorted(self._shop.files) if p.startswith(("shop/", "web/"))]
                others = [p for p in known if p.endswith(path[-3:]) and p != path]
                block = next(b for i in positions if (b := self._shop.files[path][i].block))
                hand.move(block, self._random.choice(others))
            case Deed.REINDENT:
                for path in target.paths:
                    hand.restyle(path, _reindented)
            case Deed.REQUOTE:
                for path in target.paths:
                    hand.restyle(path, lambda text: text.replace("'", '"'))
            case Deed.IGNORE:
                hand.put(".git-blame-ignore-revs", ["# quotes alone", target.commit])

    def _begin(self, hand: Hand) -> None:
        hand.put("README.md", ["# The shop", "", "An invented web shop; nothing of it is real."])
        hand.put(".mailmap", [f"{ME} <{ME_BEFORE.mail}>"])
        for area in AREAS[:6]:
            hand.add(f"shop/{area}/service.py", self._names(3, 4), 8)
            hand.add(f"web/{area}/view.ts", self._names(2, 3), 7)

    def _tidy(self, hand: Hand) -> None:
        numbers = [n for n in self._shop.landed if self._shop.room_to_lose(n, SOFT_SHARE)]
        for number in self._random.sample(numbers, min(2, len(numbers))):
            hand.rewrite(number, 1.2 / self._shop.landed[number])

    def _names(self, fewest: int, most: int) -> list[str]:
        return [self._coder.name() for _ in range(self._random.randint(fewest, most))]

    def _path(self, scene: Scene) -> str:
        suffix = ".ts" if scene.typescript else ".py"
        known = [
            p for p in sorted(self._shop.files) if p.endswith(suffix) and p.split("/")[0] in ("shop", "web")
        ]
        shared = [p for p in known if len(self._shop.files[p]) < 260]
        if scene.new_files or not shared or self._random.random() < 0.35:
            return self._new_path(typescript=scene.typescript)
        return self._random.choice(shared)

    def _new_path(self, *, typescript: bool) -> str:
        self._files += 1
        name = f"{self._random.choice(QUALITIES)}_{self._random.choice(NOUNS)}_{self._files}"
        area = self._random.choice(AREAS)
        return f"web/{area}/{name}.ts" if typescript else f"shop/{area}/{name}.py"

    def _commit(self, number: int, scene: Scene, files: dict[str, bytes | None]) -> Played:
        when = self.at(scene.day)
        early = scene.author == ME and scene.day < ALIAS_UNTIL
        author = ME_BEFORE if early else scene.author
        request = None
        if scene.landing is not Landing.DIRECT:
            self._requests += 1
            request = self._requests
        subject, body = self._message(scene, number)
        parents = self._tips[-1:]
        if scene.landing is Landing.MERGE:
            commit = self._merged(subject, body, files, when, author, request)
        else:
            squash = scene.landing is Landing.SQUASH
            words = f"{subject} (#{request})" if squash else subject
            commit = self._git.commit(
                words + body,
                files,
                at=when,
                author=author,
                committer=FORGE if squash else author,
                parents=parents,
            )
        self._tips.append(commit)
        return Played(number, commit, subject, request)

    def _merged(
        self,
        subject: str,
        body: str,
        files: dict[str, bytes | None],
        when: datetime,
        author: Identity,
        request: int | None,
    ) -> CommitId:
        """A branch that left the main line a commit ago, and the merge that brings it back."""
        ref = f"refs/heads/topic-{request}"
        base = self._tips[-2:][:1]
        earlier = when - timedelta(minutes=40)
        branch = self._git.commit(
            subject + body, files, at=earlier, author=author, committer=author, parents=base, ref=ref
        )
        merge = self._git.commit(
            f"Merge pull request #{request} from example/topic-{request}\n\n{subject}",
            files,
            at=when,
            author=author,
            committer=FORGE,
            parents=[self._tips[-1], branch],
        )
        self._git.forget_branch(ref)
        return merge

    def _message(self, scene: Scene, number: int) -> tuple[str, str]:
        """Subject and the rest of a commit message."""
        target = None if scene.target is None else self._played[id(scene.target)]
        what = f"{self._random.choice(QUALITIES)} {self._random.choice(NOUNS)} {number}"
        kind = f"{scene.words}: " if scene.words else ""
        subject = f"{kind}{'handle' if kind else 'Handle'} {what}"
        lines: list[str] = []
        if scene.words == "revert" and target is not None:
            subject = f'Revert "{target.subject}"'
            by_request = scene.landing is Landing.SQUASH and target.request is not None
            lines = [
                f"Reverts example/shop#{target.request}"
                if by_request
                else f"This reverts commit {target.commit}."
            ]
        elif scene.deed is Deed.TOUCH and target is not None:
            lines = [f"Fixes: {target.commit[:12]}"]
        sign = SIGNS.get(scene.sign)
        lines += sign.trailers if sign is not None else ()
        return subject, "\n\n" + "\n".join(lines) + "\n" if lines else "\n"

    def _calls(self, hand: Hand, files: dict[str, bytes | None]) -> list[Call]:
        """What the tool did: its writes, and the removal of whole files."""
        gone = [path for path, content in files.items() if content is None]
        calls: list[Call] = list(hand.calls)
        return [*calls, RunCommand(f"git rm -q {' '.join(gone)}", "")] if gone else calls

    def _sessions(self, scene: Scene, played: Played, calls: list[Call]) -> None:
        until = self.at(scene.day) - timedelta(minutes=45 if scene.landing is Landing.MERGE else 2)
        own = scene.landing is Landing.DIRECT
        named = f"[main {played.commit[:9]}] {played.subject}" if own else ""
        half = (len(calls) + 1) // 2 if scene.forked or scene.twice else len(calls)
        branch = "main" if own else f"topic-{played.request}"
        # A fork begins after what it was forked from has ended.
        first_until = until - timedelta(hours=1) if scene.forked else until
        first = self._talker.session(
            scene.tool,
            self._directory,
            until=first_until,
            writes=calls[:half],
            commit=named,
            branch=branch,
            forked=scene.forked,
        )
        talks = [first]
        if half < len(calls) or scene.forked or scene.twice:
            parent = first if scene.forked and scene.tool == CODEX else None
            talks.append(
                self._talker.session(
                    scene.tool,
                    self._directory,
                    until=until + timedelta(minutes=1, seconds=30),
                    writes=calls[half:] or calls[:half],
                    branch=branch,
                    parent=parent,
                    forked=scene.forked,
                )
            )
        played.sessions = talks
        self.talks += [Held(scene.author, scene.tool, talk) for talk in talks]


def _planted(scene: Scene, played: Played) -> PlantedChange:
    sign = SIGNS.get(scene.sign)
    if scene.tool:
        evidence, tool = Evidence.CONTENT, scene.tool
    else:
        evidence, tool = (sign.evidence, sign.tool) if sign else (Evidence.UNKNOWN, "")
    if scene.fate is None:
        raise ValueError("no fate was planted")
    return PlantedChange(
        name=f"{scene.deed.name.lower()}, {scene.ending.name.lower()}, {scene.landing.name.lower()}",
        commit=played.commit,
        fate=scene.fate,
        evidence=evidence,
        tool=tool,
        sessions=tuple(SessionId(talk.id) for talk in played.sessions),
    )


def _reindented(text: str) -> str:
    stripped = text.lstrip(" ")
    return " " * 2 * (len(text) - len(stripped)) + stripped
