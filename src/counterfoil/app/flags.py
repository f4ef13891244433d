"""Arguments that several commands share."""

from pathlib import Path

import click

FOLDER = click.Path(path_type=Path, file_okay=False)
SEED = click.IntRange(0, 2**32 - 1)
FILE = click.Path(path_type=Path, dir_okay=False)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
