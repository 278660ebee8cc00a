"""The intake against a rude API server: nothing is missed, and it never says that it is ready while it is deaf."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from tests.kube.fake_api import ROOT, FakeApi, path, status
from tests.kube.waiting import Store, until

from ams_operator.kube import watches
from ams_operator.kube.access import ConfiguredLogin
from ams_operator.kube.client import KubeClient
from ams_operator.kube.intake import Intake
from ams_operator.kube.intake_state import IntakeState, Timing
from ams_operator.kube.messages import Gone, Mailbox
from ams_operator.kube.objects import from_raw
from ams_operator.kube.watches import WatchThread

KINDS = ("MediaServicesBackend", "MediaServicesAccount", "Transform")
FAST = Timing(tick=0.02, look_for_crds=0.05, look_for_changes=0.2, retry_list=0.05, unanswered=0.3, back_off=(0.05,))
"""Not `mute`: on a loaded machine a thread may wait seconds for its turn, and is not dead for that."""

Start = Callable[..., Awaitable[Intake]]


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
async def start(client: KubeClient, login: ConfiguredLogin, store: Store) -> AsyncIterator[Start]:
    """Starts intakes and ends them."""
    tasks: list[asyncio.Task[None]] = []

    async def begin(namespaces: tuple[str, ...] = (), timing: Timing = FAST, **more: Any) -> Intake:
        intake = Intake(client, login, store, KINDS, namespaces, timing=timing, **more)
        tasks.append(asyncio.create_task(intake.run()))
        return intake

    yield begin
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[WatchThread]:
    """Every run of kopf, in the order of their starts."""
    made: list[WatchThread] = []
    original = WatchThread.start

    def begin(self: WatchThread) -> None:
        made.append(self)
        original(self)

    monkeypatch.setattr(WatchThread, "start", begin)
    return made


async def test_what_exists_and_what_happens_arrives(fake: FakeApi, start: Start, store: Store) -> None:
    fake.put("Transform", "before")
    fake.put("MediaServicesBackend", "default", namespace="")
    intake = await start()
    await until(lambda: intake.state.ready)
    assert store.names() == {"before"}
    assert store.names("MediaServicesBackend") == {"default"}
    fake.put("Transform", "after")
    await until(lambda: store.names() == {"before", "after"})
    fake.put("Transform", "before", spec={"description": "edited"})
    await until(lambda: store.named("before").spec == {"description": "edited"})
    fake.delete("Transform", "before")
    await until(lambda: store.names() == {"after"})
    assert intake.state.ready


async def test_the_echo_of_an_answer_is_not_told_and_what_others_write_is(
    fake: FakeApi, start: Start, store: Store
) -> None:
    fake.put("Transform", "mine")
    intake = await start()
    await until(lambda: intake.state.ready)
    answer = from_raw("Transform", fake.put("Transform", "mine", spec={"description": "ours"}))
    store.seen(answer)
    fake.put("Transform", "mine", spec={"description": "theirs"})
    await until(lambda: store.named("mine").spec == {"description": "theirs"})
    assert store.told.count(answer.version) == 1


async def test_it_writes_nothing(fake: FakeApi, start: Start, store: Store) -> None:
    fake.put("Transform", "before")
    intake = await start()
    await until(lambda: intake.state.ready)
    fake.put("Transform", "before", spec={"description": "edited"})
    await until(lambda: store.named("before").spec)
    assert not [what for what in fake.requests if not what.startswith(("GET ", "watch "))]


async def test_a_crd_that_is_missing_at_the_start_is_waited_for(fake: FakeApi, start: Start, store: Store) -> None:
    fake.served.discard("Transform")
    fake.put("MediaServicesAccount", "contoso")
    intake = await start()
    await until(lambda: store.names("MediaServicesAccount") == {"contoso"}, "the others are watched meanwhile")
    assert not intake.state.ready
    assert intake.state.missing == {"Transform"}
    assert any("Transform is not served: apply crds/" in reason for reason in intake.state.reasons())
    fake.put("Transform", "adaptive")
    fake.served.add("Transform")
    await until(lambda: intake.state.ready)
    assert store.names() == {"adaptive"}


async def test_no_crd_at_all_is_waited_for(fake: FakeApi, start: Start, store: Store) -> None:
    fake.served.clear()
    intake = await start()
    await until(lambda: intake.state.missing == set(KINDS))
    assert not intake.state.ready
    fake.served.update(KINDS)
    await until(lambda: intake.state.ready)


async def test_a_crd_deleted_and_made_again(fake: FakeApi, start: Start, store: Store) -> None:
    fake.put("Transform", "old")
    intake = await start()
    await until(lambda: intake.state.ready)
    fake.served.discard("Transform")
    fake.delete("Transform", "old", silently=True)
    fake.hang_up()
    await until(lambda: intake.state.missing == {"Transform"})
    assert not intake.state.ready
    await until(lambda: intake.state.watching == {"MediaServicesAccount", "MediaServicesBackend"})
    assert store.names() == {"old"}, "nothing is pruned without a LIST that says so"
    fake.put("Transform", "new")
    fake.served.add("Transform")
    await until(lambda: intake.state.ready)
    assert store.names() == {"new"}


async def test_what_went_while_nobody_watched_is_pruned(fake: FakeApi, start: Start, store: Store) -> None:
    """410: kopf lists again and says nothing of what is gone."""
    fake.put("Transform", "ghost")
    fake.put("Transform", "alive")
    intake = await start()
    await until(lambda: intake.state.ready)
    fake.delete("Transform", "ghost", silently=True)
    fake.hang_up(forget=True)
    await until(lambda: store.names() == {"alive"})
    await until(lambda: intake.state.ready)


async def test_it_is_not_ready_between_a_relist_and_its_own_list(fake: FakeApi, start: Start, store: Store) -> None:
    fake.put("Transform", "ghost")
    intake = await start()
    await until(lambda: intake.state.ready)
    held = asyncio.Event()

    async def hold_our_list(request: web.Request) -> None:
        if request.path == path("Transform") and request.headers["User-Agent"].startswith("ams-operator"):
            await held.wait()

    fake.rude = hold_our_list
    fake.delete("Transform", "ghost", silently=True)
    fake.hang_up(forget=True)
    await until(lambda: intake.state.watching == set(KINDS) and "Transform" not in intake.state.listed)
    assert not intake.state.ready
    held.set()
    await until(lambda: intake.state.ready)
    assert store.names() == set()


async def test_a_deletion_during_a_list_is_not_undone_by_it(fake: FakeApi, start: Start, store: Store) -> None:
    """The page was read before the deletion and arrives after it."""
    fake.put("Transform", "doomed")
    intake = await start()
    await until(lambda: intake.state.ready)
    fake.page = 1
    fake.put("Transform", "other")
    reached, held = asyncio.Event(), asyncio.Event()

    async def hold_first_page(request: web.Request) -> web.StreamResponse | None:
        ours = request.headers["User-Agent"].startswith("ams-operator")
        if not ours or request.path != path("Transform") or request.query.get("continue"):
            return None
        old = await fake._collection(request)
        reached.set()
        await held.wait()
        return old

    fake.rude = hold_first_page
    fake.hang_up(forget=True)
    await reached.wait()
    fake.delete("Transform", "doomed")
    await until(lambda: store.names() == {"other"})
    held.set()
    await until(lambda: intake.state.ready)
    assert store.names() == {"other"}


async def test_what_is_made_during_a_list_is_not_pruned_by_it(fake: FakeApi, start: Start, store: Store) -> None:
    fake.put("Transform", "first")
    intake = await start()
    await until(lambda: intake.state.ready)
    reached, held = asyncio.Event(), asyncio.Event()

    async def hold_list(request: web.Request) -> web.StreamResponse | None:
        if request.path != path("Transform") or not request.headers["User-Agent"].startswith("ams-operator"):
            return None
        old = await fake._collection(request)
        reached.set()
        await held.wait()
        return old

    fake.rude = hold_list
    fake.hang_up(forget=True)
    await reached.wait()
    fake.put("Transform", "second")
    await until(lambda: store.names() == {"first", "second"})
    held.set()
    await until(lambda: intake.state.ready)
    assert store.names() == {"first", "second"}


async def test_a_list_that_expires_begins_anew(fake: FakeApi, start: Start, store: Store) -> None:
    fake.page = 1
    for number in range(3):
        fake.put("Transform", f"t{number}")
    expired = Counter[str]()

    def expire_once(request: web.Request) -> web.StreamResponse | None:
        ours = request.headers["User-Agent"].startswith("ams-operator")
        if ours and request.query.get("continue") and not expired["once"]:
            expired["once"] += 1
            return status(410, "expired")
        return None

    fake.rude = expire_once
    intake = await start()
    await until(lambda: intake.state.ready)
    assert expired["once"] == 1
    assert store.names() == {"t0", "t1", "t2"}


async def test_kopfs_thread_dying(
    fake: FakeApi, start: Start, store: Store, threads: list[WatchThread], caplog: pytest.LogCaptureFixture
) -> None:
    fake.put("Transform", "ghost")
    intake = await start()
    await until(lambda: intake.state.ready)
    loop = threads[0]._loop
    assert loop is not None
    loop.call_soon_threadsafe(loop.stop)
    await until(lambda: not intake.state.ready)
    fake.delete("Transform", "ghost", silently=True)
    fake.put("Transform", "new")
    await until(lambda: intake.state.ready)
    assert len(threads) == 2
    assert threads[0].join(0), "the old thread is over"
    assert store.names() == {"new"}
    assert any("kopf ended" in record.getMessage() for record in caplog.records)


async def test_kopfs_loop_hanging(fake: FakeApi, start: Start, store: Store, threads: list[WatchThread]) -> None:
    """A thread can't be killed: it is left behind, and nothing that it says counts any more."""
    intake = await start(timing=Timing(tick=0.02, mute=1.5, stop=0.1, back_off=(0.05,)))
    await until(lambda: intake.state.ready)
    loop, gate = threads[0]._loop, threading.Event()
    assert loop is not None
    loop.call_soon_threadsafe(gate.wait)
    fake.put("Transform", "unseen by the first")
    await until(lambda: len(threads) == 2)
    await until(lambda: intake.state.ready)
    assert store.names() == {"unseen by the first"}
    fake.delete("Transform", "unseen by the first")
    await until(lambda: store.names() == set())
    gate.set()
    await until(lambda: threads[0].join(0))
    assert store.names() == set()
    assert threads[0].mailbox.take(1) == []


