"""An error that nobody foresaw, noted by its place in our code and told without its message."""

import os

from counterfoil.store.place import cache_dir, private_folder
from counterfoil.terms.error import CounterfoilError


def internal_error(error: Exception) -> CounterfoilError:
    """An error nobody foresaw: its place goes to a file, never its message, which could quote a log."""
    import traceback

    name = os.urandom(4).hex()
    hint = "report it with the named file; it holds places in our own code and no data"
    try:
        folder = private_folder(cache_dir())
        path = os.path.join(folder, f"internal-error-{name}.txt")
        frames = traceback.extract_tb(error.__traceback__)
        lines = [type(error).__name__, *(f"{f.filename}:{f.lineno} {f.name}" for f in frames)]
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    except (OSError, CounterfoilError):
        path = "nowhere: the cache folder can't be written"
    return CounterfoilError("internal-error", f"internal error {name}, noted in {path}", hint=hint)
