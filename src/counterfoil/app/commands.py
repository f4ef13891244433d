"""The commands, each of which parses, calls and hands to show."""

from pathlib import Path
from typing import Any

import click

from counterfoil import __version__
from counterfoil.app.access import role, token
from counterfoil.app.agent import agent
from counterfoil.app.audits import audit
from counterfoil.app.flags import (
    DATA,
    DATA_OPTIONAL,
    DAY,
    EXAMPLE_SIZE,
    FILE,
    FOLDER,
    JSON,
    LENGTH,
    MACHINES,
    OPEN,
    ROLES,
    SECRET,
    SEED,
    SIZE,
    agents_options,
    otlp_options,
    port_option,
    reach_options,
)
from counterfoil.app.hooks import alias, hook
from counterfoil.app.lake import lake
from counterfoil.app.options import ReportOptions
from counterfoil.app.programme import programme
from counterfoil.app.rollout import cause, rollout
from counterfoil.app.sample import sample
from counterfoil.app.trust import dpia, keyholder, ledger, my_data, verify, witness
from counterfoil.app.voices import errors, pulse
from counterfoil.app.workloads import workload


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Without a command: report. Nothing leaves this machine.",
)
@click.version_option(__version__, message="counterfoil %(version)s")
def cli() -> None:
    """Show what became of the work AI was paid for, after rework."""


cli.add_command(programme)
cli.add_command(keyholder)
cli.add_command(my_data)
cli.add_command(dpia)
cli.add_command(witness)
cli.add_command(verify)
cli.add_command(ledger)
cli.add_command(lake)
cli.add_command(pulse)
cli.add_command(errors)
cli.add_command(token)
cli.add_command(role)
cli.add_command(hook)
cli.add_command(alias)
cli.add_command(workload)
cli.add_command(agent)
cli.add_command(audit)
cli.add_command(cause)
cli.add_command(rollout)
cli.add_command(sample)


@cli.command()
@click.argument("repos", nargs=-1, type=FOLDER, metavar="[REPO ...]")
@click.option(
    "--since", metavar="WHEN", help="Start of the period: 30d, 2w or 2026-11-01. Default: everything."
)
@click.option(
    "--home", "homes", multiple=True, type=FOLDER, help="Read the logs below this home instead; repeatable."
)
@click.option(
    "--table", "tables", multiple=True, type=FILE, help="Read a table of your own usage; repeatable."
)
@click.option("--html", type=FILE, help="Write one self-contained page to this file.")
@JSON
@click.option("--only", type=click.Choice(["usage"]), help="Leave out git: tokens and prices alone.")
@click.option("--more", is_flag=True, help="Print every table below the first screen.")
@click.option("--rates", type=FILE, help="Your own prices (TOML), used before the list.")
@click.option("--plan", metavar="USD", help="What you pay a month, such as 200.")
@click.option("--bill", type=FILE, help="A bill of the period in FOCUS columns (CSV).")
@click.option("--mode", type=click.Choice(["first-parent", "full"]), help="Which commits count as origin.")
@click.option(
    "--me", multiple=True, metavar="EMAIL", help="An e-mail address of yours that git does not know of."
)
@click.option("--example", is_flag=True, help="Report on an invented repository and invented logs.")
@click.option("--or-example", is_flag=True, help="Show the example too where the logs have no request.")
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of --example.")
@click.option("--no-memory", is_flag=True, help="Neither read nor write the cache and the evidence store.")
def report(only: str | None, **chosen: Any) -> int:
    """Report what your own AI use was worth, from tool logs and git history on this machine."""
    from counterfoil.app.reporting import run_report

    return run_report(ReportOptions(only_usage=only == "usage", **chosen))


@cli.command()
@click.argument("repo", type=FOLDER)
@click.argument("file", required=False)
@JSON
@click.option("--at", "revision", default="HEAD", show_default=True, help="The revision to trace.")
@click.option(
    "--home", "homes", multiple=True, type=FOLDER, help="Read the logs below this home instead; repeatable."
)
def trace(**chosen: Any) -> int:
    """Trace each line to its origin, its evidence and when it landed."""
    from counterfoil.app.tracing import run_trace

    return run_trace(**chosen)


@cli.group(invoke_without_command=True)
@click.pass_context
@click.option("--list", "listed", is_flag=True, help="List the sources and what each was written against.")
@click.option(
    "--home", "homes", multiple=True, type=FOLDER, help="Read the logs below this home instead; repeatable."
)
@JSON
def collect(context: click.Context, /, **chosen: Any) -> int:
    """Remember what the tools' logs say now, before the tools delete them; or take tables of a company."""
    if context.invoked_subcommand is not None:
        return 0
    from counterfoil.app.collecting import run_collect

    return run_collect(**chosen)


@collect.command("table")
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE ...")
@DATA
@JSON
def collect_table(files: tuple[Path, ...], data: Path, as_json: bool) -> int:
    """Take tables of people, units, use and work into a data directory, under pseudonyms."""
    from counterfoil.app.tables import run_tables

    return run_tables(files, data=data, as_json=as_json)


