"""Refusals of version 2, before they have a shape: what they look like depends on the format asked for."""

from __future__ import annotations


class V2Error(Exception):
    """A request that is answered with an error: status, code and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def bad(message: str, code: str = "") -> V2Error:
    return V2Error(400, code, message)


def missing(what: str) -> V2Error:
    return V2Error(404, "ResourceNotFound", f"Resource {what} not found.")


def no_segment(name: str) -> V2Error:
    return V2Error(404, "", f"Resource not found for the segment '{name[:80]}'.")


def conflict(message: str) -> V2Error:
    return V2Error(409, "", message)
