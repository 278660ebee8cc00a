"""Wiring: which port is which, what runs beside what, and the order in which it all stops."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from prometheus_client import CollectorRegistry

from ams_operator.api.kinds import KINDS, build
from ams_operator.backends.ambient import ambient
from ams_operator.backends.connect import Connector
from ams_operator.domain.answers import Conflict, KubeRefused, Resource, Vanished
from ams_operator.engine.news import Happening, News
from ams_operator.engine.ports import Clock
from ams_operator.engine.schedule import Schedule
from ams_operator.engine.state import Engine, safe
from ams_operator.engine.sweeps import Sweeps
from ams_operator.garbage import collect_seldom
from ams_operator.gauges import gauges
from ams_operator.health import HealthServer, Heartbeat
from ams_operator.kube.access import ConfiguredLogin, Login
from ams_operator.kube.candidacy import Candidacy
from ams_operator.kube.client import KubeClient
from ams_operator.kube.events import Events
from ams_operator.kube.intake import Intake
from ams_operator.leading import Alone, Door, Leadership, identity, lead, readiness
from ams_operator.logs import Redactor
from ams_operator.metrics import Metrics
from ams_operator.migration import reduce
from ams_operator.migration.beside import Beside
from ams_operator.migration.tools import Tools
from ams_operator.migration.watches import Watches
from ams_operator.sources import Sources

log = logging.getLogger(__name__)
KEY_SECRET = "ams-operator-fingerprint-key"  # noqa: S105 - a name
KEY = "key"
DRAIN = 8.0
"""seconds in which work under way may end after a signal"""


@dataclass(frozen=True, slots=True)
class Settings:
    """What `ams-operator run` can be told."""

    kubeconfig: str | None = None
    context: str | None = None
    namespaces: tuple[str, ...] = ()
    """namespaces to watch; empty: all"""
    home: str = "ams-operator"
    """the operator's own namespace"""
    lease: str | None = "ams-operator"
    """the Lease there whose holder acts; None: no other replica can be there"""
    listen: str = "127.0.0.1"
    port: int = 8080
    workers: int = 16
    poll: float = 60.0
    """seconds between looks at what goes on in version 2 of annotated accounts"""
    cache: Path | None = None
    """where inventories are kept that have no room in their report; absent: nowhere"""
    mass_change_limit: int = 20
    """how many resources of an account may be changed because the operator is another version"""
    owner_id: str = ""
    """names this cluster in the tags of what it manages; empty: no tags"""
    labelled_secrets_only: bool = False
    """whether a Secret is read only where its label permits it"""


