"""Ways to lose an answer on the wire."""

from __future__ import annotations

import asyncio
import socket
import struct

from aiohttp import web

_POLL = 0.05  # seconds; how often a hung request looks whether its client is still there


async def drop(request: web.BaseRequest, how: str, closing: asyncio.Event) -> web.StreamResponse:
    """End the connection without an answer: `reset` it, `close` it, or `hang` until the client gives up."""
    if how == "hang":
        while not closing.is_set() and request.transport is not None and not request.transport.is_closing():
            try:
                async with asyncio.timeout(_POLL):
                    await closing.wait()
            except TimeoutError:
                continue
    transport = request.transport
    if transport is not None:
        raw = transport.get_extra_info("socket")
        if how == "reset" and raw is not None:
            # A linger time of 0 makes the close a reset.
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        else:
            transport.close()
    return web.Response()  # goes nowhere: the connection is closed
