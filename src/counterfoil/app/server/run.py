"""Starts the organisation's server, and keeps it until it is stopped."""

import asyncio
from contextlib import closing, suppress
from pathlib import Path

from counterfoil.app.directory import opened
from counterfoil.app.door.session import Sessions
from counterfoil.app.local import needs_server
from counterfoil.app.printed import Printed
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.reach import Reach
from counterfoil.show.exported import written


def run_serve(data: Path, *, port: int, reach: Reach, as_json: bool) -> int:
    """Serve a data directory, made where it is missing, until it is stopped."""
    needs_server()
    reach.check()
    import uvicorn

    from counterfoil.app.server.site import Site

    sessions = Sessions()
    with opened(data, make=True) as g, closing(reach.bound(port)) as bound:
        number = bound.getsockname()[1]
        address = reach.address(number)
        site = Site(
            Desk(g),
            sessions,
            hosts=reach.hosts(number),
            scheme=address.partition(":")[0],
            provider=reach.provider(number),
        )
        settings = uvicorn.Config(
            site,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="none",
            proxy_headers=bool(reach.proxy),
            forwarded_allow_ips=reach.proxy or None,
        )
        _told(f"{address}/enter/{sessions.link()}", as_json=as_json)
        with suppress(KeyboardInterrupt):
            asyncio.run(uvicorn.Server(settings).serve(sockets=[bound]))
    end = Printed()
    end.words("stopped")
    return end.done(None)


def _told(address: str, *, as_json: bool) -> None:
    printed = Printed()
    printed.words("This link signs you in once, as the operator of this machine. Stop with Ctrl-C.")
    printed.data(written({"address": address}) if as_json else address)
    printed.done(None)