@collect.command("copilot-seats")
@click.option("--org", required=True, help="The organisation, as GitHub names it.")
@click.option(
    "--identities", type=FILE, required=True, help="A CSV with the columns login and identity; see the docs."
)
@click.option("--url", default="https://api.github.com", show_default=True, help="Where the API answers.")
@click.option("--cost", metavar="USD", help="What a seat costs you a month, such as 19.")
@DATA
@JSON
def collect_copilot_seats(**chosen: Any) -> int:
    """Take the Copilot seats of an organisation from GitHub, under pseudonyms.

    The token is read from COUNTERFOIL_GITHUB_TOKEN, or else GITHUB_TOKEN.
    """
    from counterfoil.app.copilot_seats import run_copilot_seats

    return run_copilot_seats(**chosen)


@cli.command("serve")
@DATA_OPTIONAL
@click.option("--example", is_flag=True, help="Serve an invented company, gone when it is stopped.")
@click.option(
    "--people", type=EXAMPLE_SIZE, help="How many people the invented company has.  [default: 2000]"
)
@click.option(
    "--report",
    is_flag=True,
    help="Beside the invented company, show the report on this machine to you alone.",
)
@port_option(8750)
@reach_options
@otlp_options
@agents_options
@click.option(
    "--every", type=click.FloatRange(0.1), default=20, show_default=True, help="Seconds until rows are in."
)
@JSON
def serve_command(
    data: Path | None,
    example: bool,
    people: int | None,
    report: bool,
    every: float,
    as_json: bool,
    **chosen: Any,
) -> int:
    """Serve an organisation's data directory, made where it is missing, or an invented company.

    This machine alone can open it, unless an organisation's sign-in (OIDC) says who is asking.
    """
    from counterfoil.app.intake.inlet import Inlet
    from counterfoil.app.server.reach import Reach
    from counterfoil.app.server.run import AgentsAt, Served, run_serve

    agents = AgentsAt(socket=chosen.pop("agents_socket"), user=chosen.pop("agents_account"))
    otlp = {name: chosen.pop(f"otlp_{name}") for name in ("host", "http", "grpc", "tokens")}
    inlet = Inlet(need_token=otlp.pop("tokens") == "required", **otlp)
    served = Served(data=data, example=example, people=people, report=report)
    port, reach = chosen.pop("port"), Reach(**chosen)
    return run_serve(served, port=port, inlet=inlet, reach=reach, agents=agents, every=every, as_json=as_json)


@cli.command()
@click.argument("metric")
@click.option("--by", type=click.Choice(["team", "unit", "company"]), required=True, help="Of each of these.")
@click.option("--period", required=True, help="Such as 2026-W40, 2026-B10, 2026-09 or 2026-10-01.")
@click.option("--purpose", required=True, help="What for, as the programme names it.")
@click.option(
    "--filter", "filters", multiple=True, metavar="NAME=VALUE", help="Such as unit=team-00001; repeatable."
)
@click.option("--as", "role", type=click.Choice(ROLES), help="A role that you hold.")
@DATA
@SECRET
@JSON
def ask(metric: str, **chosen: Any) -> int:
    """Ask for a figure of groups of people: released, withheld, or refused with its clause."""
    from counterfoil.app.asking import run_ask

    return run_ask(metric, **chosen)


@cli.command()
@click.option("--to", required=True, metavar="URL", help="Where telemetry goes: http://127.0.0.1:4318.")
@click.option(
    "--token", type=FILE, required=True, help="The file with the token that My record made for you."
)
@click.option("--since", "start", help="Only commits since then: 30d, 2w or 2026-11-01.")
@click.option(
    "--home", "homes", multiple=True, type=FOLDER, help="Read the logs below this home instead; repeatable."
)
@click.option("--yes", is_flag=True, help="Show every byte, and do not ask.")
@JSON
def share(**chosen: Any) -> int:
    """Send which of your sessions made which commits, with their counts, after showing you each byte."""
    from counterfoil.app.sharing import run_share

    return run_share(**chosen)


@cli.command()
@click.option("--session", help="Forget this session alone.")
@click.option("--before", metavar="DATE", help="Forget everything before this day.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@JSON
def forget(**chosen: Any) -> int:
    """Erase what was remembered of your sessions, and the cache."""
    from counterfoil.app.forgetting import run_forget

    return run_forget(**chosen)


@cli.command()
@click.option("--people", type=SIZE, required=True, help="How many people the company has.")
@click.option("--days", type=LENGTH, default=30, show_default=True, help="How many days it lives.")
@click.option("--seed", type=SEED, default=1, show_default=True, help="Seed of the invented company.")
@click.option("--programme", "file", type=FILE, required=True, help="The programme that it lives under.")
@click.option("--from", "start", type=DAY, help="First day, a Monday. Default: so that it ends before today.")
@click.option(
    "--machines",
    type=MACHINES,
    default=12,
    show_default=True,
    help="People whose logs and code to write.",
)
@click.option("--out", type=FOLDER, required=True, help="The folder to write; it must not exist yet.")
@JSON
def simulate(file: Path, **chosen: Any) -> int:
    """Invent a company by seed that lives under a programme, and write it down as documented tables."""
    from counterfoil.app.inventing import run_invent

    return run_invent(file, **chosen)


@cli.command()
@port_option(8750)
@click.option("--seed", type=SEED, default=1, show_default=True, help="Seed of the invented company.")
@OPEN
@JSON
def demo(seed: int, **chosen: Any) -> int:
    """Tell the story of an invented company, on pages that this machine alone can open."""
    from counterfoil.app.local import serve_locally

    def site() -> object:
        from counterfoil.app.demo import site

        return site(seed=seed)

    return serve_locally(site, **chosen)
