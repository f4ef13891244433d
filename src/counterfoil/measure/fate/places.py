"""Makes the paths that tools name comparable with those of a repository."""

from collections.abc import Sequence
from posixpath import normpath


def relative(path: str, directory: str, roots: Sequence[str]) -> str:
    r"""The path below whichever work tree holds it; what is left of it where none does.

    Example:
        >>> relative("/home/a/shop/src/x.py", "/home/a/shop", ["/home/a/shop"])
        'src/x.py'
        >>> relative("x.py", "C:\\shop\\src", ["C:/shop"])
        'src/x.py'
    """
    whole = _posix(path)
    if not _absolute(whole):
        whole = normpath(f"{_posix(directory)}/{whole}")
    for root in sorted(map(_posix, roots), key=len, reverse=True):
        if whole.startswith(root.rstrip("/") + "/"):
            return whole[len(root.rstrip("/")) + 1 :]
    below = _posix(directory).rstrip("/") + "/"
    return whole[len(below) :] if whole.startswith(below) else whole.lstrip("/")


def _posix(path: str) -> str:
    return normpath(path.replace("\\", "/"))


def _absolute(path: str) -> bool:
    return path.startswith("/") or path[1:3] == ":/"
