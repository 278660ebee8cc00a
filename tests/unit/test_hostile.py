"""Whatever somebody names a thing or says in an answer: no output of the operator is acted on by it."""

from __future__ import annotations

import io
import json
import logging
import shlex
from collections.abc import Iterator
from typing import Literal

import pytest
from tests import hostile
from tests.unit.crd_schema import problems, status_schema
from tests.unit.on_air import ENDPOINT, EVENT
from tests.unit.scenes import ACCOUNT, TRANSFORM, desired, ours, scene, seen
from tests.unit.statuses import ACCOUNT_RAW, MINE, RAW, acc, hold, status
from typer.testing import CliRunner

from ams_operator import logs
from ams_operator.api.reasons import Reason
from ams_operator.cli.app import app
from ams_operator.domain import consents
from ams_operator.domain.kind import Kind
from ams_operator.domain.model import (
    ALL_EFFECTS,
    JSON,
    Action,
    Change,
    Cure,
    Decision,
    Hold,
    How,
    Plan,
    Record,
)
from ams_operator.domain.report import equal, report
from ams_operator.migration import reporting
from ams_operator.migration.conditions.access import short_text
from ams_operator.migration.report.text import shown
from ams_operator.texts import ACTING, clean, cleaned

EACH = pytest.mark.parametrize("name", hostile.NAMES, ids=range(len(hostile.NAMES)))


def test_every_character_that_acts_is_known() -> None:
    """Also those that another version of Unicode than this Python's knows are cleaned; that does no harm."""
    ends = (plane << 16 | 0xFFFE | end for plane in range(17) for end in (0, 1))
    acting = filter(
        hostile.acts, map(chr, (*range(0x20000), *range(0xE0000, 0xE2000), *ends))
    )  # elsewhere are Han characters and nothing
    missed = [hex(ord(one)) for one in acting if hostile.acts(clean(f"a{one}b")) or not ACTING.search(one)]
    assert missed == []
    assert not any(ACTING.search(one) for one in ("plain ü 😀", "שלום நன்றி", "汉字", "\u00a0", "❤\ufe0f"))


@EACH
def test_a_cleaned_text_is_one_line_and_stays_as_it_is(name: str) -> None:
    line = clean(name, 200)
    assert not hostile.acts(line)
    assert len(line) <= 200
    assert clean(line, 200) == line
    assert not hostile.acts(shown(name, 200), allowed="\u200c\u200d")
    assert not hostile.acts(short_text(name))
    assert not hostile.acts_in(cleaned({name: [name, {name: name}, 1, None]}))


@EACH
def test_a_status_shows_it_cleaned(name: str) -> None:
    action = Action("update", "PATCH", changes=(Change(f"/tags/{name}"),))
    held = Hold("Some", ALL_EFFECTS, Cure.FIX, f"the service says {name}")
    plan = Plan(chains=((action,),), record=MINE, looked=True)
    body = report(TRANSFORM, desired(), Decision(plan, (held,)), seen(RAW), MINE, {}, scene())
    assert not hostile.acts_in(body)
    assert list(problems(status_schema("Transform"), body)) == []
    assert equal(TRANSFORM, report(TRANSFORM, desired(), Decision(plan, (held,)), seen(RAW), MINE, body, scene()), body)


@EACH
def test_what_the_service_shows_of_a_resource_is_cleaned(name: str) -> None:
    raw: JSON = {"location": name, "properties": {"mediaServiceId": name, "provisioningState": name}}
    body = status(acc(), seen(raw), ours(ACCOUNT_RAW, ACCOUNT), kind=ACCOUNT)
    facts = {name: body[name] for name in ACCOUNT.shows if name in body}
    assert not hostile.acts_in(facts)


def test_a_secret_in_a_message_of_a_status_is_masked_before_it_is_cut() -> None:
    redactor = logs.Redactor()
    redactor.register(["opensesame-" + "x" * 2000])
    told = hold(Reason.REFUSED, message="it says opensesame-" + "x" * 2000 + " and so on")
    body = report(TRANSFORM, desired(), Decision(Plan(record=MINE), (told,)), None, MINE, {}, scene(), redactor.safe)
    assert {one["message"] for one in (*body["conditions"], *body["holds"])} == {"it says *** and so on"}


