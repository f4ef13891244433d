"""What a rollout shows was written and committed: patches, changed files and commits, as hashes and names."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from counterfoil.collect.codex.patch import Change, changed, patched
from counterfoil.collect.codex.record import Event, Item
from counterfoil.collect.commits import commits_made
from counterfoil.collect.lines import LineHasher
from counterfoil.collect.reading import CommittedFact, FileReading, WrittenFact

_EXIT = re.compile(r"(?:exited with code|Exit code:) (-?\d+)")
_HEAD = 400
"""The exit code stands before the output; what a program printed can't forge it there.

Unit: characters.
"""


class Watcher:
    """Notes calls and what came of them; an event that states a change beats the call that asked for it."""

    def __init__(self, hasher: LineHasher) -> None:
        self._keys = hasher.keys_of
        self._asked: dict[str, list[WrittenFact]] = {}
        self._commands: dict[str, str] = {}
        self._stated: dict[str, list[WrittenFact]] = {}
        self._failed: set[str] = set()
        self._committed: list[CommittedFact] = []
        self._said: list[int] = []
        self._user_items: list[int] = []

    def turns(self) -> list[str]:
        """When a person spoke; builds that write both forms are counted by the newer one."""
        return [str(at) for at in self._user_items or self._said]

    def item(self, item: Item, at: int, directory: str) -> None:
        """A call, or what came of one."""
        call = item.call_id
        if call is None:
            return
        if item.type in ("custom_tool_call", "function_call", "local_shell_call"):
            command = "\n".join(_words(item.input, item.arguments, item.action))
            self._commands[call] = command
            if item.name == "apply_patch" or "apply_patch" in command:
                self._asked[call] = self._facts(call, at, directory, patched(command))
        elif item.type in ("custom_tool_call_output", "function_call_output"):
            output = _text(item.output)
            if not _succeeded(output, patch=call in self._asked):
                self._failed.add(call)
            else:
                self._commits(self._commands.get(call, ""), output, at, directory)

    def event(self, event: Event, at: int, directory: str) -> None:
        """A changed file, a command that ended, or a person's words."""
        if event.type == "user_message":
            self._said.append(at)
        elif event.type == "patch_apply_begin" and event.call_id:
            self._asked[event.call_id] = self._facts(event.call_id, at, directory, changed(event.changes))
        elif event.type == "patch_apply_end" and event.call_id:
            self._settled(event.call_id, event.success is not False, event.changes, at, directory)
        elif event.type == "item_completed" and isinstance(event.item, Mapping):
            self._completed(event.item, at, directory)

    def report(self, reading: FileReading, session: str) -> None:
        """Hand on what did happen."""
        happened = {call: facts for call, facts in self._asked.items() if call not in self._failed}
        for facts in (happened | self._stated).values():
            reading.written += facts
        for written in reading.written:
            written.session, written.call = session, f"{session}:{written.call}"
        for committed in self._committed:
            committed.session = session
        reading.committed = self._committed

    def _completed(self, item: Mapping[str, Any], at: int, directory: str) -> None:
        call = item.get("id")
        if item.get("type") == "UserMessage":
            self._user_items.append(at)
        elif not isinstance(call, str):
            return
        elif item.get("type") == "FileChange":
            done = item.get("status") == "completed"
            self._settled(call, done, item.get("changes"), at, directory)
        elif item.get("type") == "CommandExecution" and item.get("exit_code") == 0:
            command = "\n".join(_words(item.get("command")))
            self._commits(command, _text(item.get("aggregated_output")), at, directory)

    def _settled(self, call: str, done: bool, changes: Any, at: int, directory: str) -> None:
        if not done:
            self._failed.add(call)
            self._stated.pop(call, None)
        elif facts := self._facts(call, at, directory, changed(changes)):
            self._stated[call] = facts

    def _commits(self, command: str, output: str, at: int, directory: str) -> None:
        for name in commits_made(command, output):
            self._committed.append(CommittedFact("", at, directory, name))

    def _facts(self, call: str, at: int, directory: str, changes: Iterable[Change]) -> list[WrittenFact]:
        return [
            WrittenFact(
                call=f"{call}:{change.path}",
                session="",
                at=at,
                path=change.path,
                directory=directory,
                added=list(self._keys("\n".join(change.added))),
                removed=list(self._keys("\n".join(change.removed))),
            )
            for change in changes
        ]


def _words(*stated: Any) -> Iterable[str]:
    """Every text in a call's arguments: a command, its words, or a patch."""
    for value in stated:
        if isinstance(value, str):
            decoded = _decoded(value)
            if decoded is None:
                yield value
            else:
                yield from _words(decoded)
        elif isinstance(value, Mapping):
            yield from _words(*value.values())
        elif isinstance(value, list):
            yield from (word for word in value if isinstance(word, str))


def _decoded(text: str) -> Any:
    if not text.startswith("{"):
        return None
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return None


def _text(output: Any) -> str:
    """The output of a call, in any of the forms that builds have written."""
    if isinstance(output, str):
        decoded = _decoded(output)
        if isinstance(decoded, Mapping) and isinstance(decoded.get("output"), str):
            return f"{_code(decoded)}{decoded['output']}"
        return output
    if isinstance(output, Mapping):
        failed = "Exit code: 1\n" if output.get("success") is False else ""
        return failed + _text(output.get("content"))
    if isinstance(output, list):
        return "\n".join(str(part.get("text", "")) for part in output if isinstance(part, Mapping))
    return ""


def _code(decoded: Mapping[str, Any]) -> str:
    about = decoded.get("metadata")
    code = about.get("exit_code") if isinstance(about, Mapping) else None
    return f"Exit code: {code}\n" if isinstance(code, int) else ""


def _succeeded(output: str, *, patch: bool) -> bool:
    code = _EXIT.search(output, 0, _HEAD)
    if code is not None:
        return code[1] == "0"
    return "Success" in output[:_HEAD] or not patch
