"""Attacks of a tenant by what he puts into his own Secrets: on what others read, and on what hides theirs."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from ams_operator.logs import MASK, Redactor, about, setup

MINE, OTHERS = ["team"], ["intruder"]
WORDS = ["the service is as declared", "MediaServicesAccount", "Transform", "studio", "adaptive"]


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Logging is the process's; leave it as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_nobodys_secret_is_pushed_out_by_anothers() -> None:
    redactor = Redactor(remembered=3)
    redactor.register(["operators-own-token"])
    redactor.register(["secret-of-the-team"], "team")
    redactor.register([f"secret-number-{number}" for number in range(100)], "intruder")
    assert redactor.safe("secret-of-the-team operators-own-token", within=MINE) == f"{MASK} {MASK}"
    assert redactor.mask("secret-number-99") == MASK
    assert redactor.mask("secret-number-96") != MASK


def test_room_is_limited_by_namespace_too() -> None:
    redactor = Redactor(room=1000)
    redactor.register(["secret-of-the-team"], "team")
    redactor.register([f"{number:0100}" for number in range(20)], "intruder")
    assert redactor.mask(f"{19:0100} {10:0100}") == f"{MASK} {MASK}"
    assert MASK not in redactor.mask(f"{9:0100}")
    assert redactor.mask("secret-of-the-team") == MASK


def test_tokens_that_ended_long_ago_take_no_memory() -> None:
    """Each is long, and has forms that are longer."""
    redactor = Redactor()
    for number in range(5000):
        redactor.register([f"token-{number:05}"])
    assert redactor.mask("token-04999 token-03500") == f"{MASK} {MASK}"
    assert len(redactor._values[""]) == 2000


def test_what_is_a_secret_elsewhere_stays_a_word_here() -> None:
    redactor = Redactor()
    redactor.register(WORDS, "intruder")
    text = "Transform adaptive: the service is as declared"
    assert redactor.safe(text, within=MINE) == text
    assert redactor.safe(text, within=OTHERS) == f"{MASK} {MASK}: {MASK}"
    redactor.register(["adaptive"], "team")
    assert redactor.safe(text, within=MINE) == f"Transform {MASK}: the service is as declared"
    assert redactor.safe(text, within=[]) == text
    redactor.register(["Transform"])
    assert redactor.safe(text, within=[]) == f"{MASK} adaptive: the service is as declared"


def test_one_of_two_that_have_the_same_secret_keeps_it_when_the_other_forgets_it() -> None:
    redactor = Redactor(remembered=1)
    for owner in ("team", "intruder"):
        redactor.register(["same-value"], owner)
    redactor.register(["another-value"], "intruder")
    assert redactor.safe("same-value", within=MINE) == MASK
    assert redactor.safe("same-value", within=OTHERS) == "same-value"


def test_a_value_of_many_lines_is_not_so_many_values() -> None:
    redactor = Redactor(remembered=100)
    lines = [f"line-number-{number:05}" for number in range(5000)]
    redactor.register(["registered-before"], "team")
    redactor.register(["\n".join(lines)], "team")
    assert redactor.mask("registered-before") == MASK
    assert redactor.mask("\n".join(lines)) == MASK
    assert redactor.mask(lines[10]) == MASK


def test_where_a_line_belongs_is_readable_whatever_secrets_there_are() -> None:
    stream, redactor = io.StringIO(), Redactor()
    setup("json", redactor, stream=stream)
    redactor.register(WORDS, "intruder")
    about(logging.getLogger("test"), kind="Transform", namespace="studio", name="adaptive").info("told")
    line = json.loads(stream.getvalue())
    assert (line["kind"], line["namespace"], line["name"]) == ("Transform", "studio", "adaptive")
