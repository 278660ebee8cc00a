"""kopf, and nothing but its watches: one run of it in a thread and a loop of its own.

kopf says neither when it has listed nor when a watch stands, so the session that it uses says so: each of its requests
passes through a middleware of ours. A run ends for many reasons (a CRD goes, the API server answers nonsense, a bug);
it never starts again by itself. `ams_operator.kube.intake` does that.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

import aiohttp
import kopf
import uvloop
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse

from ams_operator.api.base import GROUP, VERSION
from ams_operator.api.kinds import kind_named
from ams_operator.kube.access import Login
from ams_operator.kube.echoes import Knows, WithoutEchoes
from ams_operator.kube.messages import Asking, Deaf, Ended, Gone, Mailbox, Poisoned, Relisted, Seen, Watching
from ams_operator.kube.objects import Malformed, from_raw
from ams_operator.kube.paths import collection
from ams_operator.kube.stateless import NoDiffBase, NoProgress
from ams_operator.texts import clean

logger = logging.getLogger(__name__)

_LOGIN_PAUSE: Final = 5.0
_GRACE: Final = 0.5
_RETRIED: Final = (401, 403, 429)
"""Refusals after which kopf goes on; after any other it ends."""


class WatchThread:
    """One run of kopf."""

    def __init__(
        self, kinds: Sequence[str], namespaces: Sequence[str], login: Login, mailbox: Mailbox, knows: Knows
    ) -> None:
        """`namespaces` empty means the whole cluster. Cluster-scoped kinds are watched in any case."""
        self._kinds = tuple(kinds)
        self._namespaces = tuple(namespaces)
        self._login = login
        self.mailbox = mailbox
        self._post = mailbox.post
        self._knows = knows
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._stopping = False
        self._logins: deque[float] = deque(maxlen=2)
        self._answered = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="kopf", daemon=True)
        self._paths = frozenset(path for kind in kinds for path in self.paths(kind))
        self._streams: dict[str, ClientResponse] = {}

    def paths(self, kind: str) -> frozenset[str]:
        """The collections that are watched for a kind."""
        return frozenset(collection(kind, namespace) for namespace in self._namespaces or ("",))

    def start(self) -> None:
        """Returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Ask for the end; `Ended` follows."""
        self._stopping = True
        self._call(lambda: self._stop.set() if self._stop is not None else None)

    def join(self, seconds: float) -> bool:
        """Wait, in another thread than the loop's, for the end. False: it still runs."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def streaming(self, path: str) -> bool:
        """Whether the last watch of a collection is still open."""
        stream = self._streams.get(path)
        return stream is not None and not stream.closed

    def ping(self) -> float:
        """Ask kopf's loop for a sign of life; returns how many seconds ago it gave the last one."""
        self._call(self._pong)
        return time.monotonic() - self._answered

    def _pong(self) -> None:
        self._answered = time.monotonic()

    def _call(self, function: Callable[[], None]) -> None:
        loop = self._loop
        if loop is not None:
            try:
                loop.call_soon_threadsafe(function)
            except RuntimeError:  # it ended meanwhile
                logger.debug("kopf's loop is closed already")

    def _run(self) -> None:
        why = "kopf ended"
        try:
            uvloop.run(self._main())
        except BaseException as error:
            why = f"kopf ended: {clean(f'{type(error).__name__}: {error}', 300)}"
        finally:
            self._post(Ended(why))

    async def _main(self) -> None:
        self._stop = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        if self._stopping:
            return
        place: Mapping[str, Any] = {"namespaces": self._namespaces} if self._namespaces else {"clusterwide": True}
        operator = asyncio.create_task(
            kopf.operator(
                registry=self._registry(),
                settings=_settings(),
                standalone=True,
                stop_flag=self._stop,
                identity=cast("Any", "ams-operator"),  # its own guess needs a user name, which a container may not have
                **place,
            )
        )
        stop = asyncio.create_task(self._stop.wait())
        await asyncio.wait({operator, stop}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({operator}, timeout=_GRACE)
        await _cancel_all()
        if not operator.cancelled():
            operator.result()

    def _registry(self) -> kopf.OperatorRegistry:
        registry = kopf.OperatorRegistry()
        kopf.on.login(registry=registry, errors=kopf.ErrorsMode.PERMANENT)(cast("Any", self._log_in))
        for kind in self._kinds:
            handler = self._handler(kind)
            kopf.on.event(GROUP, VERSION, kind_named(kind).plural, id=f"on-{kind}", registry=registry)(
                cast("Any", handler)
            )
        return registry

    def _handler(self, kind: str) -> Callable[..., Any]:
        async def on_event(event: Mapping[str, Any], **_: Any) -> None:
            try:
                resource = from_raw(kind, event["object"])
            except Malformed as error:
                self._post(Poisoned(kind, str(error)))
                return
            self._post(Gone(kind, resource.uid) if event["type"] == "DELETED" else Seen(resource))

        return on_event

    async def _log_in(self, **_: Any) -> kopf.AiohttpSession:
        """Called at the start, and again whenever the API server answers 401."""
        now = time.monotonic()
        if len(self._logins) == 2 and now - self._logins[0] < 2 * _LOGIN_PAUSE:
            await asyncio.sleep(_LOGIN_PAUSE)  # credentials that fail at once must not make a storm
        self._logins.append(time.monotonic())
        access = await self._login.load()
        session = access.session(self._overhear)
        return kopf.AiohttpSession(server=access.server, aiohttp_session=session)

    async def _overhear(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        path = request.url.path
        if path not in self._paths:
            return await handler(request)
        watch = request.url.query.get("watch") == "true"
        if watch:
            self._post(Asking(path, time.monotonic()))
        try:
            response = await handler(request)
        except asyncio.CancelledError:
            self._post(Deaf(path, "no answer to a watch" if watch else "no answer to a LIST"))
            raise
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self._post(Deaf(path, clean(f"the API server does not answer ({type(error).__name__})", 200)))
            raise
        if response.status >= 300:
            fatal = response.status < 500 and response.status not in _RETRIED
            self._post(Deaf(path, f"the API server answered {response.status}", fatal))
        elif watch:
            self._streams[path] = response
            response.content = cast("Any", WithoutEchoes(response.content, self._knows))
            self._post(Watching(path))
        else:
            self._post(Relisted(path))
        return response


async def _cancel_all() -> None:
    """Cancel what kopf leaves behind, again and again: its watchers may swallow a cancellation and go on."""
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: logger.debug("while kopf was ended: %s", context.get("message"))
    )
    for _ in range(100):
        left = asyncio.all_tasks() - {cast("asyncio.Task[Any]", asyncio.current_task())}
        if not left:
            return
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=0.1)


def _settings() -> kopf.OperatorSettings:
    settings = kopf.OperatorSettings()
    settings.posting.enabled = False
    settings.persistence.diffbase_storage = NoDiffBase()
    settings.persistence.progress_storage = NoProgress()
    # CRDs are looked after by the intake: kopf would need to list and watch all of them, our rights name three.
    settings.scanning.disabled = True
    settings.process.ultimate_exiting_timeout = None  # else it kills the process ten minutes after an end by itself
    settings.watching.server_timeout = 300  # an int: it goes into the query as it is
    settings.watching.client_timeout = 330
    settings.watching.connect_timeout = 10
    settings.watching.inactivity_timeout = 75  # the API server sends a bookmark each minute
    settings.watching.chunk_size = 500
    settings.queueing.idle_timeout = 0.2  # a task and a queue per object: not longer than needed
    settings.queueing.exit_timeout = 0.5
    settings.networking.request_timeout = 60
    settings.networking.error_backoffs = (0.2, 0.5, 1, 2, 3, 3)
    return settings