async def test_a_watch_that_kopf_gives_up_silently(fake: FakeApi, start: Start, store: Store) -> None:
    """Any ERROR but 410 ends kopf; as it ends, its other watches may go on for ever."""
    intake = await start()
    await until(lambda: intake.state.ready)
    fake.say("Transform", {"type": "ERROR", "object": {"kind": "Status", "code": 500, "message": "boom"}})
    fake.put("Transform", "new")
    await until(lambda: intake.state.starts == 2 and intake.state.ready)
    assert store.names() == {"new"}


async def test_the_api_server_away_and_back(fake: FakeApi, start: Start, store: Store) -> None:
    fake.put("Transform", "before")
    intake = await start()
    await until(lambda: intake.state.ready)

    def drop(request: web.Request) -> None:
        assert request.transport is not None
        request.transport.abort()

    fake.rude = drop
    fake.hang_up()
    await until(lambda: not intake.state.ready)
    await until(lambda: any("does not answer" in reason for reason in intake.state.reasons()))
    await until(lambda: "Transform" not in intake.state.watching, "what comes now can be found by a LIST only")
    assert store.names() == {"before"}
    fake.delete("Transform", "before", silently=True)
    fake.put("Transform", "meanwhile")
    fake.rude = None
    await until(lambda: intake.state.ready)
    assert store.names() == {"meanwhile"}


