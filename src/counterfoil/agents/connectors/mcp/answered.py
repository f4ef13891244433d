"""What a tool of an MCP server answered, as a value that its labels fit: fields, or plain text."""

from collections.abc import Iterator
from typing import Any

import msgspec

from counterfoil.agents.taint.seen import fits
from counterfoil.agents.upstream import line
from counterfoil.agents.upstream.connected import Result
from counterfoil.terms.label import Integrity
from counterfoil.terms.tool import Tool

PLAIN_WORDS = "its server answered with an error"
LEFT_OUT = "left_out"
_any = msgspec.json.Decoder().decode


def value_of(result: Result, tool: Tool) -> Any:
    """The fields of an answer where it has any, else its text; all that is neither is left out, with a word.

    Raises: Lost where it can't be read.
    """
    try:
        texts, left_out = _read(result)
        if result.structuredContent is not msgspec.UNSET:
            fields = _any(result.structuredContent)
            if left_out and isinstance(fields, dict) and LEFT_OUT not in fields:
                return {**fields, LEFT_OUT: left_out}
            return fields
        if tool.typed and len(texts) == 1 and not left_out:
            return _fields(texts[0])
    except (msgspec.DecodeError, RecursionError) as error:
        raise line.garbage() from error
    return "\n".join([*texts, *(f"[{kind} left out]" for kind in left_out)])


def failure_of(result: Result, tool: Tool) -> Any:
    """An error in the server's words, where the tool's answers are somebody else's words anyway.

    Raises: Lost where it can't be read.
    """
    if tool.output is not Integrity.UNTRUSTED or any(fits(path, ("failed",)) for path in tool.typed):
        return {"failed": PLAIN_WORDS}
    try:
        return {"failed": "\n".join(_read(result)[0]) or PLAIN_WORDS}
    except (msgspec.DecodeError, RecursionError) as error:
        raise line.garbage() from error


def _read(result: Result) -> tuple[list[str], list[str]]:
    """The texts of an answer, and the kinds of what is no text."""
    texts, left_out = [], []
    for block in _blocks(result):
        if block.get("type") == "text" and isinstance(block.get("text"), str):
            texts.append(block["text"])
        else:
            left_out.append(_word(block.get("type")))
    return texts, left_out


def _blocks(result: Result) -> Iterator[dict[str, Any]]:
    for raw in result.content:
        block = _any(raw)
        yield block if isinstance(block, dict) else {}


def _word(kind: object) -> str:
    known = {"image", "audio", "resource", "resource_link"}
    return kind.replace("_", " ") if isinstance(kind, str) and kind in known else "something"


def _fields(text: str) -> Any:
    """Fields in a text, as servers of earlier revisions answer; the text where it has none."""
    try:
        found = _any(text)
    except msgspec.DecodeError:
        return text
    return found if isinstance(found, dict | list) else text
