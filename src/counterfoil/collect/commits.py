"""Finds the names of commits in what git printed after a commit; nothing else of the output is kept."""

import re

_COMMITS = re.compile(r"\bgit\b[^\n;|&]*?\s(?:commit|cherry-pick|revert|merge|am)\b")
_SHOWS = re.compile(r"\bgit\b[^\n;|&]*?\s(?:log|rev-parse|show|rev-list)\b")
_BRACKET = re.compile(r"^(?:Output: )?\[[^\]\n]*?\b([0-9a-f]{7,64})\] ", re.MULTILINE)
_ALONE = re.compile(r"^(?:Output: |commit )?([0-9a-f]{7,64})(?:\s|$)", re.MULTILINE)


def commits_made(command: str, output: str) -> list[str]:
    r"""Names of the commits that a shell command made, as git printed them.

    A name that git gives in brackets is one it has just made. A quiet commit is known only where the
    same command goes on to show the newest one, which is then the first name printed.

    Example:
        >>> commits_made("git commit -m x", "[main (root-commit) 0534761] x")
        ['0534761']
        >>> commits_made("git commit -qm x && git log --oneline -2", "55a45a8 x\n0534761 y")
        ['55a45a8']
        >>> commits_made("git log --oneline", "55a45a8 x")
        []
    """
    commit = _COMMITS.search(command)
    if commit is None:
        return []
    named = _BRACKET.findall(output)
    if named or not _SHOWS.search(command, commit.end()):
        return list(dict.fromkeys(named))
    first = _ALONE.search(output)
    return [first[1]] if first else []
