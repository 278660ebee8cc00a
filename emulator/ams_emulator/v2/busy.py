"""What version 2 says when it is asked too much: 503 and one of three texts. The figures in them are made up."""

from __future__ import annotations

from ams_emulator.call import Answer, Call
from ams_emulator.v2.errors import V2Error
from ams_emulator.v2.protocol import CONTENT_TYPES, format_of
from ams_emulator.v2.render import error

_TEXTS = (
    "Server is busy. Previous runs of this type of request took more than 30 seconds.",
    "Server is busy. More than 100 requests per second can be throttled.",
    "Server is busy. More than 3000 requests within 30 seconds can be throttled.",
)


def busy(call: Call, text: int, headers: dict[str, str]) -> Answer:
    """The answer with the n-th text; Retry-After is only there if the fault asks for it."""
    try:
        form = format_of(call.headers)
    except V2Error:
        form = "minimal"
    body = error(V2Error(503, "ServerBusy", _TEXTS[text - 1]), form, odata=True)
    kind = CONTENT_TYPES[form] if form != "atom" else "application/xml;charset=utf-8"
    return Answer(503, body, headers, content_type=kind)
