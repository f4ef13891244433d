"""A local site: bound to this machine alone, guarded against other sites, with errors as plain pages."""

import errno
import socket
import webbrowser
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any

from counterfoil.app.printed import Printed
from counterfoil.show.exported import written
from counterfoil.terms.error import StoreError, ToolError

HERE = "127.0.0.1"


def serve_locally(build: Callable[[], Any], *, port: int, opened: bool, as_json: bool) -> int:
    """Serve a site until it is stopped; another free port is taken where the port is in use.

    Raises: ToolError where the server is not installed.
    """
    needs_server()
    import uvicorn

    from counterfoil.app.guarded import Guarded

    with closing(bound_to(port)) as bound:
        number = bound.getsockname()[1]
        address = f"http://{HERE}:{number}/"
        site = Guarded(build(), hosts={f"{HERE}:{number}", f"localhost:{number}"})
        settings = uvicorn.Config(
            site,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            http="h11",
            ws="none",
            timeout_graceful_shutdown=3,
        )
        _told(address, port, as_json=as_json)
        if opened:
            webbrowser.open(address)
        with suppress(KeyboardInterrupt):
            uvicorn.Server(settings).run(sockets=[bound])
    end = Printed()
    end.words("stopped")
    return end.done(None)


def needs_server() -> None:
    """Refuse to go on without the packages of the extra `server`.

    Raises: ToolError where one is missing.
    """
    try:
        import fastapi  # noqa: F401
        import python_multipart  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        hint = "install it with: pip install 'counterfoil[server]'"
        raise ToolError("server-missing", "the local page needs the server packages", hint=hint) from error


def bound_to(port: int) -> socket.socket:
    """A socket that listens on this machine alone."""
    for number in (port, 0):
        bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        at_once(bound)
        try:
            bound.bind((HERE, number))
            bound.listen(100)
        except OSError as error:
            bound.close()
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise
        else:
            return bound
    hint = "close a program that listens, and try again"
    raise StoreError("no-port", "no port of this machine is free", hint=hint)


def at_once(bound: socket.socket) -> None:
    """Let what is answered in two pieces not wait for the first to be acknowledged, up to 40 ms."""
    # asyncio does so by itself, but not for a socket that it is given.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _told(address: str, port: int, *, as_json: bool) -> None:
    """Say where it is, at once: nothing more comes until it is stopped."""
    printed = Printed()
    if not address.endswith(f":{port}/") and port:
        printed.words(f"port {port} is in use; another was taken")
    printed.words("Nothing is stored, and nothing leaves this machine. Stop it with Ctrl-C.")
    printed.data(written({"address": address}) if as_json else address)
    printed.done(None)
