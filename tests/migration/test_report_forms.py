"""Whatever entities are called, it is text in every form of a report."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from html.parser import HTMLParser
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.console import Console

from ams_operator.cli import report_show
from ams_operator.migration.inputs import JobsRead
from ams_operator.migration.report import build, html, markdown
from ams_operator.migration.report.reading import read
from ams_operator.migration.report.text import block, code, fenced, prose, shown

from . import accounts, hostile
from .test_report_cluster import content, whole

ACTING = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    return build.report(read(json.dumps(hostile.inventory()).encode()))


def acting(text: str) -> set[str]:
    """Characters that do something instead of being seen."""
    return {hex(ord(one)) for one in text if unicodedata.category(one) in ACTING and one != "\n"}


class _Page(HTMLParser):
    """Every tag, attribute and text of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_in_the_page_they_are_text(report: dict[str, Any]) -> None:
    made = html.page(report)
    made.encode("utf-8")
    page = _Page()
    page.feed(made)
    names = [tag for tag, _ in page.tags]
    assert names.count("script") == names.count("style") == 1
    assert {"img", "b64", "iframe", "link", "object", "base", "form"} & set(names) == set()
    attributes = {name for _, given in page.tags for name in given}
    assert not any(name.startswith("on") or name in ("src", "style", "srcset", "action") for name in attributes)
    assert {given["href"] for tag, given in page.tags if tag == "a" if given["href"]} <= {
        f"#{name}" for name in ("goes", "steps", "blockers", "gaps", "targets", "everything", "words", "benefits")
    }
    assert acting(made) == set()
    text = "".join(page.text)
    for name in (
        "<script>alert(1)</script>",
        "](javascript:alert(1))",
        "\\x1b[31mred",
        "\\u202egnp.exe",
        "{{ 7 * 7 }}",
    ):
        assert name in text
    assert "x" * 2001 not in made


def test_the_pages_policy_allows_its_own_script_and_style_only(report: dict[str, Any]) -> None:
    page = _Page()
    page.feed(html.page(report))
    policy = next(given["content"] for tag, given in page.tags if given.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert parts["default-src"] == "'none'"
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/=]{44}'", parts["script-src"])
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/=]{44}'", parts["style-src"])
    assert "unsafe" not in policy


def test_in_markdown_they_are_neither_links_nor_html_nor_headings(report: dict[str, Any]) -> None:
    made = markdown.markdown(report)
    made.encode("utf-8")
    assert acting(made) == set()
    tokens = MarkdownIt("commonmark").enable("table").parse(made)
    inner = [child for token in tokens for child in token.children or ()]
    assert {token.type for token in [*tokens, *inner]} & {"link_open", "image"} == set()
    for token in [*tokens, *inner]:
        if token.type in ("html_inline", "html_block"):
            assert re.fullmatch(r"(</?(details|summary|code)>|[^<>])*", token.content), token.content
    headings = [tokens[place + 1].content for place, token in enumerate(tokens) if token.type == "heading_open"]
    assert len(headings) == 14
    for token in tokens:
        assert not re.search(r"://|www\.|@\w|#\d|GH-", seen(token)), token.content


def seen(token: Token) -> str:
    """What a tracker looks for addresses, names and numbers in: text that is no code."""
    text, coded = [], False
    for child in token.children or ():
        coded = (coded or child.content == "<code>") and child.content != "</code>"
        text.append("" if coded or child.type in ("code_inline", "html_inline") else child.content)
    return "".join(text)


def test_tables_of_markdown_have_as_many_cells_as_heads(report: dict[str, Any]) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown.markdown(report))
    kinds = [token.type for token in tokens]
    assert kinds.count("table_open") == 7
    cells: list[int] = []
    for kind in kinds:
        if kind == "tr_open":
            cells.append(0)
        elif kind in ("td_open", "th_open"):
            cells[-1] += 1
    assert set(cells) <= {2, 4, 5}
    lines = [line for line in markdown.markdown(report).splitlines() if line.startswith("|")]
    assert len(lines) == len(cells) + 7, "no row fell out of its table"


def test_in_a_terminal_they_are_text(report: dict[str, Any]) -> None:
    out = io.StringIO()
    report_show.show(report, Console(file=out, force_terminal=True, width=300, color_system=None))
    plain = out.getvalue()
    plain.encode("utf-8")
    assert "\x1b" not in plain
    assert acting(plain) == set()
    assert "[red]rich[/red]" in plain
    assert f"Not complete: {len(hostile.NAMES)} of {len(hostile.NAMES) + 1} sets were read." in plain
    assert "<script>alert(1)</script>" in plain


@pytest.mark.parametrize("name", hostile.NAMES)
def test_one_name(name: str) -> None:
    for made in (shown(name), block(name), code(name), prose(name), block({"key": name})):
        made.encode("utf-8")
        assert acting(made) == set()
    assert len(shown(name)) <= 300
    assert "\n" not in shown(name) + code(name) + prose(name)


def test_different_names_look_different() -> None:
    assert shown("a\u202eb") != shown("ab") != shown("a\x00b") != shown("a b")
    assert shown("שלום நன்றி 👩‍👩‍👧 می‌خواهم") == "שלום நன்றி 👩‍👩‍👧 می‌خواهم"


def test_no_text_ends_its_block_of_code() -> None:
    text = "```\n# heading\n````\n~~~"
    tokens = MarkdownIt("commonmark").parse(fenced(text))
    assert [(token.type, token.content) for token in tokens] == [("fence", f"{text}\n")]


def test_laid_out_texts_keep_their_lines() -> None:
    assert block("<a>\n  <b/>\n</a>") == "<a>\n  <b/>\n</a>"
    assert block({"a": [1, {"b": None}], "c": "x\ny"}) == "a:\n- 1\n- b: null\nc: x\\ny"


def test_where_nobody_could_look_nothing_is_said_to_be_in_order() -> None:
    """As while version 2 is away: there is no blocker, since nobody could find one."""
    for inputs, unsure in ((accounts.done(), False), (accounts.done(jobs=JobsRead()), True)):
        made = build.report(read(json.dumps(whole(content(inputs))).encode()))
        assert not made["blockers"]
        drawn = io.StringIO()
        report_show.show(made, Console(file=drawn, width=400, color_system=None))
        for form in (html.page(made), markdown.markdown(made), drawn.getvalue()):
            assert ("Nothing that an API shows" in form) is not unsure
            assert ("not everything is known: see V2JobsDrained, EncodingMigrated." in form) is unsure


def test_a_narrow_terminal_shortens_nothing_that_may_have_to_be_typed() -> None:
    made = build.report(read(json.dumps(whole(content(accounts.done(jobs=JobsRead())))).encode()))
    drawn = io.StringIO()
    report_show.show(made, Console(file=drawn, width=72, color_system=None))
    assert "LiveStreaming" in drawn.getvalue()
    assert "…" not in drawn.getvalue()
