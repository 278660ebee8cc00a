"""LISTs: pages, filters, orders."""

from typing import Any

import pytest
from tests.emulator.bodies import built_in

from ams_emulator.testing import Emulator


@pytest.fixture
def five(emulator: Emulator, transforms: str) -> str:
    """Transforms a to e, made in the order e, d, c, b, a."""
    for name in "edcba":
        emulator.request("PUT", f"{transforms}/{name}", built_in(description=f"it's {name}"))
    return transforms


def names(body: Any) -> str:
    return "".join(item["name"] for item in body["value"])


def walk(emulator: Emulator, path: str) -> list[str]:
    """The names of each page."""
    pages, link = [], path
    while link:
        status, _, body = emulator.request("GET", link)
        assert status == 200
        pages.append(names(body))
        link = body.get("@odata.nextLink", "").removeprefix(emulator.url)
    return pages


def test_one_page_has_no_link(emulator: Emulator, five: str) -> None:
    assert walk(emulator, five) == ["abcde"]


@pytest.mark.parametrize(("size", "pages"), [(2, ["ab", "cd", "e"]), (5, ["abcde"]), (4, ["abcd", "e"])])
def test_pages(emulator: Emulator, five: str, size: int, pages: list[str]) -> None:
    emulator.control.settings(page_size=size)
    assert walk(emulator, five) == pages


def test_changes_between_pages_neither_repeat_nor_skip_others(emulator: Emulator, five: str) -> None:
    emulator.control.settings(page_size=2)
    _, _, first = emulator.request("GET", five)
    emulator.request("DELETE", f"{five}/a")
    emulator.request("DELETE", f"{five}/b")
    emulator.request("PUT", f"{five}/a0", built_in())
    assert walk(emulator, first["@odata.nextLink"].removeprefix(emulator.url)) == ["cd", "e"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("name eq 'C'", "c"),
        ("name ne 'c'", "abde"),
        ("name gt 'b' and name le 'd'", "cd"),
        ("name eq 'a' or name eq 'e'", "ae"),
        ("(name eq 'a' or name eq 'e') and name ne 'a'", "e"),
        ("properties/description eq 'it''s d'", "d"),
        ("properties/created gt 2020-01-01T00:00:00Z", "abcde"),
        ("properties/created lt 2020-01-01", ""),
        ("properties/state eq Microsoft.Media.JobState'Processing'", ""),
    ],
)
def test_filter(emulator: Emulator, five: str, text: str, found: str) -> None:
    status, _, body = emulator.request("GET", f"{five}?$filter={text.replace(' ', '%20')}")
    assert (status, names(body)) == (200, found)


@pytest.mark.parametrize("text", ["name", "name is 'c'", "name eq 'c", "(name eq 'c'", "name eq 'c' name eq 'd'"])
def test_bad_filter(emulator: Emulator, five: str, text: str) -> None:
    status, _, body = emulator.request("GET", f"{five}?$filter={text.replace(' ', '%20')}")
    assert (status, body["error"]["target"]) == (400, "$filter")


@pytest.mark.parametrize(("order", "pages"), [("name desc", ["edc", "ba"]), ("properties/created", ["edc", "ba"])])
def test_order_over_pages(emulator: Emulator, five: str, order: str, pages: list[str]) -> None:
    emulator.control.settings(page_size=3)
    assert walk(emulator, f"{five}?$orderby={order.replace(' ', '%20')}") == pages


def test_filter_goes_on_over_pages(emulator: Emulator, five: str) -> None:
    emulator.control.settings(page_size=2)
    assert walk(emulator, f"{five}?$filter=name%20ne%20'b'") == ["ac", "de"]


@pytest.mark.parametrize("query", ["$orderby=name%20up", "$skiptoken=%C3%A4"])
def test_bad_queries(emulator: Emulator, five: str, query: str) -> None:
    assert emulator.request("GET", f"{five}?{query}")[0] == 400
