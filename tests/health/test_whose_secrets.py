"""Attacks of a tenant by what he puts into his own Secrets: on what others read, and on what hides theirs."""

from __future__ import annotations

import io
import json
import logging
import random
import string
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
    redactor.register([f"{number:02}" * 50 for number in range(20)], "intruder")
    assert redactor.mask(f"{'19' * 50} {'10' * 50}") == f"{MASK} {MASK}"
    assert MASK not in redactor.mask("09" * 50)
    assert redactor.mask("secret-of-the-team") == MASK


def test_tokens_that_ended_long_ago_take_no_memory() -> None:
    """Each is long, and has forms that are longer."""
    redactor = Redactor()
    for number in range(5000):
        redactor.register([f"token-{number:05}"])
    assert redactor.mask("token-04999 token-03500") == f"{MASK} {MASK}"
    assert len(redactor._values[""]) == 2000


@pytest.mark.parametrize("length", [6, 63, 64, 65, 127, 128, 129, 1000, 4096])
def test_a_secret_of_any_length_is_hidden_as_one(length: int) -> None:
    redactor, secret = Redactor(remembered=4), "".join(random.Random(length).choices(string.ascii_letters, k=length))
    redactor.register([secret, "another-secret"], "team")
    assert redactor.mask(f"It says: {secret}, and more", MINE) == f"It says: {MASK}, and more"
    assert redactor.mask(f"{secret}another-secret {secret}{secret}", MINE) == f"{MASK}{MASK} {MASK}{MASK}"
    redactor.register([f"{number}-pushes-it-out" * 9 for number in range(4)], "team")
    assert redactor.mask(secret, MINE) == secret, "nothing of it is left"


def test_two_secrets_that_overlap_are_both_hidden() -> None:
    redactor = Redactor()
    redactor.register(["first-and-second", "and-second-and-third"], "team")
    assert redactor.mask("the first-and-second-and-third one", MINE) == f"the {MASK} one"


def test_secrets_that_begin_alike_make_no_text_take_longer() -> None:
    """Each place of a text is compared with as many as there are lengths."""
    redactor = Redactor()
    redactor.register([f"prefix{'x' * number}y" for number in range(1400)], "intruder")
    assert max(len(lengths) for lengths in redactor._lengths.values()) < 80


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