async def test_a_watch_without_an_answer_is_deaf(fake: FakeApi, start: Start) -> None:
    """A connection that is accepted and then silent, as behind some load balancers."""
    intake = await start()
    await until(lambda: intake.state.ready)
    held = asyncio.Event()

    async def silent(request: web.Request) -> None:
        if request.query.get("watch"):
            await held.wait()

    fake.rude = silent
    fake.hang_up()
    await until(lambda: not intake.state.ready)
    fake.rude = None
    held.set()
    await until(lambda: intake.state.ready)


async def test_rotated_credentials_are_taken_up(fake: FakeApi, start: Start, store: Store, tmp_path: Path) -> None:
    intake = await start()
    await until(lambda: intake.state.ready)
    fake.token = "second"
    fake.kubeconfig(tmp_path)
    fake.hang_up()
    fake.put("Transform", "after")
    await until(lambda: store.names() == {"after"} and intake.state.ready)


async def test_credentials_that_stay_bad_make_no_storm(
    fake: FakeApi, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watches, "_LOGIN_PAUSE", 3600.0)
    intake = await start(timing=replace(FAST, look_for_changes=0.02))
    await until(lambda: intake.state.ready)
    fake.token = "nobody knows it"
    fake.hang_up()
    await until(lambda: not intake.state.ready)
    looks = fake.requests[f"GET {ROOT}"]
    await until(lambda: fake.requests[f"GET {ROOT}"] > looks + 20, "the intake's own looks go on")
    assert sum(count for what, count in fake.requests.items() if what.startswith("watch ")) <= 3 * 4


