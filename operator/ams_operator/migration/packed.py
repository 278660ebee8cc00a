"""JSON as one text of ASCII: compressed, for where there is little room."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Final

from ams_operator import jsons
from ams_operator.domain.model import JSON

LARGEST: Final = 64 << 20
"""bytes that a text may come to"""


def pack(value: JSON) -> str:
    return base64.b64encode(zlib.compress(jsons.dumps(value), 6)).decode("ascii")


def unpack(text: str) -> JSON:
    """Raises ValueError."""
    try:
        inflate = zlib.decompressobj()
        raw = inflate.decompress(base64.b64decode(text, validate=True), LARGEST)
    except (zlib.error, binascii.Error) as error:
        raise ValueError(str(error)) from None
    found = jsons.loads(raw)
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found
