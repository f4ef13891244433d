"""The providers of models that are set up: where each is reached in a region, and where its key lies."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from counterfoil.agents.connectors.service import LOOPBACK
from counterfoil.agents.runtime.models import Place
from counterfoil.terms.error import SourceError

FILE = "models.toml"
"""In the agents' folder, where no other file is named."""
MOST_KEY = 10_000
OTHERS = 0o077
FORM = 'write, for example: [anthropic.eu] and below it key = "..." or key_from = "ANTHROPIC_API_KEY"'
NONE = "none"
"""What is sent as a key to a server of one's own that wants none."""


class Provider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[PROVIDER.REGION]`, as models name both; that it runs in that region is the operator's word."""

    key: str = ""
    """Its key; then nobody else may be able to read the file."""
    key_from: str = ""
    """The environment variable that has its key instead."""
    url: str = ""
    """Its address; the provider's own where nothing is said. One that has neither key wants none."""
    speaks: Literal["", "openai", "anthropic"] = ""
    """Like which provider it is asked, where it is not one of them, but speaks as they do."""

    def __repr__(self) -> str:
        return f"Provider({self.url or 'its own address'})"


@dataclass(frozen=True, slots=True)
class Providers:
    """What is set up; a key is read when it is needed, and shows itself nowhere."""

    set_up: Mapping[tuple[str, str], Provider] = field(default_factory=dict)
    around: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    @classmethod
    def of(cls, folder: Path) -> "Providers":
        """Those of the agents' folder; none where it has no file of them.

        Raises: SourceError where the file can't be taken.
        """
        return cls.read(folder / FILE) if (folder / FILE).exists() else cls()

    @classmethod
    def read(cls, file: Path) -> "Providers":
        """Those of a file.

        Raises: SourceError where it can't be taken, or others can read a key in it.
        """
        try:
            told = tomllib.loads(file.read_text("utf-8"))
            regions = msgspec.convert(told, type=dict[str, dict[str, Provider]])
            is_open = file.stat().st_mode & OTHERS
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise _wrong(file, f"can't be read ({type(error).__name__})") from error
        except msgspec.ValidationError as error:
            raise _wrong(file, str(error)) from error
        found = {(name, region): one for name, some in regions.items() for region, one in some.items()}
        for (name, region), one in found.items():
            if why := _unsound(name, region, one):
                raise _wrong(file, f"[{name}.{region}] {why}")
        if is_open and any(one.key for one in found.values()):
            raise SourceError("models-open", f"others can read {file}", hint=f"run: chmod 600 {file}")
        return cls(found)

    def place(self, provider: str, region: str) -> Place | None:
        """Where a provider is reached in a region; nothing where nobody set it up.

        Raises: SourceError where its key is not there.
        """
        one = self.set_up.get((provider, region))
        if one is None:
            return None
        key = one.key or (self.around.get(one.key_from, "").strip() if one.key_from else NONE)
        if not key or len(key) > MOST_KEY or not key.isprintable():
            hint = f"set {one.key_from} where the agents' process is started"
            raise SourceError("models-key", f"[{provider}.{region}] has no key", hint=hint)
        return Place(key=key, url=one.url, speaks=one.speaks)


def _unsound(name: str, region: str, one: Provider) -> str:
    where = urlsplit(one.url)
    if not name or not region or ":" in name or "@" in name + region:
        return "is no provider and region as models name them"
    if one.key and one.key_from:
        return "has its key in two places"
    if not (one.key or one.key_from or one.url):
        return "has no key"
    if one.url and (where.scheme not in {"https", "http"} or not where.hostname or where.username):
        return "has a url that is no address"
    if one.url and where.scheme == "http" and where.hostname not in LOOPBACK:
        return "would be asked for all to read; use https"
    return ""


def _wrong(file: Path, why: str) -> SourceError:
    return SourceError("models-file", f"{file}: {why}", hint=FORM)