async def test_a_malformed_object_and_a_listener_that_fails_cost_only_themselves(
    fake: FakeApi, start: Start, store: Store
) -> None:
    poisoned: list[str] = []
    store.poison = "poison"
    fake.put("Transform", "poison")
    fake.put("Transform", "good")
    fake.objects["Transform"]["bad"] = {"metadata": {"name": "bad", "uid": "bad"}}
    intake = await start(on_poison=poisoned.append)
    await until(lambda: intake.state.ready)
    assert store.names() == {"good"}
    assert set(poisoned) == {"Transform"}
    fake.put("Transform", "later")
    await until(lambda: store.names() == {"good", "later"})


async def test_only_the_namespaces_asked_for_and_the_cluster_scoped_kinds(
    fake: FakeApi, start: Start, store: Store
) -> None:
    fake.put("MediaServicesBackend", "default", namespace="")
    intake = await start(namespaces=("studio", "archive"))
    await until(lambda: intake.state.ready)
    asked = {what.split()[1] for what in fake.requests if what.startswith("watch ")}
    assert asked == {
        path("MediaServicesBackend"),
        *(path(kind, "", space) for kind in KINDS[1:] for space in ("studio", "archive")),
    }
    assert store.names("MediaServicesBackend") == {"default"}
    assert fake.requests[f"GET {path('Transform')}"] == 0


async def test_a_right_that_is_missing_is_said(fake: FakeApi, start: Start) -> None:
    def forbid(request: web.Request) -> web.StreamResponse | None:
        ours = request.headers["User-Agent"].startswith("ams-operator")
        return status(403, "you may not list transforms") if ours and request.path == path("Transform") else None

    fake.rude = forbid
    intake = await start()
    await until(lambda: any("you may not list transforms" in reason for reason in intake.state.reasons()))
    assert not intake.state.ready
    fake.rude = None
    await until(lambda: intake.state.ready)


async def test_each_trouble_is_logged_once(fake: FakeApi, start: Start, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "ams_operator")
    fake.served.discard("Transform")
    intake = await start()
    seen = fake.requests[f"GET {path('Transform').rpartition('/')[0]}"]
    await until(lambda: fake.requests[f"GET {path('Transform').rpartition('/')[0]}"] > seen + 5)
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("ams_operator")]
    assert lines == ["not ready: Transform is not served: apply crds/"]
    fake.served.add("Transform")
    await until(lambda: intake.state.ready)
    assert caplog.records[-1].getMessage() == "every kind is watched and listed"


async def test_many_events_arrive_in_order_and_none_is_lost(fake: FakeApi, start: Start, store: Store) -> None:
    intake = await start()
    await until(lambda: intake.state.ready)
    for number in range(1000):
        fake.put("Transform", f"t{number % 50}", spec={"description": str(number)})
    await until(lambda: len(store.names()) == 50 and store.named("t49").spec == {"description": "999"})
    await until(lambda: all(store.named(f"t{n}").spec == {"description": str(950 + n)} for n in range(50)))
    assert intake.state.ready


async def test_a_mailbox_that_nobody_empties_any_more_takes_nothing() -> None:
    """A thread that was left behind writes on."""
    woken: list[None] = []
    mailbox = Mailbox(asyncio.get_running_loop(), lambda: woken.append(None))
    mailbox.post(Gone("Transform", "a"))
    mailbox.post(Gone("Transform", "b"))
    await until(lambda: woken)
    assert len(woken) == 1, "one wake-up for both"
    assert mailbox.take(1) == [Gone("Transform", "a")]
    mailbox.close()
    mailbox.post(Gone("Transform", "c"))
    assert mailbox.take(10) == [Gone("Transform", "b")]


async def test_tasks_that_swallow_a_cancellation_are_cancelled_again() -> None:
    """As kopf's watchers may; in a thread, as there."""

    async def stubborn() -> None:
        for _ in range(3):
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()

    async def main() -> None:
        task = asyncio.create_task(stubborn())
        await asyncio.sleep(0)
        await watches._cancel_all()
        assert task.done()

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    await until(lambda: not thread.is_alive())


def test_state_tells_every_reason() -> None:
    kinds = frozenset({"A", "B", "C"})
    state = IntakeState(kinds=kinds, running=True, watching=frozenset({"A"}), missing=frozenset({"C"}), error="why")
    assert state.reasons() == ("C is not served: apply crds/", "why", "not watching B", "not listed yet: A")
    done = IntakeState(kinds=kinds, running=True, watching=kinds, listed=kinds)
    assert done.ready
    assert done.reasons() == ()
    assert not replace(done, missing=frozenset({"A"})).ready
    assert not replace(done, running=False).ready
    older = IntakeState(kinds=kinds, running=True, watching=kinds, listed=kinds, outdated={"A": ".status.x"})
    assert not older.ready
    assert "lacks .status.x" in older.reasons()[0]
