"""Where our two places on disk are, how they are closed to others, and the key that never leaves them."""

import os
import sys

from counterfoil.terms.error import StoreError

KEY_BYTES = 32
KEY_NAME = "line-key"
OTHERS_MAY_WRITE = 0o022


def cache_dir() -> str:
    """The folder of everything that can be computed again; deletable at any time."""
    home = "Library/Caches" if sys.platform == "darwin" else ".cache"
    return _place("COUNTERFOIL_CACHE", "XDG_CACHE_HOME", home)


def data_dir() -> str:
    """The folder of what can't be computed again once a tool deletes its logs."""
    home = "Library/Application Support" if sys.platform == "darwin" else ".local/share"
    return _place("COUNTERFOIL_DATA", "XDG_DATA_HOME", home)


def _place(own: str, shared: str, below_home: str) -> str:
    if mine := os.environ.get(own):
        return os.path.abspath(mine)
    root = os.environ.get(shared, "")
    # The XDG base directory rules: a relative path is to be ignored.
    if not os.path.isabs(root):
        root = os.path.join(os.path.expanduser("~"), below_home)
    return os.path.join(root, "counterfoil")


def private_folder(path: str) -> str:
    """The folder, made for its owner alone where it was missing.

    Raises: StoreError when it can't be made, or when others may write into it.
    """
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        try:
            os.mkdir(path, 0o700)
            os.chmod(path, 0o700)
        except FileExistsError:
            pass
        mode = os.stat(path).st_mode
    except OSError as e:
        raise StoreError(
            "folder-unusable",
            f"{path}: {e.strerror}",
            hint="Name another folder with COUNTERFOIL_DATA or COUNTERFOIL_CACHE.",
        ) from e
    if os.name == "posix" and mode & OTHERS_MAY_WRITE:
        raise StoreError("folder-open", f"{path}: others may write here", hint=f"Run: chmod 700 {path}")
    return path


def private_file(path: str) -> str:
    """The file, made empty where it was missing, readable and writable by its owner alone.

    Raises: OSError when it can't be made.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if os.stat(path).st_mode & 0o177:
        os.chmod(path, 0o600)
    return path


def database_mark(path: str) -> bytes:
    """Changes with each transaction that an SQLite file in rollback mode has seen; empty where there is none.

    Source: the file change counter, sqlite.org/fileformat2.html 1.3.7, read 2026-11-25.
    """
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(28)[24:] + os.fstat(file.fileno()).st_ino.to_bytes(8, "little")
    except OSError:
        return b""


def line_key() -> bytes:
    """The 32 random bytes under which this machine hashes lines; made at the first call.

    Raises: StoreError when the key can't be made, or is damaged.
    """
    path = os.path.join(private_folder(data_dir()), KEY_NAME)
    try:
        key = _read(path) or _agreed_key(path)
    except OSError as e:
        raise StoreError(
            "line-key-unusable", f"{path}: {e.strerror}", hint="Make the file readable by you."
        ) from e
    if len(key) != KEY_BYTES:
        raise StoreError(
            "line-key-broken",
            f"{path}: {len(key)} bytes where {KEY_BYTES} belong",
            hint="Restore it from a backup, or delete it: lines remembered so far then match nothing.",
        )
    return key


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read() or b"\0"
    except FileNotFoundError:
        return None


def _agreed_key(path: str) -> bytes:
    """The key that every process starting at once ends up with: the first whole one put in place."""
    draft = f"{path}.{os.getpid()}.{os.urandom(4).hex()}"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.fchmod(handle, 0o600)
        os.write(handle, os.urandom(KEY_BYTES))
        os.fsync(handle)
        # A link never replaces a file and never shows half of one, as a rename or a plain write might.
        os.link(draft, path)
        sync_folder(os.path.dirname(path))
    except FileExistsError:
        return _read(path) or b""
    finally:
        os.close(handle)
        os.unlink(draft)
    return _read(path) or b""


def sync_folder(path: str) -> None:
    """Make the folder's own list of names durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
