"""Log lines: one per event, about an object, without secrets and without control characters."""

from __future__ import annotations

import base64
import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ams_operator.logs import MASK, Redactor, about, setup, tokens_of
from ams_operator.texts import clean

SECRET = "s3cr3t/+ü =&\"'\\value"


class Log:
    """Logging set up into a string."""

    def __init__(self, log_format: Literal["json", "human"] = "json", level: int = logging.INFO) -> None:
        self.stream = io.StringIO()
        self.redactor = Redactor()
        setup(log_format, self.redactor, level, self.stream)
        self.logger = logging.getLogger("ams_operator.test")

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Logging is the process's; leave it as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in ("azure", "aiohttp", "kopf", "kubernetes", "asyncio")}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, kept in levels.items():
        logging.getLogger(name).setLevel(kept)
    logging.captureWarnings(capture=False)


def test_a_line_carries_the_object_it_is_about() -> None:
    log = Log()
    about(log.logger, kind="Transform", namespace="studio", name="adaptive", uid="u-1").info("%s written", "status")
    [line] = log.lines
    assert line["message"] == "status written"
    assert line["level"] == "info"
    assert (line["kind"], line["namespace"], line["name"], line["uid"]) == ("Transform", "studio", "adaptive", "u-1")
    assert line["time"].endswith("Z")


def test_extra_fields_alone_work_too() -> None:
    log = Log()
    log.logger.info("hello", extra={"uid": "u-1"})
    assert log.lines[0]["uid"] == "u-1"
    assert "name" not in log.lines[0]


def test_an_exception_stays_on_the_line() -> None:
    log = Log()
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        log.logger.exception("it failed")
    [line] = log.lines
    assert line["message"] == "it failed"
    assert "ValueError: first" in line["exception"]


@pytest.mark.parametrize("log_format", ["json", "human"])
def test_foreign_text_can_not_forge_a_line(log_format: Literal["json", "human"]) -> None:
    log = Log(log_format)
    log.logger.info("name is %s", 'x\n{"level": "error"}\r\x1b[31mred\x1b[0m\x07\u2028\u202eright')
    try:
        raise ValueError("a\n2024-01-01T00:00:00Z ERROR forged\x1b[2J")
    except ValueError:
        log.logger.info("told", exc_info=True)
    starts = [line for line in log.text.split("\n") if line and not line.startswith("    ")]
    assert len(starts) == 2
    assert not set(log.text) & set("\x1b\r\x07\u2028\u202e")


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        json.dumps({"a": SECRET}),
        json.dumps({"a": SECRET}, ensure_ascii=False),
        repr(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        base64.b64encode(b"user:" + SECRET.encode()).decode(),
        base64.b64encode(b"some-user:" + SECRET.encode() + b"@host").decode(),
    ],
)
@pytest.mark.parametrize("log_format", ["json", "human"])
def test_a_registered_secret_shows_in_no_form(log_format: Literal["json", "human"], form: str) -> None:
    log = Log(log_format)
    log.redactor.register([SECRET])
    log.logger.info("before %s after", form)
    log.logger.info("in one piece: " + form, extra={"uid": form})
    try:
        raise ValueError(form)
    except ValueError:
        log.logger.exception("failed")
    logging.getLogger("azure.core").warning("url https://host/?sig=%s", form)
    assert MASK in log.text
    core = form.strip("\"'{}a: ")[6:-6]
    assert core not in log.text
    assert "s3cr3t" not in log.text


@given(st.text(min_size=6, max_size=40), st.binary(max_size=7), st.binary(max_size=7))
def test_any_secret_inside_any_base64_is_masked(secret: str, before: bytes, after: bytes) -> None:
    redactor = Redactor()
    redactor.register([secret])
    raw = secret.strip().encode("utf-8", "surrogateescape")
    if len(secret.strip()) < 6 or len(secret.strip().splitlines()) != 1:
        return
    encoded = base64.b64encode(before + raw + after).decode()
    assert MASK in redactor.mask(encoded)
    assert secret.strip() not in redactor.mask(f"<{secret}>")


def test_a_long_secret_is_masked_before_the_line_is_cut() -> None:
    log = Log()
    secret = "x" * 5000 + "end"
    log.redactor.register([secret])
    log.logger.info("a %s b", secret)
    assert log.lines[0]["message"] == f"a {MASK} b"


