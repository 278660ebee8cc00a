"""Consent by request: its value names one thing, and is good for it once."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from ams_operator.domain.kind import Kind
from ams_operator.domain.model import Desired, Record, Scene
from ams_operator.domain.noun import replace

RECREATE, APPROVE = "recreate", "approve"
_PLAIN: Final = re.compile(r"\w[\w.:+-]{0,127}", re.ASCII)
"""what means nothing to a shell: the command that consents is pasted, and an identity is the service's to choose"""


def recreation(record: Record) -> str:
    """The value that consents to making anew what is gone: another one than any that was given before the loss."""
    name = record.identity or record.uid
    if not _PLAIN.fullmatch(name):
        name = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:16]
    return name if record.requests.get(RECREATE) != name else f"{name}-again"


def unneeded(kind: Kind, desired: Desired, record: Record) -> Record:
    """What is there is not made anew: consent that was given in advance, or was used, says nothing of a later loss.
    That to recording over something names what it is about, and needs no memory."""
    given = desired.requests.get(RECREATE)
    if given is None or kind.records_into or record.requests.get(RECREATE) == given:
        return record
    return replace(record, requests={**record.requests, RECREATE: given})


def used(desired: Desired, before: Record, record: Record, scene: Scene) -> Record:
    """An approval is used up by the act that it was given for: when the same has to be done again, the plan has
    another hash."""
    given = desired.requests.get(APPROVE)
    carried_out = before.act is not None and scene.sent and record.act is None
    if given is None or not carried_out or desired.policy.management != "Plan":
        return record
    return replace(record, requests={**record.requests, APPROVE: given})
