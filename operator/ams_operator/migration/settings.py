"""`spec.migration` with what absence means filled in, and what an account's annotations say."""

from __future__ import annotations

from types import MappingProxyType

from pydantic import ValidationError

from ams_operator.api.base import ManagementPolicy
from ams_operator.api.durations import parse_interval, parse_iso8601
from ams_operator.api.migration import V2_SOURCE, LocatorPolicy, MigrationSpec, Scenario
from ams_operator.domain.answers import Resource
from ams_operator.domain.ids import instant
from ams_operator.domain.model import JSON
from ams_operator.migration.inputs import DAY, Acknowledgement, Config, Units

LIVE, RETIRED = "true", "retired"


class Unreadable(Exception):
    """A stored spec.migration that the models refuse: older than the installed schema. The text names the field."""


def mode(account: Resource) -> str:
    """`LIVE`, `RETIRED`, or empty where the account is no source."""
    value = account.annotations.get(V2_SOURCE, "")
    return value if value in (LIVE, RETIRED) else ""


def rests(account: Resource) -> bool:
    """Whether nothing is read or written for it now."""
    return account.deleting is not None or account.spec.get("managementPolicy") == ManagementPolicy.PAUSE


def parse(account: Resource) -> MigrationSpec:
    """Raises Unreadable."""
    try:
        return MigrationSpec.model_validate(account.spec.get("migration") or {})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        raise Unreadable(f"spec.migration.{path}: {first['msg']}") from None


def config(account: Resource) -> Config:
    """Raises Unreadable."""
    spec = parse(account)
    scenarios = spec.scenarios
    named = {} if scenarios is None else {
        "Encoding": scenarios.encoding,
        "LiveStreaming": scenarios.live_streaming,
        "Delivery": scenarios.delivery,
        "ContentProtection": scenarios.content_protection,
    }  # fmt: skip
    freeze = instant(spec.freeze_jobs_after)
    gaps = {
        one.id: Acknowledgement(one.id, one.reason, one.evidence_hash or "") for one in spec.acknowledged_gaps or ()
    }
    declared = {one.id: Acknowledgement(one.id, one.reason, one.answer.value) for one in spec.declarations or ()}
    units = spec.reserved_units
    return Config(
        quiet=_seconds(spec.quiet_period, 7 * DAY),
        lookback=_seconds(spec.lookback, 90 * DAY),
        freeze=freeze.timestamp() if freeze is not None else None,
        not_used=frozenset(name for name, said in named.items() if said is Scenario.NOT_USED),
        republish=spec.locators is LocatorPolicy.REPUBLISH
        or (spec.locators is None and not _same(account, spec.target_account_ref)),
        retired=frozenset(one.lower() for one in spec.retired or ()),
        acknowledged=MappingProxyType(gaps),
        declared=MappingProxyType(declared),
        units=Units(units.type.value, units.count) if units is not None else None,
        inventory_every=parse_interval(spec.inventory_interval).total_seconds() if spec.inventory_interval else 3600.0,
    )


def identity(account: Resource) -> str:
    """Whose results an inventory's are: they are of a source, and judged for a target."""
    spec = account.spec
    target: JSON = (spec.get("migration") or {}).get("targetAccountRef") or {}
    names = (spec.get("subscriptionId"), spec.get("resourceGroup"), spec.get("azureName") or account.name)
    there = f"{target.get('namespace') or account.namespace}/{target.get('name') or account.name}"
    return f"{'/'.join(str(one) for one in names).lower()} {there}"


def _same(account: Resource, reference: object) -> bool:
    if reference is None:
        return True
    name, space = getattr(reference, "name", ""), getattr(reference, "namespace", None)
    return (name, space or account.namespace) == (account.name, account.namespace)


def _seconds(text: str | None, absent: float) -> float:
    return parse_iso8601(text).total_seconds() if text is not None else absent
