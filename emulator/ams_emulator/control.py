"""The control API, on a port of its own: every request needs the token printed at the start and a loopback Host."""

from __future__ import annotations

import hmac
import re
from collections.abc import Awaitable, Callable

from aiohttp import web

from ams_emulator.control_faults import FaultControl
from ams_emulator.control_on_air import OnAirControl
from ams_emulator.control_state import StateControl
from ams_emulator.control_v2 import V2Control
from ams_emulator.errors import ArmError
from ams_emulator.pipeline import Pipeline

TOKEN_HEADER = "X-Ams-Emulator"  # noqa: S105 - the header's name
_LOCAL = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def control_app(pipeline: Pipeline, token: str) -> web.Application:
    """All routes of the control API."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not _LOCAL.fullmatch(request.headers.get("Host", "")):
            return _problem(
                403, "Host must be localhost or a loopback address: the control API serves this machine only"
            )
        if not hmac.compare_digest(request.headers.get(TOKEN_HEADER, "").encode(), token.encode()):
            return _problem(
                401, f"the header {TOKEN_HEADER} must carry the control token that was printed at the start"
            )
        pipeline.world.clock.run_due()
        try:
            return await handler(request)
        except ArmError as error:
            return _problem(400 if error.status < 404 else error.status, error.message)
        except (ValueError, re.error) as error:
            return _problem(400, str(error))

    app = web.Application(middlewares=[guard], client_max_size=32 * 1024 * 1024)
    for part in (FaultControl(pipeline), OnAirControl(pipeline), StateControl(pipeline), V2Control(pipeline)):
        app.add_routes(part.routes())
    return app


def _problem(status: int, message: str) -> web.Response:
    return web.json_response({"error": message}, status=status)
