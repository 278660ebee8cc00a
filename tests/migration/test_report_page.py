"""The page of a report in a real browser: it filters, sorts, fits a phone, and does nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from ams_operator.migration.report import build, html
from ams_operator.migration.report.given import parse
from ams_operator.migration.report.reading import read

from . import browser, hostile

pytestmark = pytest.mark.skipif(browser.PATH is None, reason="there is no Chromium: apt-get install chromium")

CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8").partition("\n")[2]
CELLS = """(id) => [...document.querySelectorAll(`#${id} tbody tr:not([hidden])`)]
  .map((row) => [...row.cells].map((cell) => cell.innerText.trim()))"""


def an_inventory() -> dict[str, Any]:
    """Ordinary names, and enough of everything."""

    def group(count: int, *names: str) -> dict[str, Any]:
        return {"count": count, "samples": list(names), "evidence": "0"}

    verdicts = [
        {"fate": "MapsTo", "about": "LiveEvent", "why": "made anew", "inferred": True, **group(9, "news")},
        {"fate": "VisibleInV3", "about": "", "why": "as it is", "inferred": False, **group(100, "film")},
        {"fate": "Gap", "about": "slate", "why": "slates", "inferred": False, **group(10, "sport")},
    ]
    return {
        "account": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Media/mediaservices/contoso",
        "begun": "2026-01-01T00:00:00Z", "complete": True,
        "sets": [{"name": "Channels", "state": "Read", "rows": 119, "verdicts": verdicts},
                 {"name": "Jobs", "state": "Read", "rows": 0, "verdicts": []}],
        "targets": [
            {"set": "Channels", "kind": kind, "name": name, "fields": {"input": {"streamingProtocol": "RTMP"}},
             "count": 1, "source": {"Name": name, "Input": {"StreamingProtocol": "RTMP"}}}
            for kind, name in (("LiveEvent", "news"), ("LiveEvent", "arena"), ("Transform", "film"))
        ],
        "gaps": [{"id": "slate", "title": "Slates", "todo": "In the encoder", "inferred": False, **group(2, "sport")}],
        "toDeclare": [{"id": "slate", "title": "Slates"}],
        "blockers": [
            {"id": f"b{number}", "condition": condition, "title": "Thing", "todo": "Do it", **group(number, "x")}
            for number, condition in enumerate(["V2JobsDrained", "DeliveryMigrated", "V2JobsDrained"], 9)
        ],
        "benefits": [{"id": "live", "title": "Low latency"}],
        "conditions": [{"type": "V2AccessReady", "status": "True", "reason": "Reachable", "message": "1 of 1"},
                       {"type": "V3AccessReady", "status": "Unknown", "reason": "Unreachable", "message": "0 of 1"}],
    }  # fmt: skip


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("pages")
    made = {"plain": parse(an_inventory()), "hostile": read(json.dumps(hostile.inventory()).encode())}
    for name, given in made.items():
        (place / f"{name}.html").write_text(html.page(build.report(given)), encoding="utf-8")
    return {name: place / f"{name}.html" for name in made}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.browser() as found:
        yield found


def test_it_filters_and_says_how_many_are_left(chromium: Browser, files: dict[str, Path]) -> None:
    one = browser.opened(chromium, files["plain"])
    place = one.page.locator("[data-filters=everything-table]")
    assert place.locator("output").inner_text() == "3 verdicts"
    place.locator("input").fill("FILM")
    assert [row[1] for row in one.page.evaluate(CELLS, "everything-table")] == ["100"]
    assert place.locator("output").inner_text() == "1 of 3 verdicts"
    place.locator("input").fill("")
    place.locator("select").select_option("Gap")
    assert [row[1] for row in one.page.evaluate(CELLS, "everything-table")] == ["10"]
    listed = one.page.locator("[data-filters=targets-list]")
    listed.locator("select").select_option(label="LiveEvent")
    assert one.page.locator("#targets-list details:visible .name").all_inner_texts() == ["news", "arena"]
    assert (one.said, one.dialogs) == ([], [])
    one.context.close()


def test_it_sorts_numbers_as_numbers_by_keyboard_and_says_so(chromium: Browser, files: dict[str, Path]) -> None:
    one = browser.opened(chromium, files["plain"])
    head = one.page.locator("#blockers-table th").nth(2)
    head.locator("button").focus()
    one.page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert [row[2] for row in one.page.evaluate(CELLS, "blockers-table")] == ["9", "10", "11"]
    one.page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert [row[2] for row in one.page.evaluate(CELLS, "blockers-table")] == ["11", "10", "9"]
    one.page.locator("#blockers-table th button").first.click()
    assert head.get_attribute("aria-sort") == "none"
    assert one.page.evaluate(CELLS, "blockers-table")[0][0] == "DeliveryMigrated"
    one.page.locator("[data-sorts] select").select_option("name")
    assert one.page.locator("#targets-list .name").all_inner_texts() == ["arena", "film", "news"]
    one.context.close()


def test_fields_of_both_versions_are_side_by_side(chromium: Browser, files: dict[str, Path]) -> None:
    one = browser.opened(chromium, files["plain"])
    first = one.page.locator("#targets-list details").first
    first.locator("summary").focus()
    one.page.keyboard.press("Enter")
    rows = first.locator("tbody tr").all()
    found = [[cell.inner_text().split() for cell in row.locator("td").all()] for row in rows]
    assert [["Input.StreamingProtocol", "RTMP"], ["input.streamingProtocol", "RTMP"]] in found
    one.page.get_by_role("button", name="Open all").click()
    assert one.page.locator("#targets-list details[open]").count() == 3
    one.context.close()


@pytest.mark.parametrize("name", ["plain", "hostile"])
def test_nothing_scrolls_sideways(chromium: Browser, files: dict[str, Path], name: str) -> None:
    one = browser.opened(chromium, files[name])
    one.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    for width in (320, 360, 768, 1280):
        one.page.set_viewport_size({"width": width, "height": 740})
        inside, whole = one.page.evaluate(
            "[document.documentElement.clientWidth, document.documentElement.scrollWidth]"
        )
        assert whole <= inside == width
    one.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(chromium: Browser, files: dict[str, Path], scheme: str) -> None:
    one = browser.opened(chromium, files["plain"], scheme=scheme)
    one.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert one.page.evaluate(CONTRAST) == []
    dark = one.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 27)"
    assert dark is (scheme == "dark")
    one.context.close()


def test_its_structure_can_be_heard(chromium: Browser, files: dict[str, Path]) -> None:
    one = browser.opened(chromium, files["plain"])
    levels = one.page.evaluate("[...document.querySelectorAll('h1, h2, h3')].map((head) => Number(head.tagName[1]))")
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert one.page.evaluate("[...document.querySelectorAll('table')].every((one) => one.caption)")
    assert one.page.evaluate("[...document.querySelectorAll('input, select')].every((one) => one.labels.length === 1)")
    assert one.page.evaluate(
        "[...document.querySelectorAll('svg')].every((one) => one.getAttribute('aria-label') || one.ariaHidden)"
    )
    ids = one.page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))
    one.context.close()


@pytest.mark.parametrize("name", ["plain", "hostile"])
def test_it_asks_nobody_and_runs_only_its_own_script(chromium: Browser, files: dict[str, Path], name: str) -> None:
    one = browser.opened(chromium, files[name])
    one.page.locator("[data-open]").click()
    for field in one.page.locator("input:visible").all():
        field.fill("a")
    for button in one.page.locator("th:first-child button:visible").all():
        button.click()
    one.page.evaluate("dispatchEvent(new Event('beforeprint')); dispatchEvent(new Event('afterprint'))")
    assert (one.said, one.dialogs) == ([], [])
    assert one.asked == [files[name].as_uri()]
    assert one.page.evaluate("document.querySelectorAll('script, img, iframe, link, [onerror]').length") == 1
    one.context.close()


def test_its_policy_stops_what_is_not_its_own(chromium: Browser, files: dict[str, Path]) -> None:
    one = browser.opened(chromium, files["plain"])
    found = one.page.evaluate(
        """async () => {
          const script = document.createElement("script");
          script.textContent = "document.title = 'owned'";
          document.body.append(script);
          const image = new Image();
          const failed = new Promise((done) => { image.onerror = () => done("refused");
            image.onload = () => done("loaded"); });
          image.src = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
          return [await failed, document.title];
        }"""
    )
    assert found[0] == "refused"
    assert "owned" not in found[1]
    assert one.said
    one.context.close()


def test_hostile_names_are_seen_as_they_are(chromium: Browser, files: dict[str, Path]) -> None:
    one = browser.opened(chromium, files["hostile"])
    names = one.page.locator("#targets-list .name").all_text_contents()
    for expected in ("<script>alert(1)</script>", "](javascript:alert(1))", "two\\nlines\\r\\n# a heading\\n\\n<b>",
                     "nul\\x00nul", "\\u202egnp.exe\\u2066", "half \ufffd pair"):  # fmt: skip
        assert expected in names
    assert "owned" not in one.page.title()
    one.context.close()


def test_printed_it_shows_everything(chromium: Browser, files: dict[str, Path]) -> None:
    one = browser.opened(chromium, files["plain"])
    one.page.emulate_media(media="print")
    assert not one.page.locator("nav").is_visible()
    assert one.page.locator(".filter:visible").count() == 0
    assert one.page.pdf(format="A4").startswith(b"%PDF")
    one.context.close()
