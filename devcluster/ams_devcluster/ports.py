"""Ports that stay free while a server is restarted on them."""

from __future__ import annotations

import random
import socket

from ams_devcluster.errors import DevclusterError

# Below the range from which systems take the ports of outgoing connections (Linux 32768, macOS and BSD 49152): else
# one of those could take the API server's port while it is being restarted.
_RANGE = range(20000, 32768)


def free_port(preferred: int | None = None) -> int:
    """A port on 127.0.0.1 that nobody listens on: `preferred` if free, else one by chance, so that several processes
    that choose at the same time rarely choose the same."""
    chance = random.SystemRandom()
    candidates = [preferred] if preferred else []
    for port in [*candidates, *(chance.choice(_RANGE) for _ in range(100))]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise DevclusterError(f"No free port between {_RANGE.start} and {_RANGE.stop - 1} on 127.0.0.1")
