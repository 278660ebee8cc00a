"""`spec.migration` with what absence means filled in, and what an account's annotations say."""

from __future__ import annotations

from typing import Final

from pydantic import ValidationError

from ams_operator.api.base import AccountRef, ManagementPolicy
from ams_operator.api.migration import V2_SOURCE, LocatorPolicy, MigrationSpec
from ams_operator.domain.answers import Resource
from ams_operator.domain.model import JSON
from ams_operator.migration import config as configs
from ams_operator.migration.conditions.finding import short
from ams_operator.migration.inputs import AccessRead, Config
from ams_operator.migration.trouble import Access

LIVE, RETIRED, UNREADABLE = "true", "retired", "unreadable"
_NO: Final = "false"


class Unreadable(Exception):
    """A stored spec.migration that the models refuse: older than the installed schema. The text names the field."""


def mode(account: Resource) -> str:
    """`LIVE`, `RETIRED`, empty where the account is no source, or `UNREADABLE`: what somebody mistyped, here or in
    spec.migration, switches nothing off. Capitals and space around a value mean nothing."""
    value = account.annotations.get(V2_SOURCE, _NO).strip().lower()
    if value == _NO:
        return ""
    return value if value in (LIVE, RETIRED) and not _wrong(account) else UNREADABLE


def _wrong(account: Resource) -> str:
    """What of spec.migration can't be read; empty where all can."""
    try:
        config(account)
    except Unreadable as error:
        return str(error)
    return ""


def misread(account: Resource, now: float) -> AccessRead:
    """What keeps version 2 from being asked where the mode is `UNREADABLE`."""
    if wrong := _wrong(account):
        return AccessRead(now, reason=Access.SPEC_UNREADABLE, message=wrong)
    said = short(account.annotations.get(V2_SOURCE, ""))
    return AccessRead(now, reason=Access.ANNOTATION_UNREADABLE, message=f'the annotation {V2_SOURCE} says "{said}"')


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
    try:
        return configs.config(spec, same=_same(account, spec.target_account_ref))
    except (ValueError, OverflowError) as error:
        raise Unreadable(str(error)) from None


def identity(account: Resource, target: str = "", here: str = "") -> str:
    """Whose results an inventory's are: they are of a source, judged for a target, and found by what is asked. A name
    may stand for another account tomorrow, so that it does not say which: `target` and `here` (`Tools`) do. Where
    locators are kept nobody asks whether they are published anew, and what was made before the quiet period is not
    noted: to judge another wish by that would find everything done."""
    spec = account.spec
    migration: JSON = spec.get("migration") or {}
    reference: JSON = migration.get("targetAccountRef") or {}
    names = (spec.get("subscriptionId"), spec.get("resourceGroup"), spec.get("azureName") or account.name)
    there = f"{reference.get('namespace') or account.namespace}/{reference.get('name') or account.name}"
    asked = ""
    if migration.get("locators") == LocatorPolicy.REPUBLISH and there == f"{account.namespace}/{account.name}":
        asked += " republish"
    if (quiet := migration.get("quietPeriod") or configs.QUIET_PERIOD) != configs.QUIET_PERIOD:
        asked += f" {quiet}"
    return f"{'/'.join(str(one) for one in names).lower()} {here} {there} {target}{asked}"


def _same(account: Resource, reference: AccountRef | None) -> bool:
    if reference is None:
        return True
    return (reference.name, reference.namespace or account.namespace) == (account.name, account.namespace)
