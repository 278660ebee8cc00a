"""A token goes where a link leads: what a link may be."""

import pytest

from ams_operator.backends.links import MOST_PAGES, BadLink, next_page, operation_id, origin_of, page_path

HOME = "https://management.azure.com"
LIST = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Media/mediaServices/a b/transforms"
WIRE = "/subscriptions/s/resourcegroups/g/providers/Microsoft.Media/mediaservices/a%20b/transforms"


@pytest.mark.parametrize(
    ("endpoint", "origin"),
    [
        ("https://management.azure.com", HOME),
        ("https://Management.Azure.com:443/", HOME),
        ("https://host:8443", "https://host:8443"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://localhost:1", "http://localhost:1"),
        ("http://[::1]:1", "http://[::1]:1"),
        ("http://management.azure.com", None),
        ("http://127.0.0.1.evil.example", None),
        ("https://host/path", None),
        ("https://user@host", None),
        ("https://host?x=y", None),
        ("https://host#x", None),
        ("ftp://host", None),
        ("https://", None),
        ("https://host:99999", None),
        ("", None),
    ],
)
def test_what_an_endpoint_may_be(endpoint: str, origin: str | None) -> None:
    assert origin_of(endpoint) == origin


@pytest.mark.parametrize("start", [HOME, "https://MANAGEMENT.azure.com:443"])
def test_the_next_page_is_taken_word_for_word(start: str) -> None:
    token = next_page(f"{start}{WIRE}?api-version=1&$skiptoken=a%2Bb{{0}}+c", HOME, LIST, None)
    assert page_path(token) == f"{WIRE}?api-version=1&$skiptoken=a%2Bb{{0}}+c"


@pytest.mark.parametrize(
    "link",
    [
        f"https://evil.example{WIRE}?x",
        f"https://management.azure.com.evil.example{WIRE}?x",
        f"https://management.azure.com:8443{WIRE}?x",
        f"http://management.azure.com{WIRE}?x",
        f"https://management.azure.com@evil.example{WIRE}?x",
        f"https://user:pass@management.azure.com{WIRE}?x",
        f"//management.azure.com{WIRE}?x",
        f"{WIRE}?x",
        f"{HOME}{WIRE}?x#y",
        f"{HOME}{WIRE}/../../other/transforms?x",
        f"{HOME}{WIRE}/%2e%2e/streamingPolicies?x",
        f"{HOME}/subscriptions/s/resourceGroups/g/providers/Microsoft.Media/mediaServices/other/transforms?x",
        f"{HOME}/subscriptions?x",
        f"{HOME}{WIRE}?x={'y' * 20_000}",
        "https://[broken",
        "javascript:alert(1)",
        "",
    ],
)
def test_a_list_stays_where_it_is(link: str) -> None:
    with pytest.raises(BadLink):
        next_page(link, HOME, LIST, None)


def walk(pages: list[str]) -> int:
    """Follow the links of a list; how many pages it took to notice that it runs in a circle."""
    token: str | None = None
    for number, page in enumerate(pages):
        try:
            token = next_page(f"{HOME}{WIRE}?{page}", HOME, LIST, token)
        except BadLink:
            return number
    return -1


@pytest.mark.parametrize("before", [0, 1, 5, 50])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 100])
def test_a_circle_of_any_size_is_noticed(before: int, size: int) -> None:
    pages = [f"in{n}" for n in range(before)] + [f"circle{n % size}" for n in range(10 * (size + before + 1))]
    found = walk(pages)
    assert 0 < found <= 4 * (before + size) + 4


def test_a_long_list_is_no_circle_and_has_an_end() -> None:
    assert walk([str(n) for n in range(MOST_PAGES - 2)]) == -1
    assert walk([str(n) for n in range(MOST_PAGES + 5)]) == MOST_PAGES - 1


@pytest.mark.parametrize(
    ("link", "found"),
    [
        (f"{HOME}/subscriptions/s/providers/Microsoft.Media/locations/westus2/mediaServicesOperationStatuses/1-a?v=1",
         "westus2/1-a"),
        (f"{HOME}/SUBSCRIPTIONS/s/providers/microsoft.media/locations/West%20US%202/mediaservicesoperationresults/1",
         "West US 2/1"),
        ("https://evil.example/subscriptions/s/providers/Microsoft.Media/locations/w/mediaServicesOperationStatuses/1",
         None),
        (f"{HOME}/subscriptions/s/providers/Microsoft.Media/locations/w/mediaServicesOperationStatuses/..", None),
        (f"{HOME}/subscriptions/s/providers/Microsoft.Media/locations/w/mediaServicesOperationStatuses/a%2Fb", None),
        (f"{HOME}/subscriptions/s/providers/Microsoft.Storage/locations/w/operations/1", None),
        ("nonsense", None),
        (None, None),
    ],
)  # fmt: skip
def test_operations_are_kept_as_ids(link: str | None, found: str | None) -> None:
    assert operation_id(link, HOME) == found
