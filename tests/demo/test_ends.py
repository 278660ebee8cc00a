"""How the demo ends: exit code, what it says, and that it always cleans up."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from typing import Any, Self

import pytest

from ams_devcluster import DevclusterError
from demo import __main__ as entry
from demo import ending, story
from demo.errors import DemoError


class FakeStage:
    """Notes what is done with it."""

    is_given = False

    def __init__(self, *_: object) -> None:
        self.happened: list[str] = []
        self.fails: BaseException | None = None
        self.dead: str | None = None

    def __call__(self, *_: object) -> Self:
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        self.happened.append("cleaned up undisturbed" if ignored else "cleaned up")

    def set_up(self) -> None:
        if self.fails is not None:
            raise self.fails

    def ended(self) -> str | None:
        return self.dead

    def tails(self) -> dict[str, list[str]]:
        return {"operator": ["its last words"]}


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, own_handlers: None) -> FakeStage:
    made = FakeStage()
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setattr(entry, "Stage", made)
    monkeypatch.setattr(entry, "Tour", lambda *_: None)
    for module, name in ((story, "tell"), (ending, "summarise"), (ending, "keep")):
        monkeypatch.setattr(module, name, note(made, name))
    return made


def note(stage: FakeStage, name: str) -> Callable[[Any], None]:
    return lambda _: stage.happened.append(name)


def signalled(number: signal.Signals) -> Callable[[Any], None]:
    return lambda _: signal.raise_signal(number)


def test_all_is_well(stage: FakeStage) -> None:
    assert entry.main([]) == 0
    assert stage.happened == ["tell", "summarise", "cleaned up undisturbed"]


@pytest.mark.parametrize("error", [DemoError("no luck"), DevclusterError("no luck"), KeyError("no luck")])
def test_a_failure_is_told_with_the_logs(
    stage: FakeStage, error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.fails = error
    assert entry.main([]) == 1
    said = capsys.readouterr().out
    assert "its last words" in said
    assert "The demo failed: " in said
    assert "no luck" in said
    assert stage.happened == ["cleaned up undisturbed"]


def test_a_program_that_ended_is_the_cause(stage: FakeStage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.fails, stage.dead = DemoError("the API server does not answer"), "etcd ended"
    assert entry.main([]) == 1
    assert "The demo failed: etcd ended" in capsys.readouterr().out


@pytest.fixture
def attentive() -> Iterator[None]:
    """A test run in the background inherits ignored signals, and the demo leaves those ignored."""
    before = {
        number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("attentive")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_cleanly(stage: FakeStage, monkeypatch: pytest.MonkeyPatch, number: signal.Signals) -> None:
    monkeypatch.setattr(story, "tell", signalled(number))
    assert entry.main([]) == 128 + number
    assert stage.happened == ["cleaned up undisturbed"]


@pytest.mark.usefixtures("attentive")
def test_ending_what_was_kept_is_no_failure(stage: FakeStage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "keep", signalled(signal.SIGINT))
    assert entry.main(["--keep"]) == 0
    assert stage.happened == ["tell", "summarise", "cleaned up undisturbed"]


def test_the_environment_names_no_cluster(
    stage: FakeStage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KUBECONFIG", "production")
    assert entry.main([]) == 0
    assert "KUBECONFIG is set and not used" in capsys.readouterr().out
