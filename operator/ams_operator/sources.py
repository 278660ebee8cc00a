"""The cluster as migration sees it: the engine's store and ways to the service, and the API server for what it writes.

What is written enters the store as the engine's own answers do, so that the watch's echo of it is no news to anybody.
"""

from __future__ import annotations

from collections.abc import Iterable

from ams_operator.api.migration import V2_ID, MigrationSpec
from ams_operator.api.migration_report import MIGRATION_REPORT
from ams_operator.api.namespaces import AllowedNamespaces
from ams_operator.api.reasons import Reason
from ams_operator.backends.backend import ArmBackend
from ams_operator.domain import ids
from ams_operator.domain.answers import Conflict, Foreign, KubeDown, NotSent, PortError, Resource, Vanished
from ams_operator.domain.facts import first_running
from ams_operator.domain.model import JSON
from ams_operator.engine import accounts, claims, guests
from ams_operator.engine.accounts import OF_SECRET
from ams_operator.engine.schedule import Schedule
from ams_operator.engine.state import Engine, InvalidSpec, children_of, parse_spec
from ams_operator.engine.store import ACCOUNT
from ams_operator.kube.client import KubeClient
from ams_operator.kube.leftovers import Writer
from ams_operator.migration.conditions.finding import Type
from ams_operator.migration.inputs import Managed
from ams_operator.migration.ports import Target, Way

MANAGER = "ams-operator-migration"
IN_ACCOUNTS = Writer(MANAGER, lambda name: name == "migration", frozenset(map(str, Type)))
"""the migration's part of an account's status; all else in it is the engine's"""
IN_REPORTS = Writer(MANAGER, lambda _: True, frozenset())
REPORT = MIGRATION_REPORT.kind


