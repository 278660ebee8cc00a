"""How well the operations of live events, live outputs, streaming endpoints and assets are known."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ams_emulator.evidence_base import BELOW, BODY, CLI, DOCS, DOCUMENTS, NET, WRITE, Evidence

_VALUES = ("live-event.unfit-setting", "live-event.both-latencies", "live-event.unknown-language")
ON_AIR: Mapping[str, Evidence] = MappingProxyType(
    {
        "live_events.begin_create": Evidence(
            "recorded",
            NET,
            ("create.existing", "account.put-location", "immutable.change", "quota.status", *_VALUES, *WRITE),
        ),
        "live_events.get": Evidence("recorded", CLI, (*BELOW,)),
        "live_events.list": Evidence("documented", DOCS, (*BELOW,)),
        "live_events.begin_update": Evidence(
            "recorded",
            f"{CLI} (Stopped)",
            (
                "patch.depth",
                "patch.location-missing",
                "account.put-location",
                "immutable.change",
                "streaming.patch-visible",
                "live-event.patch-running",
                "live-event.patch-static-hostname",
                "live-event.patch-transcriptions",
                *_VALUES,
                *WRITE,
            ),
        ),
        "live_events.begin_delete": Evidence(
            "documented",
            DOCS,
            ("live-event.delete-on-air", "live-event.delete-outputs", "parent.missing-delete", "state.refused", *BELOW),
        ),
        "live_events.begin_allocate": Evidence("recorded", CLI, ("action.already-there", "state.refused", *BELOW)),
        "live_events.begin_start": Evidence(
            "recorded", CLI, ("action.already-there", "state.refused", "live-event.standby-urls", *BELOW)
        ),
        "live_events.begin_stop": Evidence("recorded", CLI, ("action.already-there", "state.refused", *BELOW)),
        "live_events.begin_reset": Evidence(
            "documented", DOCS, ("live-event.reset-not-running", "state.refused", *BELOW)
        ),
        "live_events.async_operation": Evidence("recorded", NET, (*DOCUMENTS,)),
        "live_events.operation_location": Evidence("recorded", CLI, ("operation-location.deleted", *DOCUMENTS)),
        "live_outputs.begin_create": Evidence(
            "recorded",
            CLI,
            (
                "create.existing",
                "live-output.asset-reused",
                "live-output.asset-missing",
                "live-output.manifest-name",
                "quota.status",
                *WRITE,
            ),
        ),
        "live_outputs.get": Evidence("recorded", CLI, ("live-output.created", *BELOW)),
        "live_outputs.list": Evidence("documented", DOCS, ("live-output.created", *BELOW)),
        "live_outputs.begin_delete": Evidence("documented", DOCS, ("parent.missing-delete", "state.refused", *BELOW)),
        "live_outputs.async_operation": Evidence("documented", DOCS, (*DOCUMENTS,)),
        "live_outputs.operation_location": Evidence("documented", DOCS, ("operation-location.deleted", *DOCUMENTS)),
        "streaming_endpoints.begin_create": Evidence(
            "recorded",
            NET,
            (
                "create.existing",
                "endpoint.default-host",
                "account.put-location",
                "quota.status",
                "endpoint.cdn-settings-alone",
                "endpoint.most-units",
                *WRITE,
            ),
        ),
        "streaming_endpoints.get": Evidence("recorded", CLI, (*BELOW,)),
        "streaming_endpoints.list": Evidence("recorded", CLI, (*BELOW,)),
        "streaming_endpoints.begin_update": Evidence(
            "documented",
            DOCS,
            (
                "patch.depth",
                "patch.location-missing",
                "account.put-location",
                "streaming.patch-visible",
                "endpoint.patch-running",
                "endpoint.patch-scale-units",
                "endpoint.cdn-settings-alone",
                "endpoint.most-units",
                *WRITE,
            ),
        ),
        "streaming_endpoints.begin_delete": Evidence(
            "recorded", CLI, ("parent.missing-delete", "state.refused", *BELOW)
        ),
        "streaming_endpoints.begin_start": Evidence("recorded", CLI, ("action.already-there", "state.refused", *BELOW)),
        "streaming_endpoints.begin_stop": Evidence(
            "documented", DOCS, ("action.already-there", "state.refused", *BELOW)
        ),
        "streaming_endpoints.begin_scale": Evidence(
            "recorded", f"{CLI} (Stopped)", ("endpoint.scale-running", "endpoint.most-units", "state.refused", *BELOW)
        ),
        "streaming_endpoints.skus": Evidence("documented", DOCS, (*BELOW,)),
        "streaming_endpoints.async_operation": Evidence("recorded", NET, (*DOCUMENTS,)),
        "streaming_endpoints.operation_location": Evidence(
            "documented", DOCS, ("operation-location.deleted", *DOCUMENTS)
        ),
        "assets.create_or_update": Evidence(
            "recorded", CLI, ("immutable.change", "quota.status", "transform.put-unchanged", *WRITE)
        ),
        "assets.get": Evidence("recorded", CLI, (*BELOW,)),
        "assets.list": Evidence("documented", DOCS, (*BELOW,)),
        "assets.update": Evidence("documented", DOCS, ("patch.depth", "immutable.change", *BODY, *BELOW)),
        "assets.delete": Evidence("documented", DOCS, ("asset.delete-in-use", "parent.missing-delete", *BELOW)),
        "assets.list_container_sas": Evidence("documented", DOCS, (*BELOW,)),
        "assets.get_encryption_key": Evidence("documented", DOCS, ("asset.no-encryption-key", *BELOW)),
        "assets.list_streaming_locators": Evidence("documented", DOCS, (*BELOW,)),
    }
)
