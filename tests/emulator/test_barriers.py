"""Barriers hold one request until the test says how it goes on."""

import http.client
import json
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from tests.emulator.bodies import built_in

from ams_emulator.testing import Barrier, Emulator, EmulatorError

Answers = Future[tuple[int, Any, Any]]


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as executor:
        yield executor


@pytest.fixture
def held(emulator: Emulator, transforms: str, pool: ThreadPoolExecutor) -> Iterator[tuple[Barrier, Answers]]:
    """A barrier that holds a PUT, and the answer to come."""
    barrier = emulator.control.barrier(method="PUT", path="/transforms/t$")
    answer = pool.submit(emulator.request, "PUT", f"{transforms}/t", built_in())
    request = barrier.wait()
    assert (request["method"], request["path"]) == ("PUT", f"{transforms}/t")
    yield barrier, answer
    emulator.control.clear_barriers()


def exists(emulator: Emulator, transforms: str) -> bool:
    return emulator.request("GET", f"{transforms}/t")[0] == 200


def test_apply(emulator: Emulator, transforms: str, held: tuple[Barrier, Answers]) -> None:
    barrier, answer = held
    assert not exists(emulator, transforms)
    assert barrier.release()["state"] == "finished"
    assert exists(emulator, transforms)
    assert answer.result(30)[0] == 201
    assert emulator.control.log(method="PUT")[0]["barrier"] == barrier.id


def test_apply_and_drop(emulator: Emulator, transforms: str, held: tuple[Barrier, Answers]) -> None:
    barrier, answer = held
    barrier.release("apply-drop")
    with pytest.raises(OSError):
        answer.result(30)
    assert exists(emulator, transforms)


def test_drop(emulator: Emulator, transforms: str, held: tuple[Barrier, Answers]) -> None:
    barrier, answer = held
    barrier.release("drop")
    with pytest.raises(OSError):
        answer.result(30)
    assert not exists(emulator, transforms)


def test_answer(emulator: Emulator, transforms: str, held: tuple[Barrier, Answers]) -> None:
    barrier, answer = held
    barrier.release("answer", status=412, headers={"Retry-After": "3"}, body={"error": {"code": "No", "message": "no"}})
    status, headers, body = answer.result(30)
    assert (status, headers["retry-after"], body["error"]["code"]) == (412, "3", "No")
    assert not exists(emulator, transforms)


def test_after_the_effect(emulator: Emulator, transforms: str, pool: ThreadPoolExecutor) -> None:
    barrier = emulator.control.barrier("after", method="PUT")
    answer = pool.submit(emulator.request, "PUT", f"{transforms}/t", built_in())
    barrier.wait()
    assert exists(emulator, transforms)
    assert not answer.done()
    barrier.release()
    assert answer.result(30)[0] == 201


def test_only_the_nth_is_held(emulator: Emulator, transforms: str, pool: ThreadPoolExecutor) -> None:
    barrier = emulator.control.barrier(kind="LIST transforms", nth=2, count=0)
    assert emulator.request("GET", transforms)[0] == 200
    second = pool.submit(emulator.request, "GET", transforms)
    barrier.wait()
    assert emulator.request("GET", transforms)[0] == 200  # a barrier holds one request
    barrier.release()
    assert second.result(30)[0] == 200


def test_the_effect_comes_though_the_client_is_gone(emulator: Emulator, transforms: str) -> None:
    barrier = emulator.control.barrier(method="PUT")
    context = ssl.create_default_context(cafile=emulator.ca_file)
    connection = http.client.HTTPSConnection(emulator.url.removeprefix("https://"), context=context)
    headers = {"Authorization": f"Bearer {emulator.control.token()}"}
    connection.request("PUT", f"{transforms}/t?api-version=2022-07-01", json.dumps(built_in()), headers)
    barrier.wait()
    connection.close()
    barrier.release("apply")
    assert exists(emulator, transforms)


def test_nobody_comes(emulator: Emulator) -> None:
    barrier = emulator.control.barrier(method="PUT")
    with pytest.raises(EmulatorError, match="no request ran into"):
        barrier.wait(timeout=0)


def test_unknown_outcome(emulator: Emulator) -> None:
    barrier = emulator.control.barrier(method="PUT")
    with pytest.raises(EmulatorError, match="outcome: 'explode' is not one of apply, apply-drop, drop, answer"):
        barrier.release("explode")


async def test_from_coroutines(emulator: Emulator, transforms: str) -> None:
    barrier = await emulator.aio.barrier(method="DELETE")
    request = threading.Thread(target=emulator.request, args=("DELETE", f"{transforms}/t"))
    request.start()
    assert (await barrier.wait_async())["method"] == "DELETE"
    await barrier.release_async()
    request.join()