@pytest.mark.parametrize("kind", [EVENT, ENDPOINT, ACCOUNT], ids=lambda kind: kind.name)
def test_a_secret_that_the_service_shows_in_place_of_a_fact_is_masked_and_no_state_is(kind: Kind) -> None:
    """It was sent the token, the keys of ingest and of Akamai, and may show any of them where a state is expected."""
    redactor = logs.Redactor()
    redactor.register(["open-sesame-2031", "Running", "Succeeded", "westus2"])
    texts = ("resourceState", "provisioningState", "hostName", "mediaServiceId", "location")
    for said, told in (("open-sesame-2031", logs.MASK), ("Running", "Running")):
        raw: JSON = {"location": said, "properties": dict.fromkeys(texts, said)}
        body = report(kind, desired(), Decision(Plan(record=MINE)), seen(raw), MINE, {}, scene(), redactor.safe)
        assert {body[name] for name in ("resourceState", "provisioningState") if name in body} == {told}
        assert "open-sesame" not in json.dumps(body)
    raw = {"location": "westus2", "properties": {"provisioningState": "Succeeded", "mediaServiceId": "id"}}
    body = report(ACCOUNT, desired(), Decision(Plan(record=MINE)), seen(raw), MINE, {}, scene(), redactor.safe)
    assert (body["location"], body["provisioningState"]) == ("westus2", "Succeeded"), "they are read back"


@pytest.mark.parametrize("said", ["{}", "Bearer {}", "west {}"])
def test_a_token_in_place_of_a_region_is_not_shown_nor_read_back(said: str) -> None:
    token = "0123456789abcdef01234567"
    redactor = logs.Redactor()
    redactor.register([token])
    raw: JSON = {"location": said.format(token), "properties": {"provisioningState": "Succeeded"}}
    body = report(ACCOUNT, desired(), Decision(Plan(record=MINE)), seen(raw), MINE, {}, scene(), redactor.safe)
    assert token not in json.dumps(body)
    assert "location" not in body, "what lies in the account would be made in a region of that name"


@pytest.mark.parametrize("between", ["\u200b", "\u00ad", "\x1b[0m"])
def test_a_secret_is_masked_also_where_unseen_characters_stand_in_it(between: str) -> None:
    redactor = logs.Redactor()
    redactor.register(["opensesame"])
    assert redactor.safe(f"say open{between}sesame") == f"say {logs.MASK}"


@EACH
def test_a_report_in_the_cluster_shows_names_escaped(name: str) -> None:
    """Also to those who read it with kubectl."""
    target = {
        "set": "Channels",
        "kind": "LiveEvent",
        "name": name,
        "note": name,
        "count": 1,
        "ids": [name],
        "give": [name],
    }
    body = [reporting._target(target), reporting._group({"count": 1, "samples": [name]})]
    assert not hostile.acts_in(body)


@pytest.fixture
def kept_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


@pytest.mark.usefixtures("kept_logging")
@pytest.mark.parametrize("log_format", ["json", "human"])
def test_a_log_line_stays_one_line(log_format: Literal["json", "human"]) -> None:
    stream = io.StringIO()
    logs.setup(log_format, logs.Redactor(), stream=stream)
    log = logging.getLogger("ams_operator.test")
    for name in hostile.NAMES:
        logs.about(log, kind="Transform", namespace=name, name=name, uid=name).warning("it says %s", name)
        try:
            raise ValueError(name)
        except ValueError:
            log.exception("failed")
    text = stream.getvalue()
    assert not hostile.acts(text, allowed="\n")
    lines = [line for line in text.splitlines() if not line.startswith("    ")]
    assert len(lines) == 2 * len(hostile.NAMES)
    if log_format == "json":
        assert all(isinstance(json.loads(line), dict) for line in lines)


@EACH
def test_a_command_that_is_printed_means_nothing_else_to_a_shell(name: str) -> None:
    """An identity is the service's to choose, and consent is a command that people paste."""
    value = consents.recreation(Record(uid="uid-1", how=How.CREATED, identity=name))
    assert shlex.split(value) == [value]
    assert shlex.quote(value) == value or value.isalnum()


@EACH
def test_what_a_command_says_of_its_arguments_is_cleaned(name: str) -> None:
    if "\0" in name:
        return  # no shell can pass it
    for arguments in (
        ["request", name, f"transform/{name}"],
        ["request", "approve", name],
        ["run", "--log-level", name],
    ):
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code != 0
        assert not hostile.acts(result.output, allowed="\n")
