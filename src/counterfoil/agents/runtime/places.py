"""Where providers of models are reached, with the keys for it, from a file of the agents' user alone."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from counterfoil.agents.runtime.models import Place, Places
from counterfoil.terms.error import SourceError

OTHERS = 0o077
FORM = 'write, for example: [anthropic.eu] and below it key = "..." or key_from = "ANTHROPIC_API_KEY"'


class _Written(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[PROVIDER.REGION]`."""

    key: str = ""
    key_from: str = ""
    """The variable of the environment that has it."""
    url: str = ""


@dataclass(frozen=True, slots=True)
class FilePlaces(Places):
    """Providers by name and region, as a file has them."""

    known: Mapping[tuple[str, str], Place]

    def place(self, provider: str, region: str) -> Place | None:
        """Where a provider is reached in a region."""
        return self.known.get((provider, region))


def places_in(file: Path) -> FilePlaces:
    """The providers of a file.

    Raises: SourceError where it can't be read, others can read it, or a key is missing.
    """
    try:
        if file.stat().st_mode & OTHERS:
            raise SourceError("models-open", f"others can read {file}", hint=f"run: chmod 600 {file}")
        told = msgspec.convert(tomllib.loads(file.read_text("utf-8")), dict[str, dict[str, _Written]])
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise SourceError("models-file", f"{file} can't be read as models", hint=FORM) from error
    found = {}
    for provider, regions in told.items():
        for region, one in regions.items():
            key = one.key or os.environ.get(one.key_from, "")
            if not key:
                raise SourceError("models-key", f"[{provider}.{region}] has no key", hint=FORM)
            found[provider, region] = Place(key=key, url=one.url)
    return FilePlaces(found)
