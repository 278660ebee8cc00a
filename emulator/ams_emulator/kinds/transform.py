"""Transforms: a proxy resource, synchronous throughout; PUT creates or replaces."""

from __future__ import annotations

from ams_emulator import crud
from ams_emulator.kinds.base import Kind
from ams_emulator.kinds.presets import presets
from ams_emulator.schema import Enum, ListOf, Member, Moment, Object, Text


def transform() -> Kind:
    """Limits: 20 outputs, 100 transforms per account (documented in the service's quotas)."""
    output = Object(
        {
            "onError": Member(Enum(("StopProcessingJob", "ContinueJob")), default="StopProcessingJob"),
            "relativePriority": Member(Enum(("Low", "Normal", "High")), default="Normal"),
            "preset": Member(presets(), required=True),
        }
    )
    properties = Object(
        {
            "created": Member(Moment(), read_only=True),
            "description": Member(Text()),
            "lastModified": Member(Moment(), read_only=True),
            "outputs": Member(ListOf(output, minimum=1, maximum=20), required=True),
        }
    )
    return Kind(
        path=("mediaservices", "transforms"),
        type="Microsoft.Media/mediaservices/transforms",
        segment="transforms",
        schema=Object(crud.proxy_members() | {"properties": Member(properties, required=True)}),
        name=Text(r"[^<>%&:\\?/*+.'\x00-\x1f]{1,260}", "a name of up to 260 characters without any of <>%&:\\?/*+.'"),
        verbs={
            "PUT": crud.put,
            "GET": crud.get,
            "LIST": crud.list_all,
            "PATCH": crud.patch,
            "DELETE": crud.delete,
        },
        limit=100,
        system_data="transform.system-data",
    )
