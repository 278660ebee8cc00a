"""How the API server is reached and who we are there: the `kubernetes` package reads it, our own sessions use it."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

import aiohttp
from aiohttp import ClientHandlerType, ClientMiddlewareType, ClientRequest, ClientResponse
from kubernetes.aio import config
from kubernetes.aio.client import Configuration

from ams_operator.texts import clean

_BEARER: Final = "BearerToken"
_IN_CLUSTER: Final = "KUBERNETES_SERVICE_HOST"
_NAMESPACE_FILE: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


class NoAccess(Exception):
    """No usable configuration for an API server. The text says what is wrong and what to do."""


class Access(Protocol):
    """One loaded configuration."""

    @property
    def server(self) -> str:
        """Base URL of the API server, without a slash at its end."""
        ...

    @property
    def namespace(self) -> str:
        """The namespace that is meant where none is named."""
        ...

    def session(
        self, *middlewares: ClientMiddlewareType, trace: aiohttp.TraceConfig | None = None
    ) -> aiohttp.ClientSession:
        """A session for the running loop that authenticates each request, and tells `trace` how far each one is.
        Whoever asks for it closes it."""
        ...


class Login(Protocol):
    """Where a configuration comes from; each `load` reads it anew."""

    async def load(self) -> Access:
        """Raises NoAccess."""
        ...


class ConfiguredLogin:
    """An explicit kubeconfig file, else `KUBECONFIG`, else the pod's service account, else `~/.kube/config`."""

    def __init__(
        self,
        kubeconfig: str | None = None,
        context: str | None = None,
        environ: Mapping[str, str] = os.environ,
        *,
        on_secret: Callable[[Iterable[str]], None] = lambda _values: None,
    ) -> None:
        """`kubeconfig` may name several files as `KUBECONFIG` does; `context` absent means the current one. `on_secret`
        hears each token that we are known by."""
        self._on_secret = on_secret
        self._kubeconfig = kubeconfig or environ.get("KUBECONFIG") or None
        self._context = context
        self._in_cluster = self._kubeconfig is None and context is None and bool(environ.get(_IN_CLUSTER))

    async def load(self) -> ConfiguredAccess:
        """Read files, run an exec plugin, as the configuration asks for. Raises NoAccess."""
        configuration = Configuration()
        try:
            if self._in_cluster:
                config.load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]  # has no types
                return ConfiguredAccess(configuration, _own_namespace(), self._on_secret)
            loader = await config.load_kube_config(  # type: ignore[no-untyped-call]  # has no types
                config_file=self._files(),
                context=self._context,
                client_configuration=configuration,
                persist_config=False,
            )
            namespace = loader.current_context["context"].get("namespace")
            return ConfiguredAccess(configuration, namespace, self._on_secret)
        except NoAccess:
            raise
        except Exception as error:  # the package raises whatever its parsers and plugins raise
            where = "the pod's service account" if self._in_cluster else self._files()
            raise NoAccess(f"can't use {where}: {clean(str(error), 300)}") from None

    def _files(self) -> str:
        if self._kubeconfig is None:
            default = Path.home() / ".kube" / "config"
            if not default.exists():
                raise NoAccess("no Kubernetes configuration: set KUBECONFIG, pass --kubeconfig, or run in a pod")
            return str(default)
        if not any(Path(one).expanduser().exists() for one in self._kubeconfig.split(os.pathsep) if one):
            raise NoAccess(f"there is no kubeconfig file {self._kubeconfig}")
        return self._kubeconfig


class ConfiguredAccess:
    """What the `kubernetes` package made of a configuration, with a TLS context of our own."""

    def __init__(
        self,
        configuration: Any,
        namespace: str | None = None,
        on_secret: Callable[[Iterable[str]], None] = lambda _values: None,
    ) -> None:
        self._configuration, self._on_secret = configuration, on_secret
        self._told = ""
        self.namespace = namespace or "default"
        self.server = str(configuration.host).rstrip("/")
        self._ssl = _tls(configuration) if self.server.startswith("https:") else None

    def session(
        self, *middlewares: ClientMiddlewareType, trace: aiohttp.TraceConfig | None = None
    ) -> aiohttp.ClientSession:
        """See Access. No environment proxies and no netrc: the configuration names a proxy if there is one."""
        connector = aiohttp.TCPConnector(limit=0, ssl=self._ssl if self._ssl is not None else True)
        return aiohttp.ClientSession(
            connector=connector,
            middlewares=(*middlewares, self._authenticate),
            proxy=self._configuration.proxy or None,
            trace_configs=[trace] if trace is not None else None,
            trust_env=False,
            read_bufsize=2**21,
            raise_for_status=False,
        )

    async def _authenticate(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        # Asked for each request: the token of a pod is renewed in its file.
        token = await self._configuration.get_api_key_with_prefix(_BEARER)
        if token and token != self._told:
            self._told = token
            self._on_secret((token.removeprefix("Bearer ").strip(),))
        if token:
            request.headers["Authorization"] = token
        if name := getattr(self._configuration, "tls_server_name", None):
            request.server_hostname = name
        return await handler(request)


def _own_namespace() -> str | None:
    try:
        return _NAMESPACE_FILE.read_text(encoding="utf-8").strip()
    except OSError:
        return None


def _tls(configuration: Any) -> ssl.SSLContext:
    context = ssl.create_default_context(
        cafile=configuration.ssl_ca_cert or None, cadata=getattr(configuration, "ca_cert_data", None) or None
    )
    # Python 3.13 began to refuse certificates that many clusters' own authorities still issue.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if configuration.cert_file:
        context.load_cert_chain(configuration.cert_file, keyfile=configuration.key_file)
    if not configuration.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