class SystemClock:
    """The wall clock, read once and counted on monotonically."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.monotonic() + self._offset

    async def sleep(self, seconds: float) -> None:
        """Sleep on the running loop."""
        await asyncio.sleep(seconds)


async def run(settings: Settings, redactor: Redactor) -> None:
    """Run until SIGTERM or SIGINT. Raises NoAccess, KubeDown and KubeRefused where it can't even begin, TermOver where
    it led and another replica may have led since."""
    build()
    collect_seldom()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    clock = SystemClock()
    metrics = Metrics(CollectorRegistry(), version("ams-operator"))
    login = ConfiguredLogin(settings.kubeconfig, settings.context, on_secret=redactor.register)
    kube = await KubeClient.connect(
        login, on_request=metrics.kubernetes_request, on_secret=redactor.register, safe=redactor.safe
    )
    key, fresh = await fingerprint_key(kube, settings.home)
    term = candidacy(settings, login, metrics, fresh)
    kube.heed(term.may_write)
    connector = Connector(
        now=clock.now,
        term=term,
        on_request=metrics.service_request,
        redactor=redactor,
        agent=lambda: agent(term),
    )
    events = Events(kube, lambda about: safe(engine, about), os.environ.get("POD_NAME", "local"))
    engine = Engine(
        kube,
        connector,
        clock,
        term,
        key,
        version=version("ams-operator"),
        mass_change_limit=settings.mass_change_limit,
        owner_id=settings.owner_id,
        labelled_secrets_only=settings.labelled_secrets_only,
        ambient=ambient(os.environ),
    )
    engine.safe = redactor.safe
    engine.announce = lambda about, news: announced(about, news, events, metrics)
    schedule = Schedule(engine, metrics, settings.workers)
    sweeps = Sweeps(engine)
    digest, seal = reduce.keyed(key), reduce.keyed(key, b"ams-checkpoint")
    tools = Tools(Sources(engine, schedule, kube), clock, digest, settings.poll, seal=seal)
    watches = Watches(tools, Beside(settings.cache))
    kinds = tuple(kind.kind for kind in KINDS)
    door = Door(schedule)
    intake = Intake(
        kube,
        login,
        door,
        kinds,
        settings.namespaces,
        on_start=metrics.watches_started,
        on_poison=metrics.poison,
    )
    heartbeat = Heartbeat(on_lag=metrics.loop_lag)
    health = HealthServer(
        settings.listen,
        settings.port,
        heartbeat=heartbeat,
        ready=lambda: readiness(term, intake, schedule),
        registry=metrics.registry,
        term=lambda: (term.alive, term.says()),
    )
    heartbeat.start()
    term.start()
    health.start()
    log.info("answers probes and metrics on port %d", health.port)
    tasks = [
        asyncio.create_task(work, name=name)
        for name, work in (
            ("intake", intake.run()),
            ("schedule", schedule.run()),
            ("sweeps", sweeps.run()),
            ("migration", watches.run()),
            ("events", events.run()),
            ("term", lead(term, door, intake, schedule, clock)),
            ("gauges", gauges(intake, term, engine, schedule, sweeps, connector, metrics, clock)),
        )
    ]
    try:
        await until_stopped(stop, tasks)
    finally:
        await wind_up(schedule, term, tasks, clock)
        heartbeat.stop()
        await connector.close()
        await kube.close()
        health.stop()


def announced(about: Resource, news: News, events: Events, metrics: Metrics) -> None:
    """What happened becomes a Kubernetes Event; orphans are counted."""
    if news.happening is Happening.RELEASED_ON_AIR:
        metrics.released_on_air(about.kind)
    events.put(about, news.happening.value, news.act, news.note, warning=news.warning)


def candidacy(settings: Settings, login: Login, metrics: Metrics, fresh: bool) -> Leadership:
    """Our way to a term. `fresh`: no operator has ever run in this home."""
    if settings.lease is None:
        return Alone()
    told = metrics.kubernetes_request
    who = f"ams-operator/{version('ams-operator')} lease"
    return Candidacy(login, settings.home, settings.lease, identity(), agent=who, fresh=fresh, observe=told)


def agent(term: Leadership) -> str:
    """The User-Agent of requests to the service: a log of them tells replicas and terms apart."""
    number = f" term={term.number}" if term.number else ""
    return f"ams-operator/{version('ams-operator')} pod={os.environ.get('POD_NAME', 'local')}{number}"


async def until_stopped(stop: asyncio.Event, tasks: list[asyncio.Task[None]]) -> None:
    """Until a signal, or until something ends that never should: its exception is raised here."""
    waiting = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    for task in done - {waiting}:
        task.result()
        raise RuntimeError(f"{task.get_name()} ended by itself")


async def wind_up(schedule: Schedule, term: Leadership, tasks: list[asyncio.Task[None]], clock: Clock) -> None:
    """Take nothing new, let what was sent be answered, then stop, and let another replica lead at once."""
    schedule.stopping = True
    began = clock.now()
    while schedule.busy and not term.over and clock.now() - began < DRAIN:
        await clock.sleep(0.05)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.to_thread(term.release)


async def fingerprint_key(kube: KubeClient, namespace: str) -> tuple[bytes, bool]:
    """The key of the fingerprints in status, made once per installation; whether it was made just now. Raises
    KubeRefused where it can't be kept.

    Losing it only means that an act left open by a crash is looked at as if its effect were not known.
    """
    made, found = False, await kube.secret(namespace, KEY_SECRET, [KEY])
    if found is None:
        try:
            found = await kube.create_secret(namespace, KEY_SECRET, {KEY: secrets.token_hex(32)})
            made = True
        except Conflict:
            found = await kube.secret(namespace, KEY_SECRET, [KEY])
        except Vanished:
            raise KubeRefused(
                f"there is no namespace {namespace}: apply manifests/, or name the operator's own with --home"
            ) from None
    value = found.data.get(KEY, "") if found is not None else ""
    if not value:
        raise KubeRefused(f"the Secret {KEY_SECRET} in {namespace} has no {KEY}: delete it, and it is made anew")
    with contextlib.suppress(ValueError):
        return bytes.fromhex(value), made
    return value.encode(), made
