"""The report as one page: no request to anywhere, a script and a style that its policy names by their digests."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from importlib.resources import files
from typing import Any, Final

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateNotFound
from markupsafe import Markup

from ams_operator.domain.model import JSON
from ams_operator.migration.becoming import GROUPED, PARTS
from ams_operator.migration.model import Fate
from ams_operator.migration.report import charts, text, words

_LONG: Final = 100
"""characters of a value that still stands in a line"""
_JOINT: Final = re.compile("(?<=[a-z])(?=[A-Z])")


def page(report: JSON) -> str:
    """The page of a report that `build.report` made. Every text in it is foreign and shown as text."""
    style, script = _file("style.css"), _file("script.js")
    environment = Environment(
        loader=_Pages(), autoescape=True, undefined=StrictUndefined, finalize=_final, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.globals.update(value=_value, meaning=words.meaning, shares=charts.shares, ring=charts.ring,
                               state=charts.state, spoken=charts.spoken, choices=_choices,
                               unblocked=words.unblocked)  # fmt: skip
    environment.filters.update(number=_number, item=_item, parted=_parted, titled=words.titled, todo=words.todo)
    made = environment.get_template("page.html.j2").render(
        report=report,
        policy=f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; base-uri 'none'; "
        "form-action 'none'",
        style=Markup(style),  # noqa: S704 - a file of ours
        script=Markup(script),  # noqa: S704 - a file of ours
        fates={str(fate): words.FATES[fate] for fate in Fate},
        by_condition=charts.bars(Counter(one["condition"] for one in report["blockers"]).most_common()),
        blockers={one["id"]: one for one in report["blockers"]},
        fates_of={one["name"]: _fates(one) for one in report["sets"]},
        grouped=GROUPED,
        apart=words.APART,
        unsettled=words.UNSETTLED,
        journey=words.JOURNEY,
        settled=words.SETTLED,
        kinds=sorted({one["kind"] for one in report["targets"]}),
        targets=sorted(report["targets"], key=lambda one: (one["set"] in PARTS, one["kind"])),
    )
    return f"{made}\n"


class _Pages(BaseLoader):
    """Templates that are installed with this module, wherever that is."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, None]:
        del environment
        try:
            return _file(template), None, None
        except OSError:
            raise TemplateNotFound(template) from None


def _file(name: str) -> str:
    return files(__package__).joinpath("page", name).read_text(encoding="utf-8")


def _digest(content: str) -> str:
    """As a content security policy names an inline script or style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _final(value: Any) -> Any:
    """What every expression of the template goes through, before it is escaped."""
    return value if isinstance(value, Markup) else text.shown(value)


def _number(value: int) -> str:
    """With narrow spaces between thousands."""
    return f"{value:,}".replace(",", "\u202f")


def _item(value: str) -> str:
    """For comparing in a filter: the text as it is shown."""
    return text.shown(value).lower()


def _parted(name: str) -> Markup:
    """A name of joined words, which may break between two of them."""
    return Markup("<wbr>").join(_JOINT.split(text.shown(name)))


def _choices(names: Iterable[str]) -> list[tuple[str, str]]:
    """What a filter offers: how rows say it, and how people read it."""
    return [(_item(name), text.shown(name, 80)) for name in names]


def _value(value: Any, meaning: str = "") -> Markup:
    """A field's value: in a line, or laid out if it is longer."""
    if isinstance(value, str) and value.lstrip("\ufeff \n").startswith(("{", "[")):
        value = _parsed(value)
    if (isinstance(value, dict | list) and value) or (isinstance(value, str) and _is_long(value)):
        return Markup("<pre>{}</pre>").format(text.block(value))
    inner = text.shown(value) if value not in ([], {}, "") else "empty"
    tail = Markup(' <span class="quiet">{}</span>').format(meaning) if meaning else ""
    return Markup("<bdi>{}</bdi>{}").format(inner, tail)


def _is_long(value: str) -> bool:
    return len(value) > _LONG or "\n" in value.strip()


def _parsed(value: str) -> Any:
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return found if isinstance(found, dict | list) else value


def _fates(one: JSON) -> dict[str, int]:
    found: Counter[str] = Counter()
    for verdict in one["verdicts"]:
        found[verdict["fate"]] += verdict["count"]
    return found
