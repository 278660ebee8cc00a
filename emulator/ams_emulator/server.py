"""Wiring: a world, a pipeline in front of it, the service's port and the control port."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from ams_emulator import outofband
from ams_emulator.config import Config
from ams_emulator.control import control_app
from ams_emulator.pipeline import Pipeline
from ams_emulator.tls import server_context
from ams_emulator.tokens import Tokens
from ams_emulator.world import World

CONTROL_HOST = "127.0.0.1"


@dataclass(frozen=True)
class Ready:
    """Where the emulator is and how to speak to it; `as_json` is the line that `--ready-json` prints."""

    url: str
    ca_file: Path | None
    control_url: str
    config: Config

    def as_json(self) -> dict[str, str | None]:
        identity = self.config.identity
        return {
            "url": self.url,
            "caFile": str(self.ca_file) if self.ca_file else None,
            "controlUrl": self.control_url,
            "controlToken": self.config.control_token,
            "tenantId": identity.tenant_id,
            "clientId": identity.client_id,
            "clientSecret": identity.client_secret,
            "subscriptionId": identity.subscription_id,
            "resourceGroup": identity.resource_group,
        }


@asynccontextmanager
async def running(config: Config) -> AsyncIterator[Ready]:
    """Serve until the block ends. Raises OSError when a port is taken, ArmError for a bad seed account."""
    world = World.create(config)
    pipeline = Pipeline(world, Tokens(config.identity, config.settings), scheme="https" if config.tls else "http")
    identity = config.identity
    for name in config.accounts:
        outofband.seed_account(
            world,
            pipeline.router.kinds,
            name,
            subscription=identity.subscription_id,
            group=identity.resource_group,
            region=identity.region,
        )
    for given in config.scenarios:
        scenario, _, name = given.partition("=")
        outofband.seed_account(
            world,
            pipeline.router.kinds,
            name or scenario,
            subscription=identity.subscription_id,
            group=identity.resource_group,
            region=identity.region,
            scenario=scenario,
        )
    context, ca_file, temporary = None, None, Path()
    if config.tls:
        if config.data is None:
            temporary = Path(tempfile.mkdtemp(prefix="ams-emulator-"))
        context, ca_file = server_context((config.data or temporary).resolve(), (config.host, *config.names))
    service = web.ServerRunner(web.Server(pipeline.handle, access_log=None, keepalive_timeout=75))
    control = web.AppRunner(control_app(pipeline, config.control_token), access_log=None)
    try:
        await service.setup()
        await control.setup()
        await web.TCPSite(service, config.host, config.port, ssl_context=context, shutdown_timeout=1).start()
        await web.TCPSite(control, CONTROL_HOST, config.control_port, shutdown_timeout=1).start()
        scheme = "https" if config.tls else "http"
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(config.host, config.host)  # noqa: S104 - a name for it
        host = f"[{host}]" if ":" in host and not host.startswith("[") else host
        yield Ready(
            f"{scheme}://{host}:{service.addresses[0][1]}",
            ca_file,
            f"http://{CONTROL_HOST}:{control.addresses[0][1]}",
            config,
        )
    finally:
        pipeline.closing.set()
        pipeline.barriers.remove()
        await asyncio.gather(service.cleanup(), control.cleanup())
        if config.tls and config.data is None:
            shutil.rmtree(temporary, ignore_errors=True)
