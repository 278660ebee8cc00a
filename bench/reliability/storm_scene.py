"""Where a storm takes place: three accounts of two subscriptions, two operators, and what is done to all of it."""

from __future__ import annotations

import json
import time
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from ams_emulator.testing import EmulatorError
from bench.cluster import each
from bench.objects import PLURALS, path
from bench.processes import OperatorProcess
from bench.reliability.storm_faults import Spell
from bench.reliability.storm_people import Deed, Name
from bench.stage import Stage

INTERVAL: Final = "10s"
"""between sweeps: as short as a manifest may say"""
PAGE: Final = 10
"""items per LIST page, so that there are several"""
TOKEN_SECONDS: Final = 330
"""of a token, which is replaced five minutes before its end: each half minute"""
DURATIONS: Final = {
    "liveEvents.start": 3,
    "liveEvents.stop": 2,
    "streamingEndpoints.start": 3,
    "streamingEndpoints.stop": 2,
}
WORKED_WITH: Final = ("Transform", "Asset", "LiveEvent", "LiveOutput", "StreamingEndpoint")
ACCOUNT: Final = "MediaServicesAccount"
_COLLECTIONS: Final = {kind: plural for kind, plural in PLURALS.items() if kind in WORKED_WITH}


@dataclass(frozen=True)
class Place:
    """One account: where its objects are, and where the service has it."""

    account: str
    namespace: str
    subscription: str
    group: str
    client: str
    secret: str

    @property
    def id(self) -> str:
        """Its ARM id."""
        base = f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"
        return f"{base}/providers/Microsoft.Media/mediaservices/{self.account}"

    @property
    def given(self) -> tuple[str, ...]:
        """What the service has of itself."""
        return (self.id, f"{self.id}/streamingEndpoints/default")

    def id_of(self, kind: str, name: str, spec: Mapping[str, Any]) -> str:
        """Where the service has what an object stands for."""
        if kind == "LiveOutput":
            return f"{self.id}/liveEvents/{spec['liveEventRef']['name']}/liveOutputs/{name}"
        return f"{self.id}/{_COLLECTIONS[kind]}/{name}"


