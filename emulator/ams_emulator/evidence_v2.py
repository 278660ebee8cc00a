"""How well version 2 and what version 3 shows of it are known."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ams_emulator.evidence_base import BELOW, CLI, DOCS, Evidence

_V2 = "documentation of version 2 and its client libraries"
_GUIDE = "migration guide"
_READ = ("v2.dates", "v2.next-link", "v2.inlinecount", "v2.filter-or", "v2.orderby", "v2.error-shape")

# Operations of version 3 that show what version 2 made.
SEEN_IN_V3: Mapping[str, Evidence] = MappingProxyType(
    {
        "streaming_locators.get": Evidence("documented", DOCS, ("v2.locator-name", *BELOW)),
        "streaming_locators.list": Evidence("documented", DOCS, ("v2.locator-name", "v2.locators-in-v3-list", *BELOW)),
        "streaming_locators.delete": Evidence("documented", DOCS, ("parent.missing-delete", *BELOW)),
        "streaming_locators.list_content_keys": Evidence("documented", DOCS, (*BELOW,)),
        "streaming_locators.list_paths": Evidence("documented", DOCS, (*BELOW,)),
        "streaming_policies.get": Evidence("documented", DOCS, (*BELOW,)),
        "streaming_policies.list": Evidence("documented", DOCS, (*BELOW,)),
        "content_key_policies.get": Evidence("documented", DOCS, (*BELOW,)),
        "content_key_policies.list": Evidence("documented", DOCS, (*BELOW,)),
        "content_key_policies.get_policy_properties_with_secrets": Evidence("recorded", CLI, (*BELOW,)),
        "account_filters.get": Evidence("documented", DOCS, ("v2.filters-in-v3", *BELOW)),
        "account_filters.list": Evidence("documented", DOCS, ("v2.filters-in-v3", *BELOW)),
        "asset_filters.get": Evidence("documented", DOCS, ("v2.filters-in-v3", *BELOW)),
        "asset_filters.list": Evidence("documented", DOCS, ("v2.filters-in-v3", *BELOW)),
    }
)

V2: Mapping[str, Evidence] = MappingProxyType(
    {
        "discovery (api-version 2015-10-01)": Evidence("documented", _V2, ("v2.arm-v3-only",)),
        "endpoint": Evidence("documented", _V2, ("v2.endpoint-redirect", "v2.retired")),
        "reading of entity sets": Evidence("documented", _V2, _READ),
        "`Assets`, and writes to them from version 3": Evidence(
            "documented", _GUIDE, ("v2.asset-update-in-v3", "v2.blank-name")
        ),
        "`Locators`": Evidence("documented", _GUIDE, ("v2.v3-locators", "v2.locator-name")),
        "other writes, `$links`": Evidence("documented", _V2, ("v2.state-refused", "v2.asset-delete-locators")),
        "actions of channels, programs and endpoints; `Operations`": Evidence("documented", _V2, ("v2.state-refused",)),
        "`CancelJob`, `CreateFileInfos`, `RebindContentKey`, `GetKeyDeliveryUrl`": Evidence("documented", _V2),
        "quotas": Evidence("documented", _V2, ("v2.shared-live-quota",)),
        "`EncodingReservedUnitTypes`": Evidence("documented", _V2, ("v2.units-account",)),
    }
)