class Sources:
    """Implements `migration.ports.Cluster`."""

    def __init__(self, engine: Engine, schedule: Schedule, kube: KubeClient) -> None:
        self._engine, self._schedule, self._kube = engine, schedule, kube
        self._reports: dict[str, Resource] = {}

    def accounts(self) -> Iterable[Resource]:
        """None while the API server is away, or before all was listed once."""
        return list(self._engine.store.of_kind(ACCOUNT)) if self._schedule.cluster_up.is_set() else []

    def account(self, uid: str) -> Resource | None:
        return self._engine.store.objects.get(uid)

    def claimed(self, uid: str) -> str:
        found = self._engine.store.objects.get(uid)
        holds = claims.claimed(self._engine, found) if found is not None else ()
        return holds[0].message if found is not None and holds and not claims.unproved(self._engine, found) else ""

    def way(self, uid: str) -> Way:
        """Raises NotSent. A credential that the engine found wrong is not tried beside it: it tries with pauses, and at
        once where the Secret changes."""
        known = self._engine.accounts.known.get(uid)
        if known is not None and known.trouble is not None and known.trouble.reason in OF_SECRET:
            raise NotSent(known.trouble.reason, known.trouble.message, known.trouble.until)
        if known is not None and isinstance(known.backend, ArmBackend) and not known.withdrawn:
            return Way(known.backend, known.id)
        if known is not None and known.trouble is not None:
            raise NotSent(known.trouble.reason, known.trouble.message, known.trouble.until)
        raise NotSent(Reason.PROGRESSING, "the account was not looked at yet")

    async def place(self, source: Resource) -> str:
        reference = (source.spec.get("migration") or {}).get("targetAccountRef") or {}
        namespace, name = reference.get("namespace") or source.namespace, reference.get("name") or source.name
        owner = await self._admitting(source, namespace, name)
        return self.here(owner) if owner is not None else ""

    async def _admitting(self, source: Resource, namespace: str, name: str) -> Resource | None:
        """An account as a source's target: that is the whole of it, so that it is none for whom it lets in with a
        prefix. One that nobody can read admits nobody from elsewhere, who need not hear what is wrong with it."""
        owner = self._engine.store.find(ACCOUNT, namespace, name)
        if owner is None or owner.namespace == source.namespace:
            return owner
        try:
            if not await guests.allows(self._engine, owner, source.namespace):
                return None
            allowed: AllowedNamespaces | None = parse_spec(self._engine, owner).allowed_namespaces
        except InvalidSpec:
            return None
        return owner if allowed is not None and allowed.name_prefix is None else None

    def here(self, source: Resource) -> str:
        """Where a MediaServicesBackend is away for a moment, the account's own record says where it answers."""
        try:
            spec = parse_spec(self._engine, source)
        except InvalidSpec:
            return ""
        origin = claims.origin_of(self._engine, spec) or str(source.own_record.get("origin") or "")
        account = (spec.subscription_id, spec.resource_group, spec.effective_name(source.name))
        return ids.key(origin, "/".join(map(str, account)))

    async def target(self, source: Resource) -> Target:
        """Denied and absent read the same on purpose."""
        spec = MigrationSpec.model_validate(source.spec.get("migration") or {})
        reference = spec.target_account_ref
        namespace = (reference.namespace if reference else None) or source.namespace
        name = reference.name if reference else source.name
        owner = await self._admitting(source, namespace, name)
        if owner is None:
            where = "" if namespace == source.namespace else f" of namespace {namespace}"
            message = f"there is no MediaServicesAccount {name}{where} for this namespace"
            told = (Reason.ACCOUNT_NOT_AVAILABLE.value, f"spec.migration.targetAccountRef: {message}")
            return Target("", namespace, name, trouble=told)
        try:
            if said := self.claimed(owner.uid):  # it does nothing: an older trouble of it stays for good
                said = accounts.told((namespace, name), source.namespace, Reason.WAITING_FOR_ACCOUNT, said)
                return Target(owner.uid, namespace, name, trouble=(Reason.CLAIMED.value, said))
            return Target(owner.uid, namespace, name, self.way(owner.uid))
        except InvalidSpec as error:
            trouble = (Reason.INVALID_SPEC.value, str(error))
        except PortError as error:
            trouble = (
                str(error.reason),
                accounts.told((namespace, name), source.namespace, error.reason, error.message),
            )
        return Target(owner.uid, namespace, name, trouble=trouble)

    def objects(self, target: str) -> tuple[Managed, ...]:
        owner = self._engine.store.objects.get(target)
        if owner is None:
            return ()
        found = children_of(self._engine, owner)
        return tuple(
            _managed(one) for one in found if V2_ID in one.annotations and claims.may_claim(self._engine, one, owner)
        )

    async def write(self, account: Resource, status: JSON) -> None:
        if not self._engine.term.may_write():
            raise KubeDown("another replica leads")
        try:
            self._engine.store.put(await self._kube.write_status(account, status, IN_ACCOUNTS))
        except Conflict:
            self._schedule.seen(await self._kube.get(ACCOUNT, account.namespace, account.name))
            raise

    async def read_report(self, account: Resource) -> JSON | None:
        self._reports.pop(account.uid, None)
        found = await self._kube.owned(REPORT, account, account.name)
        if found is None:
            return None
        self._reports[account.uid] = found
        return found.status

    async def write_report(self, account: Resource, status: JSON) -> None:
        if not self._engine.term.may_write():
            raise KubeDown("another replica leads")
        for last in (False, True):
            known = self._reports.pop(account.uid, None) or await self._kube.owned(REPORT, account, account.name)
            if known is None:
                known = await self._kube.create_owned(REPORT, account, account.name, {"account": account.name})
            try:
                self._reports[account.uid] = await self._kube.write_status(known, status, IN_REPORTS)
                return
            except (Conflict, Vanished):
                if last:
                    raise

    async def drop_report(self, account: Resource) -> None:
        self._reports.pop(account.uid, None)
        try:
            found = await self._kube.owned(REPORT, account, account.name)
        except Foreign:
            return
        if found is not None:
            await self._kube.delete(found)


def _managed(resource: Resource) -> Managed:
    status = resource.status
    ready = next((one.get("status") for one in status.get("conditions", ()) if one.get("type") == "Ready"), None)
    return Managed(
        resource.kind,
        resource.name,
        str(resource.spec.get("azureName") or resource.name),
        resource.annotations[V2_ID],
        str(ready or "Unknown"),
        first_running(status, resource.annotations[V2_ID]),
        resource.namespace,
    )
