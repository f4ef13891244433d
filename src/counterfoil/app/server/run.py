"""Starts the organisation's server, and keeps it until it is stopped."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import click

from counterfoil.app.directory import opened
from counterfoil.app.door.session import Sessions
from counterfoil.app.local import HERE, bound_to, needs_server
from counterfoil.app.period import today
from counterfoil.app.printed import Printed
from counterfoil.app.progress import Meter
from counterfoil.guard.guarded import Guarded
from counterfoil.show.exported import written


def run_serve(data: Path | None, *, example: bool, people: int | None, port: int, as_json: bool) -> int:
    """Serve a data directory, made where it is missing, or an invented company, until it is stopped."""
    if (data is None) != example:
        raise click.UsageError("name a data directory with --data, or look at an invented one with --example")
    if people is not None and not example:
        raise click.UsageError("--people is for --example")
    needs_server()
    with opened(data, make=True) if data is not None else _invented(people) as g:
        _serve(g, port=port, is_example=example, as_json=as_json)
    end = Printed()
    end.words("stopped")
    return end.done(None)


@contextmanager
def _invented(people: int | None) -> Iterator[Guarded]:
    from counterfoil.app.server.example import PEOPLE, invented

    with Meter() as meter, invented(people or PEOPLE, today(), meter) as g:
        yield g


def _serve(g: Guarded, *, port: int, is_example: bool, as_json: bool) -> None:
    import uvicorn

    from counterfoil.app.server.desk import Desk
    from counterfoil.app.server.example import Known, known_guests
    from counterfoil.app.server.site import Site

    sessions = Sessions()
    guests: Mapping[str, Known] | None = known_guests(g.keys) if is_example else None
    with closing(bound_to(port)) as bound:
        number = bound.getsockname()[1]
        hosts = {f"{HERE}:{number}", f"localhost:{number}"}
        settings = uvicorn.Config(
            Site(Desk(g), sessions, hosts=hosts, guests=guests),
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="none",
        )
        path = "sign-in" if is_example else f"enter/{sessions.link()}"
        _told(f"http://{HERE}:{number}/{path}", is_example=is_example, as_json=as_json)
        with suppress(KeyboardInterrupt):
            asyncio.run(uvicorn.Server(settings).serve(sockets=[bound]))


def _told(address: str, *, is_example: bool, as_json: bool) -> None:
    printed = Printed()
    printed.words(
        "Everybody in it is invented, and it is gone when it is stopped. Stop with Ctrl-C."
        if is_example
        else "This link signs you in once, as the operator of this machine. Stop with Ctrl-C."
    )
    printed.data(written({"address": address}) if as_json else address)
    printed.done(None)
