"""Names are somebody else's words: scripts call jobs by the signed URLs that they work on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.migration.conftest import Source
from tests.migration.looks import Eyes

from ams_operator.migration import reporting
from ams_operator.migration.census import view
from ams_operator.migration.conditions import judge
from ams_operator.migration.entities import SETS
from ams_operator.migration.paging import Ask
from ams_operator.migration.polls import CHANNELS, JOBS
from ams_operator.migration.reduce import any_telling, spoken, telling
from ams_operator.migration.report import build, html, markdown
from ams_operator.migration.report.given import parse
from ams_operator.texts import ACTING


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("News at 7", "News at 7"),
        ("https://u:pa55@host/clip.mp4?sv=2019&sig=pa55%3D", "https://host/clip.mp4?sv&sig"),
        ("why? https://u:pa55@host/a?b=c", "why? https://host/a?b"),
        ("copy https://host/a?sig=pa55 to b=c", "copy https://host/a?sig to b=c"),
        ("https://host/a#access_token=pa55", "https://host/a#access_token="),
        ("clip.mp4?sig=pa55&sv=2019", "clip.mp4?sig=&sv="),
        ("sig=pa55&sv=2019", "sig=&sv="),
        ("AccountName=a;AccountKey=pa55==", "AccountName=a;AccountKey="),
        ("a=b", "a=b"),
        ("x@y", "x@y"),
        (
            "https%3A%2F%2Fhost%2Fa%3Fsv%3D1%26sig%3Dpa55%252B%26se%3D2 it",
            "https%3A%2F%2Fhost%2Fa%3Fsv%3D1%26sig%3D%26se%3D2 it",
        ),
        (
            "https://to/?u%3Dhttps%253A%252F%252Fh%252F%253Fsig%253dpa55%2526se",
            "https://to/?u%3Dhttps%253A%252F%252Fh%252F%253Fsig%253d%2526se",
        ),
        ("100% design%3Da", "100% design%3Da"),
    ],
)
def test_a_text_that_holds_a_signed_url_is_kept_without_what_is_secret_in_it(name: str, kept: str) -> None:
    assert spoken(name) == kept


@pytest.mark.parametrize("odd", ["a=b", "x@y", "sig%3Da", None, 7, ["a=b"], {}, "", "plain"])
def test_a_page_is_telling_where_one_of_its_texts_is(odd: object) -> None:
    """Asked of all at once, also where some are no texts, or not there."""
    pages: tuple[list[dict[str, Any]], ...] = ([{"Name": "plain"}, {"Name": odd}, {"Name": None}], [{}, {"Name": odd}])
    for rows in pages:
        assert any_telling(rows, "Name") == any(telling(row.get("Name")) for row in rows)


async def test_no_such_name_comes_in(source_factory: Callable[..., Source]) -> None:
    """Whatever is made of a row: labels, fields of what takes its place, messages."""
    source = source_factory("small")
    said = "https://u:pa55@host/clip.mp4?sv=2019&sig=pa55"
    reader, put = source.client(), source.emulator.control.v2_put
    put(source.resource_id, "Jobs", Name=said, State=2)
    put(source.resource_id, "Assets", Name=said)
    put(source.resource_id, "Assets", Name="film", AlternateId=said)
    put(source.resource_id, "Channels", Name="odd", Description=f"see {said}", State="Stopped")
    put(source.resource_id, "Programs", Name="odd", ManifestName="odd?sig=pa55", State="Stopped")
    for entities in (JOBS, CHANNELS, SETS["Assets"], SETS["Channels"], SETS["Jobs"], SETS["Programs"]):
        rows = (await reader.page(entities, Ask())).rows
        assert rows
        assert "pa55" not in str(rows)
    put(source.resource_id, "Filters", Name="odd?sig=pa55", Tracks=[])
    found = view(await source.inventory().run())
    assert "odd?sig=" in str(found), "nor a name by which a row is told from others"
    assert "pa55" not in str(found)


SIGNED = "https://u:pa55@host/clip.mp4?sv=2019&sig=pa55"
ACTS = "\x1b[31m\u202e"
POLICY = f"<policy>\n\t<to uri='{SIGNED}'/>{ACTS}</policy>"
PRESET = {
    "Version": 1.0,
    "Codecs": [{"Type": "AACAudio", "Bitrate": 96, "Condition": f"sig=pa55{ACTS}"}],
    "Outputs": [{"FileName": f"{{Basename}}{ACTS}-{SIGNED}-{{Channel}}.mp4", "Format": {"Type": "MP4Format"}}],
}


async def test_what_people_write_into_rules_policies_presets_and_filters_is_no_less_foreign(
    source_factory: Callable[..., Source],
) -> None:
    """Whatever is made of it loses what is secret, and shows what would act; what has lines keeps them."""
    source = source_factory("small")
    put, rules = source.emulator.control.v2_put, {"IP": {"Allow": [{"Name": f"{ACTS}{SIGNED}", "Address": "10.0.0.1"}]}}
    tracks = [{"PropertyConditions": [{"Property": "Name", "Operator": "Equal", "Value": f"{ACTS}{SIGNED}"}]}]
    put(source.resource_id, "Channels", Name="odd", State="Stopped", EncodingType="None",
        Input={"StreamingProtocol": "RTMP", "AccessControl": rules, "Endpoints": []},
        Preview={"AccessControl": rules, "Endpoints": []},
        CrossSiteAccessPolicies={"ClientAccessPolicy": POLICY, "CrossDomainPolicy": None})  # fmt: skip
    put(source.resource_id, "Filters", Name="odd", Tracks=tracks)
    eyes = Eyes(source)
    mes = next(one["Id"] for one in eyes.rows("MediaProcessors") if one["Name"] == "Media Encoder Standard")
    put(source.resource_id, "Tasks", Name="odd", MediaProcessorId=mes, State=3, Configuration=json.dumps(PRESET))
    await eyes.read()
    inputs = await eyes.inputs()
    findings, found = judge(inputs), view(eyes.census)
    shown = {one["kind"]: one for one in found["targets"] if "odd" in str(one.get("source"))}
    assert {*shown} >= {"LiveEvent", "AccountFilter", "Transform"}
    assert "host/clip.mp4?sv&sig" in str(shown["Transform"]["fields"])
    made = build.report(parse(json.loads(json.dumps(found))))
    kept = reporting.content(inputs, findings, eyes.census)
    plain = [html.page(made), markdown.markdown(made), *(one.message for one in findings)]
    for text in (json.dumps(found), json.dumps(eyes.census.tallies["Channels"].dump()), json.dumps(kept), *plain):
        assert "pa55" not in text
    (event,) = (one for one in kept["targets"] if one["name"] == "odd" and one["kind"] == "LiveEvent")
    assert event["fields"]["crossSiteAccessPolicies"]["clientAccessPolicy"].startswith(
        "<policy>\n\t<to uri='https://host/"
    )
    written = json.dumps(kept, ensure_ascii=False).replace("\\n", "").replace("\\t", "")
    assert not ACTING.search(written)
    assert "\\\\u202e" in written, "what was there is seen"
    assert not any(ACTING.search(text.replace("\n", "")) for text in plain[:2])
    eyes.provide()
    eyes.make("AccountFilter", "odd", tracks=[{"trackSelections": [{"property": "Name", "operation": "Equal",
                                                                    "value": f"{ACTS}{SIGNED}"}]}])  # fmt: skip
    assert "FiltersMissing" not in {one.reason for one in judge(await eyes.inputs())}
