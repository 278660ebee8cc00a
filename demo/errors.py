"""How the demo ends other than well."""

from __future__ import annotations


class DemoError(Exception):
    """Something did not happen as it should; the message says what, and what to do where that is known."""


class Refused(DemoError):
    """The API server understood and said no; the message is its own."""


class Stopped(BaseException):
    """Somebody asked the demo to end: Ctrl-C, SIGTERM or a closed terminal. `signum` is the signal's number."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum
