"""The few requests that the launcher itself makes to the API server."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Sequence
from pathlib import Path

from ams_devcluster.errors import DevclusterError
from ams_devcluster.process import Process

_PATIENCE = 60.0  # seconds; measured: 3, on a busy machine 10


class ApiServer:
    """The API server on 127.0.0.1:`port`, reached with a client certificate."""

    def __init__(self, port: int, ca: Path, certificate: Path, key: Path) -> None:
        self._port = port
        self._context = ssl.create_default_context(cafile=str(ca))
        self._context.load_cert_chain(certificate, key)

    def get(self, path: str) -> bytes:
        """The body of `GET path`; OSError or http.client.HTTPException where there is no 200."""
        connection = http.client.HTTPSConnection("127.0.0.1", self._port, context=self._context, timeout=30)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        if response.status != http.HTTPStatus.OK:
            raise http.client.HTTPException(f"GET {path} answered {response.status}")
        return body

    def wait_ready(self, needed: Sequence[Process]) -> None:
        """Wait until the server is ready and has made the namespace `default`.

        Raises DevclusterError where one of `needed` ends, or after a minute.
        """
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                self.get("/readyz")
                self.get("/api/v1/namespaces/default")
            except (OSError, http.client.HTTPException) as error:
                for process in needed:
                    if not process.alive:
                        raise DevclusterError(_explain(process, "ended")) from error
                if time.monotonic() > end:
                    raise DevclusterError(_explain(needed[0], f"was not ready after {_PATIENCE:.0f} s")) from error
                time.sleep(0.05)
            else:
                return


def _explain(process: Process, what: str) -> str:
    end = process.output_end()
    hint = ""
    if "too many open files" in end:
        hint = " The limits of open files (`ulimit -n`) or of inotify (`fs.inotify.max_user_instances`) are too low."
    return f"{process.name} {what}.{hint} The end of {process.log}:\n{end}"