def test_short_values_do_not_black_out_words() -> None:
    redactor = Redactor()
    redactor.register(["true", ""])
    assert redactor.mask("it is true") == "it is true"


def test_the_longer_of_two_secrets_goes_whole() -> None:
    redactor = Redactor()
    redactor.register(["password", "password-and-more"])
    assert redactor.mask("password-and-more") == MASK


def test_memory_of_secrets_is_bounded_and_keeps_the_newest() -> None:
    redactor = Redactor(remembered=2000)
    redactor.register([f"secret-number-{number}" for number in range(2500)])
    assert redactor.mask("secret-number-2499") == MASK
    assert redactor.mask("secret-number-0499") == "secret-number-0499"
    assert len(redactor._values[""]) == 2000


def test_a_forgotten_secret_leaves_those_that_look_like_it() -> None:
    redactor = Redactor(remembered=2000)
    redactor.register(["first line\nsecond line", "second line"])
    redactor.register([f"secret-number-{number}" for number in range(1999)])
    assert redactor.mask("first line, second line") == f"first line, {MASK}"


def test_secrets_beside_and_inside_each_other_are_all_masked() -> None:
    redactor = Redactor()
    urls = [f"rtmp://host-{number:03}/live/token-{number:03}" for number in range(300)]
    redactor.register(urls)
    redactor.register(["token-007"])
    assert redactor.mask(f"{urls[7]}{urls[8]}, token-007 token-009") == f"{MASK}{MASK}, {MASK} token-009"


def test_libraries_that_log_headers_never_get_to_debug() -> None:
    log = Log(level=logging.DEBUG)
    for name in ("azure.core.pipeline", "aiohttp.client", "kopf.objects", "kubernetes.client.rest", "msal", "urllib3"):
        logging.getLogger(name).debug("Authorization: Bearer x")
    log.logger.debug("ours")
    assert [line["message"] for line in log.lines] == ["ours"]


def test_kopfs_own_view_of_what_the_intake_tells_is_left_out() -> None:
    log = Log()
    logger = logging.getLogger("kopf._core.reactor")
    logger.error("Request attempt #1/9 failed; will retry: GET https://host")
    logger.error("Watcher for x has failed: 404")
    logger.error("something else")
    assert [line["message"] for line in log.lines] == ["something else"]


def test_setting_up_twice_does_not_double_lines() -> None:
    Log()
    log = Log()
    log.logger.info("once")
    assert len(log.lines) == 1


@pytest.mark.parametrize(("level", "lines"), [(logging.INFO, 0), (logging.DEBUG, 1)])
def test_what_a_library_warns_of_at_each_try_is_left_to_the_engine(level: int, lines: int) -> None:
    log = Log(level=level)
    logging.getLogger("azure.identity.aio").warning("get_token failed")
    assert len(log.lines) == lines


def test_warnings_of_python_are_log_lines() -> None:
    log = Log()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("old", stacklevel=1)
    assert "old" in log.lines[0]["message"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain ü 😀", "plain ü 😀"),
        ("a\tb\nc", "a b c"),
        ("\x1b]8;;http://x\x07link\x1b]8;;\x07", "link"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("a\x9b31mb", "ab"),
        ("x" * 20, "x" * 9 + "…"),
    ],
)
def test_clean(text: str, expected: str) -> None:
    assert clean(text, 10 if text.startswith("xx") else 1024) == expected


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_clean_text_has_no_control_characters_and_keeps_its_limit(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert not any(ord(one) < 32 or 127 <= ord(one) < 160 for one in cleaned)
    assert clean(cleaned, limit) == cleaned


def test_of_a_url_the_token_is_secret_or_all_of_it() -> None:
    token, locator = "0123456789abcdef0123456789abcdef", "5e01d3c2-4f6b-4a57-9e0c-3f2a1b7d8e90"
    assert tokens_of([f"rtmps://a.channel.media.azure.net:2935/live/{token}"]) == {token}
    assert tokens_of([f"rtmps://{token[::-1]}.channel.media.azure.net/live/{token}"]) == {token, token[::-1]}
    assert tokens_of([f"https://a.preview.media.azure.net/{locator}/preview.ism/manifest"]) == {locator}
    assert tokens_of(["rtmp://a.channel.media.azure.net:1935/live/short"]) == {
        "rtmp://a.channel.media.azure.net:1935/live/short"
    }