@dataclass
class Ground:
    """The servers and the accounts."""

    stage: Stage
    storm: Place
    quiet: Place
    calm: Place
    operators: tuple[OperatorProcess, OperatorProcess]
    changed: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """id in lower case to when somebody changed it in the service"""
    secrets: set[str] = field(default_factory=set)
    """what may stand nowhere but in a Secret"""

    # -- what people do

    async def declare(self, place: Place, manifests: Mapping[Name, Mapping[str, Any]]) -> None:
        """Apply all."""

        def apply(name: Name) -> Callable[[], Awaitable[Any]]:
            return lambda: self.do(place, Deed("apply", *name, manifests[name]))

        await each([apply(name) for name in manifests], at_once=4)

    async def do(self, place: Place, deed: Deed) -> None:
        """One thing that somebody does."""
        admin, aio = self.stage.admin, self.stage.emulator.aio
        match deed.verb:
            case "apply":
                spec = {"accountRef": {"name": place.account}, **deed.spec}
                await admin.edit(deed.kind, place.namespace, deed.name, spec)
            case "delete":
                await admin.call("DELETE", path(deed.kind, place.namespace, deed.name))
            case "rotate":
                secret = (await aio.add_client(clientId=place.client))["clientSecret"]
                await self._secret(place, secret)
            case _:
                await self._in_service(place, deed)

    async def _in_service(self, place: Place, deed: Deed) -> None:
        """Somebody else changes it, or deletes it, if it is there."""
        aio, one = self.stage.emulator.aio, place.id_of(deed.kind, deed.name, deed.spec)
        if one.lower() not in {stored.lower() for stored in await self.stored(place)}:
            return
        with suppress(EmulatorError):  # it went meanwhile
            if deed.verb == "drift":
                await aio.patch_out_of_band(one, {"properties": {"description": "somebody else's"}})
                self.changed[one.lower()].append(time.monotonic())
            else:
                await aio.delete_out_of_band(one)

    async def _secret(self, place: Place, value: str) -> None:
        self.secrets.add(value)
        data = {"AZURE_TENANT_ID": self.stage.emulator.tenant_id, "AZURE_CLIENT_ID": place.client}
        secret = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": place.secret},
            "stringData": {**data, "AZURE_CLIENT_SECRET": value},
        }
        await self.stage.admin.apply(secret, f"/api/v1/namespaces/{place.namespace}/secrets/{place.secret}")

    async def go_on_air(self, place: Place, events: Sequence[str], endpoint: str, output: str) -> None:
        """People begin to send to all events, and to watch the first one's recording."""
        aio = self.stage.emulator.aio
        for name in events:
            await aio.attach_encoder(f"{place.id}/liveEvents/{name}")
        watched = f"{place.id}/liveEvents/{events[0]}/liveOutputs/{output}"
        await aio.attach_viewer(f"{place.id}/streamingEndpoints/{endpoint}", watched)

    async def leave(self, place: Place) -> None:
        """Nobody sends or watches any more."""
        await self.stage.emulator.aio.detach_all(place.id)

    # -- what goes wrong

    async def fault(self, spell: Spell) -> Callable[[], Awaitable[int]]:
        """Let it begin; what ends it says how many requests it hit, as far as the service counts."""
        aio, action = self.stage.emulator.aio, dict(spell.action)
        match action.pop("do", None):
            case "revoke":
                await aio.revoke_tokens(self.storm.client)
                return _nothing
            case "deny":
                await aio.deny(clientId=self.storm.client, rights=action["rights"])
                return self._allowed
        kind = action.pop("type")
        one = await aio.fault(kind, dict(spell.match) if spell.match is not None else None, **action)
        return partial(self._lifted, one) if spell.match is not None else _nothing

    async def _allowed(self) -> int:
        await self.stage.emulator.aio.allow_all()
        return 0

    async def _lifted(self, fault: str) -> int:
        aio = self.stage.emulator.aio
        hits = next(int(one["hits"]) for one in await aio.faults() if one["id"] == fault)
        await aio.call("DELETE", f"/faults/{fault}")
        return hits

    async def clear(self) -> None:
        """Nothing goes wrong any more."""
        await self.stage.emulator.aio.clear_faults()
        await self.stage.emulator.aio.allow_all()

    # -- what is seen

    async def objects(self, place: Place) -> dict[Name, Any]:
        """All objects of an account, by kind and name."""
        found: dict[Name, Any] = {}
        for kind in WORKED_WITH:
            listed = await self.stage.admin.call("GET", path(kind, place.namespace))
            for thing in listed["items"]:
                if thing["spec"]["accountRef"]["name"] == place.account:
                    found[kind, thing["metadata"]["name"]] = thing
        return found

    async def told(self, place: Place) -> str:
        """All that is told to people about an account's objects: statuses and Events."""
        events = await self.stage.admin.call("GET", f"/apis/events.k8s.io/v1/namespaces/{place.namespace}/events")
        return json.dumps([*(await self.objects(place)).values(), *events["items"]])

    async def stored(self, place: Place) -> list[str]:
        """Ids of all that the service has in an account."""
        return list(await self.stage.emulator.aio.stored_ids(place.id))

    async def found(self, one: str) -> Mapping[str, Any]:
        """One of them."""
        return dict(await self.stage.emulator.aio.get_out_of_band(one))

    async def log(self) -> list[Mapping[str, Any]]:
        """All requests since `forget`."""
        return list(await self.stage.emulator.aio.log())

    async def meters(self, place: Place) -> Mapping[str, Any]:
        """What went wrong for people."""
        return dict(await self.stage.emulator.aio.meters(place.id))

    async def forget(self) -> None:
        """Count from now on."""
        await self.stage.emulator.aio.reset_log()
        await self.stage.emulator.aio.reset_meters()

    async def namespace(self, name: str) -> None:
        """Make one."""
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        await self.stage.admin.call("POST", "/api/v1/namespaces", body)

    async def exist(self, place: Place, secret: str) -> None:
        """Make an account in the service, and declare it with its credential."""
        await self._secret(place, secret)
        await self.stage.emulator.aio.add_group(place.group, subscriptionId=place.subscription)
        await self.stage.emulator.aio.add_account(
            place.account, resourceGroup=place.group, subscriptionId=place.subscription
        )
        spec = {
            "azureName": place.account,
            "subscriptionId": place.subscription,
            "resourceGroup": place.group,
            "credentials": {"secretRef": {"name": place.secret}},
            "driftInterval": INTERVAL,
        }
        await self.stage.admin.create(ACCOUNT, place.namespace, place.account, spec)


async def laid(stage: Stage) -> Ground:
    """Accounts, credentials and namespaces; nothing runs yet."""
    aio = stage.emulator.aio
    await aio.settings(page_size=PAGE, token_seconds=TOKEN_SECONDS, durations=DURATIONS)
    clients = [await aio.add_client() for _ in range(3)]
    names = (("stormy", "storm"), ("quiet", "storm"), ("calm", "calm"))
    stormy, quiet, calm = (
        Place(account, namespace, str(uuid.uuid4()), "media", client["clientId"], f"azure-{account}")
        for (account, namespace), client in zip(names, clients, strict=True)
    )
    home, watcher = stage.control_plane.kubeconfig, stage.watcher
    operators = (
        OperatorProcess(home, stormy.namespace, stage.directory, watcher, paced=True),
        OperatorProcess(home, calm.namespace, stage.directory, watcher, paced=True),
    )
    ground = Ground(stage, stormy, quiet, calm, operators)
    for namespace in (stormy.namespace, calm.namespace):
        await ground.namespace(namespace)
    for place, client in zip((stormy, quiet, calm), clients, strict=True):
        await ground.exist(place, client["clientSecret"])
    return ground


async def _nothing() -> int:
    return 0
