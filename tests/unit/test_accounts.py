"""An account's trouble: how long to wait, when somebody has to be told, and the service's clock."""

from __future__ import annotations

import random

import pytest

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Answer, NotSent
from ams_operator.domain.model import AccountId, Cure
from ams_operator.engine.accounts import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    PATIENCE,
    Account,
    Accounts,
    hold_of,
    is_shared,
    next_trouble,
)
from ams_operator.engine.outcome import trouble_of

NOW = 1_700_000_000.0
HERE = AccountId("sub", "group", "contoso")


def error(reason: Reason = Reason.ENDPOINT_UNREACHABLE, until: float | None = None) -> NotSent:
    return NotSent(reason, "because", until)


def test_pauses_double_up_to_ten_minutes_with_jitter_that_only_shortens() -> None:
    trouble, now, jitter = None, NOW, random.Random(1)
    for count in range(1200):  # a week of trouble
        trouble = next_trouble(trouble, error(), now, jitter)
        longest = min(FIRST_PAUSE * 2 ** min(count, 9), LONGEST_PAUSE)
        assert longest / 2 <= trouble.until - now <= longest
        now = trouble.until
    assert trouble is not None
    assert trouble.since == NOW


def test_other_trouble_starts_again() -> None:
    jitter = random.Random(1)
    first = next_trouble(next_trouble(None, error(), NOW, jitter), error(), NOW + 30, jitter)
    other = next_trouble(first, error(Reason.CREDENTIAL_REJECTED), NOW + 60, jitter)
    assert (first.count, other.count, other.since) == (2, 1, NOW + 60)


def test_a_throttled_window_is_kept_to_the_second() -> None:
    assert next_trouble(None, error(Reason.THROTTLED, NOW + 17), NOW, random.Random(1)).until == NOW + 17


def test_a_known_end_of_other_trouble_is_waited_for_at_least() -> None:
    assert next_trouble(None, error(until=NOW + 500), NOW, random.Random(1)).until == NOW + 500


@pytest.mark.parametrize(
    ("reason", "early", "late"),
    [
        (Reason.CREDENTIAL_REJECTED, Cure.TIME, Cure.FIX),
        (Reason.ENDPOINT_UNREACHABLE, Cure.TIME, Cure.FIX),
        (Reason.FORBIDDEN, Cure.TIME, Cure.FIX),
        (Reason.ORIGIN_NOT_ALLOWED, Cure.FIX, Cure.FIX),
        (Reason.THROTTLED, Cure.TIME, Cure.TIME),
    ],
)
def test_when_time_is_no_cure_any_more(reason: Reason, early: Cure, late: Cure) -> None:
    trouble = next_trouble(None, error(reason), NOW, random.Random(1))
    assert hold_of(trouble, NOW + PATIENCE - 1).cure is early
    assert hold_of(trouble, NOW + PATIENCE).cure is late
    assert hold_of(trouble, NOW).until == trouble.until


@pytest.mark.parametrize("reason", [Reason.CREDENTIAL_REJECTED, Reason.SECRET_NOT_FOUND, Reason.BACKEND_NOT_AVAILABLE])
def test_what_all_resources_share(reason: Reason) -> None:
    assert is_shared(error(reason))
    assert not is_shared(error(Reason.FORBIDDEN))
    assert not is_shared(error(Reason.THROTTLED))


class TestClock:
    def test_the_services_clock_goes_on_between_answers(self) -> None:
        account = Account("uid", HERE)
        assert account.service_time(NOW) == ""
        account.learn("2024-05-01T12:00:00Z", NOW)
        account.learn(None, NOW + 5)
        assert account.service_time(NOW + 90) == "2024-05-01T12:01:30+00:00"

    def test_an_unreadable_clock_is_none(self) -> None:
        account = Account("uid", HERE)
        account.learn("yesterday", NOW)
        assert account.service_time(NOW) == ""


def test_an_answer_ends_trouble_once() -> None:
    accounts = Accounts()
    account = accounts.get("uid", HERE, "https://here.example")
    accounts.fail(account, error(), NOW)
    assert accounts.succeed(account)
    assert not accounts.succeed(account)
    assert accounts.get("uid", HERE, "https://here.example") is account


def test_a_throttled_request_waits_for_the_window_that_the_service_named() -> None:
    assert trouble_of(Answer(429, None, NOW, retry_after=90.0)).until == NOW + 90
    assert trouble_of(Answer(429, None, NOW)).until is None, "the pause is ours then"


@pytest.mark.parametrize("reason", [Reason.CREDENTIAL_REJECTED, Reason.KEY_NOT_FOUND])
def test_trouble_with_a_secret_names_it(reason: Reason) -> None:
    account = Account("uid", HERE, credential="secretRef: Secret studio/azure")
    Accounts().fail(account, error(reason), NOW)
    assert account.trouble is not None
    assert account.trouble.message == "spec.credentials.secretRef: Secret studio/azure: because"


def test_other_trouble_and_what_has_no_secret_say_nothing_of_one() -> None:
    for account, reason in (
        (Account("uid", HERE, credential="secretRef: Secret studio/azure"), Reason.ENDPOINT_UNREACHABLE),
        (Account("uid", HERE), Reason.CREDENTIAL_REJECTED),
    ):
        Accounts().fail(account, error(reason), NOW)
        assert account.trouble is not None
        assert account.trouble.message == "because"


def test_a_wrong_secret_is_warned_of_once_until_it_was_right(caplog: pytest.LogCaptureFixture) -> None:
    accounts, account = Accounts(), Account("uid", HERE, credential="secretRef: Secret studio/azure")
    for later in range(3):
        accounts.fail(account, error(Reason.CREDENTIAL_REJECTED), NOW + 1000.0 * later)
    assert [one.getMessage() for one in caplog.records] == [
        "CredentialRejected: spec.credentials.secretRef: Secret studio/azure: because"
    ]
    accounts.succeed(account)
    accounts.fail(account, error(Reason.CREDENTIAL_REJECTED), NOW + 4000.0)
    accounts.fail(account, error(), NOW + 9000.0)
    assert len(caplog.records) == 2
