"""Opens a programme file and reads it as TOML, with a clear word where it can't be."""

import tomllib
from pathlib import Path
from typing import Any

from counterfoil.terms.error import SourceError

MOST_BYTES = 1_000_000
"""No programme that people are to read is longer."""
_BEGIN = "begin with a file from: counterfoil programme new"


def text_of(path: Path) -> str:
    """The text of a programme file.

    Raises: SourceError where it is absent, too long, empty or not UTF-8.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise SourceError("programme-missing", f"there is no file {path}", hint=_BEGIN) from error
    except OSError as error:
        raise SourceError(
            "programme-unreadable", f"can't read {path}", hint="name a programme file that you can read"
        ) from error
    return decoded(raw, path)


def decoded(raw: bytes, path: Path) -> str:
    """The bytes of a programme file as text.

    Raises: SourceError where they are too many, empty or not UTF-8.
    """
    if len(raw) > MOST_BYTES:
        hint = "name the programme itself; nobody could read one of this size"
        raise SourceError("programme-too-long", f"{path} is longer than {MOST_BYTES:,} bytes", hint=hint)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        hint = "save the file as UTF-8 text"
        raise SourceError("programme-not-utf8", f"{path}, line {line}: not UTF-8", hint=hint) from error
    if not text.strip():
        raise SourceError("programme-empty", f"{path} is empty", hint=_BEGIN)
    return text


def table_of(text: str, path: Path) -> dict[str, Any]:
    """The text as a table.

    Raises: SourceError where it is not TOML.
    """
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        hint = "write lists of plain values"
        raise SourceError(
            "programme-not-toml", f"{path}: lists or tables are nested too deeply", hint=hint
        ) from error
    except ValueError as error:
        said = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "a value can't be read"
        hint = 'write each field as: name = "text", a number, a day, true or false, or a list of them'
        raise SourceError("programme-not-toml", f"{path} is not TOML: {said}", hint=hint) from error
