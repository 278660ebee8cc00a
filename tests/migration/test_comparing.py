"""Whether the target's content key policies hold the secrets of version 2: asked politely, told as what is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast
from unittest.mock import AsyncMock, Mock

import pytest

from ams_operator.api.reasons import Reason
from ams_operator.backends.backend import ArmBackend
from ams_operator.backends.urls import SECRETS_OF
from ams_operator.domain.answers import Answer, Lane, NoAnswer, NotSent, Page, Resource
from ams_operator.domain.model import AccountId, Address
from ams_operator.migration.comparing import AGAIN, MOST, SOON, Comparer
from ams_operator.migration.conditions import Type, judge, key_policies
from ams_operator.migration.inputs import (
    Config,
    Inputs,
    InventoryRead,
    Listing,
    Managed,
    ObjectsRead,
    SetRead,
    TargetRead,
)
from ams_operator.migration.kept import Kept
from ams_operator.migration.ports import Target, Way
from ams_operator.migration.reduce import keyed
from ams_operator.migration.settings import identity
from ams_operator.migration.tally import Tally
from ams_operator.migration.tools import Tools
from ams_operator.migration.watch import Watch

from .conftest import Source
from .looks import Eyes
from .reached import Seen, reaches
from .states import complete, expect, undone
from .test_digests import ONE, TWO, aes, key, of_2, shown, symmetric

NOW = 1_700_000_000.0
OPTIONS = "ContentKeyAuthorizationPolicyOptions"
POLICIES = "ContentKeyAuthorizationPolicies"
ACCOUNT = AccountId("s", "g", "a")


@reaches("PROTECTION True Protected", "PROTECTION False SecretMismatch", "PROTECTION Unknown SecretsNotVerified")
async def test_secrets_that_are_and_are_not_those_of_version_2(
    source_factory: Callable[..., Source], seen: Seen
) -> None:
    eyes = await complete(source_factory("broadcaster"), seen)
    eyes.config = replace(eyes.config, verified_by="")
    targets = eyes.census.tallies["ContentKeyAuthorizationPolicies"].targets.values()
    films, apple = sorted(
        (one for one in targets if one["give"]), key=lambda one: "FairPlay" in str(one["fields"]["options"])
    )
    text = str(next(one["Restrictions"] for one in eyes.rows(OPTIONS) if one["Name"] == "PlayReady"))
    right = text.partition("<KeyValue>")[2].partition("<")[0]
    for one in (films, apple):
        eyes.make("ContentKeyPolicy", one["name"], **with_keys(one["fields"], right))
    eyes.control.reset_log()
    found = (await eyes.look())[Type.PROTECTION]
    assert found.reason == "SecretsNotVerified"
    assert f"not known yet: the secrets of {apple['name']}; next: play" in found.message, "FairPlay's are encrypted"
    eyes.config = replace(eyes.config, retired=frozenset({apple["name"]}))
    found = (await eyes.look())[Type.PROTECTION]
    assert (found.reason, "licences were seen" in found.message) == ("Protected", False)
    await eyes.look()
    assert asked(eyes) == 2, "once each"
    async with undone(eyes):
        eyes.make("ContentKeyPolicy", films["name"], **with_keys(films["fields"], right.swapcase()))
        await expect(eyes, PROTECTION="SecretMismatch")
        eyes.make("ContentKeyPolicy", films["name"], **with_keys(films["fields"], right))
    async with undone(eyes):
        eyes.make("ContentKeyPolicy", films["name"], **with_keys(films["fields"], right, "YW5vdGhlcg=="))
        await expect(eyes, PROTECTION="SecretMismatch")
        eyes.make("ContentKeyPolicy", films["name"], **with_keys(films["fields"], right))
    async with undone(eyes):
        eyes.control.deny(scope=eyes.id("ContentKeyPolicy", films["name"]), rights=["action"])
        eyes.make("ContentKeyPolicy", films["name"], **with_keys(films["fields"], right))
        await expect(eyes, PROTECTION="SecretsNotVerified")
        eyes.control.reset_log()
        await expect(eyes, PROTECTION="SecretsNotVerified")
        assert asked(eyes) == 0, "who is refused asks seldom"
        eyes.control.allow_all()
        eyes.later += 3600
    async with undone(eyes):
        eyes.config = replace(eyes.config, retired=frozenset())
        eyes.make("ContentKeyPolicy", apple["name"], **with_keys(apple["fields"], right.swapcase()))
        await expect(eyes, PROTECTION="SecretMismatch")


def with_keys(fields: dict[str, Any], primary: str, *alternates: str) -> dict[str, Any]:
    """A policy's fields with what has to be given."""
    keys = [{"@odata.type": "#Microsoft.Media.ContentKeyPolicySymmetricTokenKey", "keyValue": one}
            for one in (primary, *alternates)]  # fmt: skip
    given = {"primaryVerificationKey": keys[0], "alternateVerificationKeys": keys[1:]}
    return {"options": [{**one, "restriction": {**one["restriction"], **given}} for one in fields["options"]]}


def asked(eyes: Eyes) -> int:
    return len(eyes.control.log(kind="POST getpolicypropertieswithsecrets"))


