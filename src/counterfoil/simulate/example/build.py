"""Builds the example: an invented shop of 200 days and matching logs of the three tools."""

from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from counterfoil.simulate.example.schedule import Calendar, scenes
from counterfoil.simulate.formats.claude import write_claude
from counterfoil.simulate.formats.codex import write_codex
from counterfoil.simulate.formats.gemini import write_gemini
from counterfoil.simulate.formats.git_stream import GitStream
from counterfoil.simulate.formats.session import Talk
from counterfoil.simulate.histories.director import Director
from counterfoil.simulate.histories.people import ME
from counterfoil.simulate.histories.planted import Planted, PlantedSession, PlantedUsage
from counterfoil.simulate.histories.talks import CLAUDE, CODEX, GEMINI, Talker
from counterfoil.terms.ids import SessionId, SourceId
from counterfoil.terms.work import FateKind, SpendPart

DAYS = 200
PARTS = {
    FateKind.STANDING: SpendPart.STANDING,
    FateKind.CORRECTED: SpendPart.CORRECTED,
    FateKind.REVERTED: SpendPart.REVERTED,
    FateKind.REPLACED: SpendPart.REPLACED,
    FateKind.TOO_YOUNG: SpendPart.TOO_YOUNG,
}


def build(folder: Path, *, seed: int, until: datetime, days: int = DAYS) -> Planted:
    """An invented repository and logs below `folder`, the same for the same seed, end and folder."""
    random = Random(seed)  # noqa: S311 - a story, not a secret
    calendar = Calendar(random, days)
    repository, home = folder / "shop", folder / "home"
    began = (until - timedelta(days=days)).replace(microsecond=0)
    with GitStream(repository, ME) as git:
        director = Director(git, random, str(repository), began)
        director.play(scenes(random, calendar))
    idle = _idle(random, calendar, director, folder)
    held = [(h.tool, h.talk) for h in director.talks]
    talks = [*held, *((tool, talk) for tool, talk, _ in idle)]
    write_claude(home, [talk for tool, talk in talks if tool == CLAUDE])
    codex = [talk for tool, talk in talks if tool == CODEX]
    write_codex(home, codex, compressed={talk.id for talk in codex[::5] if talk.parent is None})
    write_gemini(home, [talk for tool, talk in talks if tool == GEMINI])
    sure = {session: PARTS[change.fate] for change in director.changes for session in change.sessions}
    planted = [_planted(tool, told, sure[told.id]) for tool, told in held if told.id in sure]
    unsure = [(tool, talk) for tool, talk in held if talk.id not in sure]
    return Planted(
        repository=repository,
        home=home,
        me=ME,
        changes=tuple(director.changes),
        sessions=(*planted, *(_planted(tool, talk, part) for tool, talk, part in idle)),
        unsure=tuple(_planted(tool, talk, SpendPart.UNKNOWN) for tool, talk in unsure),
    )


def _idle(
    random: Random, calendar: Calendar, director: Director, folder: Path
) -> list[tuple[str, Talk, SpendPart]]:
    """Sessions that made no change: some looked about, some worked in a folder that is gone."""
    talker = Talker(random)
    here, gone = str(folder / "shop"), str(folder / "prototype")
    told: list[tuple[str, Talk, SpendPart]] = []
    for number, day in enumerate(calendar.quiet):
        tool = (CLAUDE, CODEX, GEMINI)[number % 3]
        at = director.at(day)
        told.append((tool, talker.session(tool, here, until=at, idle=14), SpendPart.NOTHING_FOUND))
        if number in (1, 4):
            told.append((CLAUDE, talker.session(CLAUDE, gone, until=at, idle=9), SpendPart.NOT_EXAMINED))
        if number == 2:
            told.append((CLAUDE, talker.session(CLAUDE, None, until=at, idle=5), SpendPart.UNKNOWN))
    return told


def _planted(tool: str, talk: Talk, part: SpendPart) -> PlantedSession:
    requests = [request for told in (talk, *talk.subagents) for request in told.requests]
    usage = PlantedUsage.of(request.tokens for request in requests)
    return PlantedSession(id=SessionId(talk.id), source=SourceId(tool), part=part, usage=usage)
