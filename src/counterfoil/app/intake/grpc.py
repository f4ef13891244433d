"""OTLP over gRPC: the same requests on a port of their own."""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import grpc.aio

from counterfoil.app.intake.answers import response
from counterfoil.app.intake.listening import Listening
from counterfoil.app.intake.senders import Senders
from counterfoil.app.intake.taking import Export
from counterfoil.collect.otlp.decoded import Malformed
from counterfoil.collect.otlp.read import Signal
from counterfoil.terms.error import CounterfoilError

MOST_MESSAGE = 4 * 2**20
"""Bytes of a message, unpacked: the protocol's own limit."""
MOST_AT_ONCE = 64
SERVICES = {
    Signal.LOGS: "opentelemetry.proto.collector.logs.v1.LogsService",
    Signal.TRACES: "opentelemetry.proto.collector.trace.v1.TraceService",
    Signal.METRICS: "opentelemetry.proto.collector.metrics.v1.MetricsService",
}
Handler = Callable[[bytes, Any], Awaitable[bytes]]


async def grpc_server(listening: Listening, senders: Senders, address: str) -> tuple["grpc.aio.Server", int]:
    """A server that listens, and its port."""
    server = grpc.aio.server(
        options=[("grpc.max_receive_message_length", MOST_MESSAGE), ("grpc.so_reuseport", 0)],
        compression=grpc.Compression.NoCompression,
        maximum_concurrent_rpcs=MOST_AT_ONCE,
    )
    handlers = [
        grpc.method_handlers_generic_handler(
            service, {"Export": grpc.unary_unary_rpc_method_handler(_handler(listening, senders, signal))}
        )
        for signal, service in SERVICES.items()
    ]
    server.add_generic_rpc_handlers(handlers)
    port = server.add_insecure_port(address)
    await server.start()
    return server, port


def _handler(listening: Listening, senders: Senders, signal: Signal) -> Handler:
    async def export(body: bytes, context: Any) -> bytes:
        """Take one request."""
        metadata = dict(context.invocation_metadata() or ())
        try:
            sender = senders.of(str(metadata.get("authorization", "")))
            if sender is not None:
                return response(await listening.take(Export(signal, False, body, sender)))
            code, says = grpc.StatusCode.UNAUTHENTICATED, "no token of that name may send"
        except Malformed as error:
            code, says = grpc.StatusCode.INVALID_ARGUMENT, error.message
        except CounterfoilError as error:
            code, says = grpc.StatusCode.UNAVAILABLE, error.message
        await context.abort(code, says)
        return b""

    return export