@dataclass
class Service:
    """Content key policies, what is answered for each, and who was asked for."""

    answers: dict[str, Any]
    asked: list[str] = field(default_factory=list)

    async def action(self, address: Address, verb: str, body: object, lane: Lane) -> Answer:
        assert (address.kind, verb, body, lane) == ("ContentKeyPolicy", SECRETS_OF, None, Lane.SWEEP)
        (name,) = address.names
        self.asked.append(name)
        given = self.answers[name]
        if isinstance(given, Exception):
            raise given
        return given if isinstance(given, Answer) else Answer(200, given, NOW)


@dataclass
class World:
    """A target with policies by their names, and an inventory of them."""

    service: Service
    listed: dict[str, dict[str, Any]]
    targets: dict[str, dict[str, Any]]
    now: float = NOW
    comparer: Comparer = field(init=False)

    def __post_init__(self) -> None:
        self.comparer = Comparer(lambda: self.now, keyed(b"test"))

    async def look(self, config: Config | None = None) -> list[str]:
        """Who was asked for."""
        self.service.asked.clear()
        way = Way(cast("ArmBackend", self.service), ACCOUNT)
        sets = {POLICIES: SetRead(self.now, 3600.0, Tally(targets=self.targets))}
        lists = TargetRead(lists={"ContentKeyPolicy": Listing(self.now, 60.0, self.listed)})
        await self.comparer.read(way, sets, lists, (), config or Config())
        return list(self.service.asked)


def target(name: str, secret: bytes = ONE) -> dict[str, Any]:
    fields, secrets = of_2(aes(symmetric(secret)))
    return {"name": name, "ids": [], "fields": fields, "secrets": secrets}


def world(*names: str) -> World:
    """Policies of these names that hold the right secrets."""
    targets = {f"ContentKeyPolicy/{name}": target(name) for name in names}
    right = shown(target("")["fields"], key(ONE))
    return World(Service(dict.fromkeys(names, right)), {name: {"lastModified": "1"} for name in names}, targets)


async def test_each_policy_is_asked_for_once_until_something_changes() -> None:
    here = world("a", "b")
    assert await here.look() == ["a", "b"]
    assert here.comparer.compared.equal == {("a", "a"): True, ("b", "b"): True}
    here.now += 1e7
    assert await here.look() == []
    here.listed["a"] = {"lastModified": "2"}
    here.service.answers["a"] = shown(target("")["fields"], key(TWO))
    assert await here.look() == ["a"]
    assert here.comparer.compared.equal == {("a", "a"): False, ("b", "b"): True}
    here.targets["ContentKeyPolicy/b"] = {**target("c", TWO), "ids": ["b"]}  # other secrets give it another name
    here.listed["c"] = here.listed.pop("b")
    here.service.answers["c"] = here.service.answers["a"]
    assert await here.look() == ["c"]
    assert here.comparer.compared.equal == {("a", "a"): False, ("c", "c"): True}
    del here.listed["c"]
    assert await here.look() == []
    assert here.comparer.compared.equal == {("a", "a"): False}


async def test_few_are_asked_for_in_one_look() -> None:
    names = [f"p{number}" for number in range(2 * MOST + 1)]
    here = world(*names)
    looks = [await here.look() for _ in range(4)]
    assert [len(one) for one in looks] == [MOST, MOST, 1, 0]
    assert [name for one in looks for name in one] == names
    assert set(here.comparer.compared.equal.values()) == {True}


@pytest.mark.parametrize(("status", "denied"), [(403, True), (405, False), (404, False)])
async def test_a_refusal_is_asked_again_seldom_and_says_nothing(status: int, denied: bool) -> None:
    here = world("a", "b")
    here.service.answers["a"] = Answer(status, None, NOW, code="No")
    assert await here.look() == ["a", "b"]
    assert (here.comparer.compared.equal, here.comparer.compared.denied) == ({("b", "b"): True}, denied)
    here.now += AGAIN - 1
    assert await here.look() == []
    here.now += 1
    here.service.answers["a"] = here.service.answers["b"]
    assert await here.look() == ["a"]
    assert (len(here.comparer.compared.equal), here.comparer.compared.denied) == (2, False)


async def test_another_credential_is_tried_at_once() -> None:
    here = world("a", "b")
    here.service.answers["a"] = Answer(403, None, NOW)
    await here.look()
    here.service = Service({**here.service.answers, "a": here.service.answers["b"]})
    assert await here.look() == ["a"]


@pytest.mark.parametrize(
    "patience", [Answer(429, None, NOW), Answer(503, None, NOW), NotSent(Reason.THROTTLED, "later")]
)
async def test_who_asks_for_patience_gets_it(patience: Any) -> None:
    here = world("a", "b")
    right, here.service.answers["a"] = here.service.answers["a"], patience
    assert await here.look() == ["a"]
    assert here.comparer.compared.equal == {}
    here.service.answers["a"] = right
    assert await here.look() == ["a", "b"]


