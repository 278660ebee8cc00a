"""Whose secrets are looked for in what an object's status and Events say: those that could be quoted there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.unit.engine_fakes import OWNER, settle
from tests.unit.rig import Rig
from tests.unit.test_guests import HOST, RECIPE

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import NotSent
from ams_operator.engine.state import safe
from ams_operator.engine.store import ACCOUNT
from ams_operator.logs import MASK, Redactor

WORDS = ["Transform", "the service is as declared", "MediaServicesAccount", "approve", "InSync", "team"]


class Watched(Rig):
    def __post_init__(self) -> None:
        super().__post_init__()
        self.redactor = Redactor()
        self.engine.safe = self.redactor.safe
        self.whose: list[str] = []

    def _connect(self, *_args: Any, namespace: str, **_more: Any) -> Any:
        self.whose.append(namespace)
        return self.service


def told(rig: Rig, uid: str) -> str:
    return str(rig.kube.objects[uid].status)


@pytest.mark.parametrize(("owner", "masked"), [("intruder", False), ("team", True)])
async def test_nobody_chooses_what_others_read(owner: str, masked: bool) -> None:
    rig = Watched()
    rig.redactor.register(WORDS, owner)
    async with rig.running():
        await rig.usable()
        rig.transform("one")
        rig.transform("two", more={"managementPolicy": "Plan"})
        rig.transform("three", more={"accountRef": {"name": "nowhere"}})
        await settle()
        for uid in (OWNER, "one", "two", "three"):
            assert rig.ready(uid)[1]
        assert (MASK in "".join(told(rig, uid) for uid in (OWNER, "one", "two", "three"))) == masked
        assert rig.whose == ["team"], "what the service shows is masked for whose account it is"


@pytest.mark.parametrize("admitted", [True, False])
async def test_a_guest_reads_no_secret_of_his_host_and_guesses_none_where_he_is_none(admitted: bool) -> None:
    rig = Watched()
    rig.redactor.register(["the-hosts-secret"], "team")
    rig.redactor.register(["the-guests-secret"], "guest")
    rig.redactor.register(["somebody-elses"], "intruder")
    async with rig.running():
        rig.service.put_account()
        rig.apply_account(**({"allowedNamespaces": {"from": "All"}} if admitted else {}))
        await settle()
        rig.see("Transform", "one", {**RECIPE, "accountRef": HOST}, uid="one", namespace="guest")
        await settle()
        assert rig.ready("one")[1] == ("InSync" if admitted else "AccountNotAvailable")
        shown = safe(rig.engine, rig.engine.store.objects["one"])
        assert shown("the-guests-secret", 100) == MASK
        assert shown("the-hosts-secret", 100) == (MASK if admitted else "the-hosts-secret")
        assert shown("somebody-elses", 100) == "somebody-elses"


@pytest.mark.parametrize("host", ["admits nobody", "admits all", "can't be read"])
async def test_whoever_names_an_account_that_is_not_there_guesses_no_secret_by_its_name(host: str) -> None:
    rig = Watched()
    rig.redactor.register(["hunter22"], "team")
    async with rig.running():
        rig.service.put_account()
        rig.apply_account(**({"allowedNamespaces": {"from": "All"}} if host == "admits all" else {}))
        if host == "can't be read":
            rig.see(ACCOUNT, "hunter22", {"managementPolicy": "nonsense"}, uid="unread")
        await settle()
        for name in ("hunter22", "hunter23"):
            spec = {**RECIPE, "accountRef": {"namespace": "team", "name": name}}
            rig.see("Transform", name, spec, uid=name, namespace="stranger")
        await settle()
        assert rig.ready("hunter22") == rig.ready("hunter23") == ("False", "AccountNotAvailable")
        assert rig.said("hunter22").replace("hunter22", "hunter23") == rig.said("hunter23")


async def test_who_was_let_in_guesses_no_more_once_the_account_is_gone() -> None:
    async with hosting() as rig:
        rig.redactor.register(["the-hosts-secret"], "team")
        rig.see("Transform", "one", {**RECIPE, "accountRef": HOST}, uid="one", namespace="guest")
        await settle()
        assert rig.ready("one") == ("True", "InSync")
        rig.schedule.gone(ACCOUNT, OWNER)
        await settle()
        assert rig.ready("one") == ("False", "AccountNotAvailable")
        assert safe(rig.engine, rig.engine.store.objects["one"])("the-hosts-secret", 100) == "the-hosts-secret"


@asynccontextmanager
async def hosting() -> AsyncIterator[Watched]:
    """An account that admits everybody, and a guest with a secret."""
    rig = Watched()
    rig.redactor.register(["the-guests-secret"], "guest")
    async with rig.running():
        rig.service.put_account()
        rig.apply_account(allowedNamespaces={"from": "All"})
        await settle()
        yield rig


async def test_what_the_service_says_to_a_guest_tells_his_host_no_secret() -> None:
    async with hosting() as rig:
        rig.service.broken["one"] = NotSent(Reason.CREDENTIAL_REJECTED, "401: no the-guests-secret here")
        rig.see("Transform", "one", {**RECIPE, "accountRef": HOST}, uid="one", namespace="guest")
        await settle()
        trouble = rig.engine.accounts.known[OWNER].trouble
        assert trouble is not None, "all that lie in the account are told it"
        assert trouble.message.endswith(f"401: no {MASK} here")


async def test_what_a_status_remembers_of_a_refusal_quotes_no_secret_of_a_guest() -> None:
    """The way to the service hides what is the host's. A status is read by who may read no Secret."""
    async with hosting() as rig:
        rig.service.most, rig.service.refusal = 0, (400, "the-guests-secret")
        rig.service.says = "accessToken: the-guests-secret is too short"
        rig.see("Transform", "one", {**RECIPE, "accountRef": HOST}, uid="one", namespace="guest")
        await settle()
        assert rig.ready("one") == ("False", "Refused")
        assert rig.kube.objects["one"].status["record"]["refusals"]
        assert "the-guests-secret" not in told(rig, "one")


async def test_who_was_let_in_by_one_guesses_no_secret_of_another() -> None:
    """His manifest names another account in the same edit that nobody can read."""
    async with hosting() as rig:
        rig.redactor.register(["hunter22"], "victim")
        for name in ("hunter22", "hunter23"):
            rig.see("Transform", name, {**RECIPE, "accountRef": HOST}, uid=name, namespace="guest")
        await settle()
        assert {rig.ready("hunter22"), rig.ready("hunter23")} == {("True", "InSync")}
        for name in ("hunter22", "hunter23"):
            account = {"namespace": "victim", "name": "default"}
            rig.see("Transform", name, {**RECIPE, "accountRef": account, name: {}}, uid=name, namespace="guest")
        await settle()
        assert rig.ready("hunter22") == rig.ready("hunter23") == ("False", "InvalidSpec")
        assert rig.said("hunter22").replace("hunter22", "hunter23") == rig.said("hunter23")
