"""A report from the command line: where it comes from, and where it goes."""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
from pathlib import Path

import typer
from rich.console import Console

from ams_operator import jsons
from ams_operator.cli.migrate_options import Asked
from ams_operator.cli.report_show import show
from ams_operator.domain.model import JSON
from ams_operator.migration.report import build, html, markdown
from ams_operator.migration.report.given import Given, NotAnInventory
from ams_operator.migration.report.reading import LARGEST, read
from ams_operator.migration.report.text import shown

_WIDE = 120
"""columns of a file that looks like a terminal"""


def fresh_one(asked: Asked) -> Given:
    """From the account itself. Raises Exit and BadParameter."""
    return read(jsons.dumps(asked.inventory()))


def stored(path: Path) -> Given:
    """From a file, `-` for standard input. Raises BadParameter that says what is wrong with it."""
    try:
        with sys.stdin.buffer if str(path) == "-" else path.open("rb") as file:
            return read(file.read(LARGEST + 1))
    except OSError as error:
        raise typer.BadParameter(shown(f"{path}: {error.strerror or error}"), param_hint="--from") from None
    except NotAnInventory as error:
        said = f"{path} is neither what `ams-operator migrate inventory -o json` prints nor a MigrationReport: {error}"
        raise typer.BadParameter(shown(said), param_hint="--from") from None


def write(given: Given, form: str, path: Path | None) -> None:
    """Put a report of this form where it belongs. Raises Exit."""
    report = build.report(given)
    if form == "terminal" and path is None:
        show(report, Console())
        return
    made = _made(report, form).encode("utf-8")
    try:
        if path is None:
            sys.stdout.buffer.write(made)
            sys.stdout.buffer.flush()
        else:
            _replace(path, made)
            print(f"written to {shown(str(path))}", file=sys.stderr)
    except OSError as error:
        print(shown(f"can't write {path}: {error.strerror or error}"), file=sys.stderr)
        raise typer.Exit(1) from None


def _made(report: JSON, form: str) -> str:
    match form:
        case "json":
            return json.dumps(report, indent=2, ensure_ascii=True) + "\n"
        case "md":
            return markdown.markdown(report)
        case "html":
            return html.page(report)
    drawn = io.StringIO()
    show(report, Console(file=drawn, width=_WIDE, color_system=None))
    return drawn.getvalue()


def _replace(path: Path, content: bytes) -> None:
    """Write a file as a whole or not at all: nobody reads half a report."""
    target = path.resolve()
    if target.exists() and not target.is_file():  # such as /dev/stdout
        target.write_bytes(content)
        return
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    """What new files of this process may not be; asking means setting it."""
    found = os.umask(0o077)
    os.umask(found)
    return found