@pytest.mark.parametrize(
    "trouble",
    [
        NoAnswer(Reason.BAD_ANSWER, "no"),
        NotSent(Reason.INVALID_SPEC, "no name"),
        Answer(500, None, NOW),
        Answer(200, None, NOW),
    ],
)
async def test_one_that_gives_no_answer_keeps_nobody_waiting(trouble: Any) -> None:
    here = world("a", "b")
    here.service.answers["a"] = trouble
    assert await here.look() == ["a", "b"]
    assert await here.look() == []
    here.now += SOON
    assert await here.look() == ["a"]
    assert here.comparer.compared.equal == {("b", "b"): True}


async def test_a_policy_that_does_not_say_when_it_was_changed_is_asked_for_each_hour() -> None:
    here = world("a")
    here.listed["a"] = {}
    assert [await here.look(), await here.look()] == [["a"], []]
    here.now += AGAIN
    assert await here.look() == ["a"]
    here.now += AGAIN
    here.service.answers["a"] = NoAnswer(Reason.ENDPOINT_UNREACHABLE, "a moment")
    assert await here.look() == ["a"]
    assert here.comparer.compared.equal == {("a", "a"): True}, "a moment without an answer undoes nothing"


async def test_only_what_stands_for_something_is_asked_for() -> None:
    here = world("a", "b")
    here.listed["somebodys"] = {"lastModified": "1"}
    here.targets["ContentKeyPolicy/b"]["secrets"] = []
    assert await here.look(Config(retired=frozenset({"a"}))) == []
    assert await here.look() == ["a"]


async def test_two_that_differ_in_their_secrets_alone_find_their_own() -> None:
    here = world()
    fields = target("")["fields"]
    here.targets = {f"ContentKeyPolicy/{name}": target(name, secret) for name, secret in (("x", ONE), ("y", TWO))}
    here.listed = {name: {"lastModified": "1", "options": fields["options"]} for name in ("red", "blue")}
    here.service.answers = {"red": shown(fields, key(TWO)), "blue": shown(fields, key(ONE))}
    assert sorted(await here.look()) == ["blue", "red"]
    assert here.comparer.compared.equal == {
        ("red", "x"): False, ("red", "y"): True, ("blue", "x"): True, ("blue", "y"): False,
    }  # fmt: skip


@dataclass
class Whole(Service):
    """A whole target, as far as a watch looks at it."""

    listed: dict[str, dict[str, Any]] = field(default_factory=dict)
    azure: bool = True

    async def get(self, address: Address, lane: Lane) -> Answer:
        return Answer(200, {"properties": {"provisioningState": "Succeeded"}}, NOW)

    async def list(self, account: AccountId, kind: str, parents: tuple[str, ...], lane: Lane, following: Any) -> Page:
        items = [{"name": name, "properties": one} for name, one in self.listed.items()]
        return Page(tuple(items) if kind == "ContentKeyPolicy" else (), NOW)

    async def exchange(self, *_: Any) -> Any:
        raise NotSent(Reason.THROTTLED, "not now")


def _which_stands_for_which_is_worked_out_once(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each judgement takes it from the look before, until something is another one."""
    worked = Mock(wraps=key_policies._policies)
    monkeypatch.setattr(key_policies, "_policies", worked)

    def judged(*objects: Managed) -> int:
        worked.reset_mock()
        inventory = InventoryRead(watch.kept.read(60.0))
        judge(Inputs(NOW, inventory=inventory, target=watch.target_read(), objects=ObjectsRead(NOW, items=objects)))
        return worked.call_count

    assert (judged(), judged(Managed("ContentKeyPolicy", "x", "x", "a"))) == (0, 1)
    watch.kept.sets[POLICIES] = SetRead(NOW, 3600.0, Tally(targets=watch.kept.census().tallies[POLICIES].targets))
    assert judged() == 1


async def test_a_watch_compares_after_it_has_looked_at_the_target(monkeypatch: pytest.MonkeyPatch) -> None:
    here = world("a")
    service = Whole(here.service.answers, listed=here.listed)
    account = Resource("MediaServicesAccount", "n", "a", "uid", 1, "5", "", None, (), {}, {}, {})
    goal = Target("uid", "n", "a", Way(cast("ArmBackend", service), ACCOUNT))
    cluster = Mock(
        account=lambda _: account,
        target=AsyncMock(return_value=goal),
        objects=lambda _: (),
        here=lambda _: "",
        place=AsyncMock(return_value=""),
    )
    kept = Kept(identity(account), keyed(b"test"), sets={POLICIES: SetRead(NOW, 3600.0, Tally(targets=here.targets))})
    watch = Watch(
        Tools(cluster, Mock(now=lambda: NOW), keyed(b"test"), seal=keyed(b"test")), "uid", kept, lambda _: Config()
    )
    await watch._look_at_target()  # what `run` does each minute
    assert service.asked == ["a"]
    assert watch.target_read().secrets.equal == {("a", "a"): True}
    _which_stands_for_which_is_worked_out_once(watch, monkeypatch)
    goal = replace(goal, way=None, trouble=(Reason.ACCOUNT_NOT_AVAILABLE, "there is none"))
    cluster.target.return_value = goal
    await watch._look_at_target()
    assert service.asked == ["a"]
