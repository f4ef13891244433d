"""Where the journal of runs is: a file of its own beside the agents' database, or what `runs.url` names."""

from pathlib import Path

from sqlalchemy import URL

from counterfoil.store.address import address_of

ADDRESS, FILE = "runs.url", "runs.sqlite"


def journal_of(folder: Path) -> URL:
    """The address of the journal of an agents' folder.

    Raises: StoreError where `runs.url` is open to others, or holds no address.
    """
    return address_of(folder, named=ADDRESS, file=FILE)
