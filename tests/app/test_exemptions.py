"""The table of exemptions through its command: what the programme names is kept, without its reason."""

import json
from datetime import date, timedelta
from pathlib import Path

from click.testing import CliRunner

from counterfoil.app.commands import cli
from counterfoil.app.directory import opened
from counterfoil.guard.exempt import kinds_in_force
from counterfoil.programme.template import template
from guard.organisation import put_in_force
from guard.test_exempt import USE

TODAY = date.today()
ROWS = (
    ("person", "kind", "since", "until"),
    ("ann", "leave", str(TODAY), str(TODAY + timedelta(days=20))),
    ("ben", "disability", str(TODAY), ""),
    ("cyd", "role", str(TODAY), ""),
    ("dan", "leave", "2020-01-01", "2020-02-01"),
)


def read(table: Path, data: Path) -> tuple[dict[str, int], str]:
    """What the command says it read, as JSON and in words."""
    command = ["collect", "table", str(table), "--data", str(data)]
    told = [CliRunner().invoke(cli, [*command, *more]) for more in (["--json"], [])]
    assert [one.exit_code for one in told] == [0, 0], told[0].output
    (counts,) = json.loads(told[0].stdout)["read"]
    return counts, told[1].stdout


def test_a_kind_that_no_programme_names_exempts_nobody(tmp_path: Path) -> None:
    table, data = tmp_path / "exemptions.csv", tmp_path / "data"
    table.write_text("\n".join(map(",".join, ROWS)), "utf-8")
    counts, words = read(table, data)
    assert (counts["records"], counts["kept"], counts["not_named"]) == (4, 0, 4)
    assert "4 of a kind that the programme in force does not exempt" in words
    with opened(data, make=False) as g:
        put_in_force(g, template(TODAY) + USE % '["leave", "disability"]')
        assert kinds_in_force(g) == {"leave", "disability"}
    counts, words = read(table, data)
    assert (counts["kept"], counts["not_named"]) == (3, 1)
    with opened(data, make=False) as g:
        (part,) = g.lake.registry.parts("exempt")
        # What was over long ago went at once, as the programme keeps nothing for so long.
        assert part.rows == 2
        assert b"disability" not in (data / "lake" / part.file).read_bytes()
