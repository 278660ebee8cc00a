"""`ams-operator migrate`: what is in an account of version 2, and what becomes of it. Needs no cluster."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from ams_operator.api.backend import AZURE_ENDPOINT
from ams_operator.cli.migrate_options import (
    Account,
    Asked,
    Authority,
    Bundle,
    Checkpoint,
    Endpoint,
    Fresh,
    Group,
    Subscription,
)

INCOMPLETE: Final = 3
"""exit code where some sets could not be read"""

app = typer.Typer(no_args_is_help=True, help="Version 2 of Media Services: what is there, and what becomes of it.")


class Output(StrEnum):
    """How the answer of an inventory looks."""

    TABLE = "table"
    JSON = "json"


class Form(StrEnum):
    """How a report looks."""

    TERMINAL = "terminal"
    JSON = "json"
    MARKDOWN = "md"
    HTML = "html"


@app.callback()
def migrate() -> None:
    """Version 2 of Media Services: what is there, and what becomes of it."""


@app.command(
    help="Read an account of version 2 and say what becomes of everything in it. Nothing is written, there or here, "
    "but the progress that lets an interrupted inventory go on.\n\n"
    "The identity is AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET of the environment. It needs to be "
    "Contributor or Owner of the account.\n\n"
    f"Exit code: 0 where all was read, {INCOMPLETE} where a set could not be, 1 where version 2 could not."
)
def inventory(
    account: Account,
    resource_group: Group,
    subscription: Subscription,
    endpoint: Endpoint = AZURE_ENDPOINT,
    authority: Authority = None,
    ca_bundle: Bundle = None,
    checkpoint: Checkpoint = None,
    fresh: Fresh = False,
    output: Annotated[Output, typer.Option("--output", "-o", help="table or json.")] = Output.TABLE,
) -> None:
    """Read an account of version 2."""
    asked = Asked(account, resource_group, subscription, endpoint, authority, ca_bundle, checkpoint, fresh)
    found = asked.inventory()
    if output is Output.JSON:
        print(json.dumps(found, indent=2, ensure_ascii=True))
    else:
        from ams_operator.cli.migrate_show import show

        show(found, Console())
    raise typer.Exit(0 if found["complete"] else INCOMPLETE)


@app.command(
    help="Say how an account of version 2 becomes one of version 3: the four steps, what blocks them, gaps and what to "
    "do about them, and the fields of both versions side by side.\n\n"
    "Reads the account as `inventory` does, with the same identity and exit codes, or `--from` a file and then without "
    "any identity."
)
def report(
    account: Account = "",
    resource_group: Group = "",
    subscription: Subscription = "",
    endpoint: Endpoint = AZURE_ENDPOINT,
    authority: Authority = None,
    ca_bundle: Bundle = None,
    checkpoint: Checkpoint = None,
    fresh: Fresh = False,
    origin: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="What `inventory -o json` printed, or a MigrationReport as kubectl prints it; -: standard input.",
        ),
    ] = None,
    output: Annotated[Form, typer.Option("--output", "-o", help="terminal, json, md or html.")] = Form.TERMINAL,
    file: Annotated[Path | None, typer.Option(help="Where to write it; absent: standard output.")] = None,
) -> None:
    """Say how an account of version 2 becomes one of version 3."""
    from ams_operator.cli.migrate_report import fresh_one, stored, write

    if origin is not None:
        given = stored(origin)
    else:
        asked = Asked(account, resource_group, subscription, endpoint, authority, ca_bundle, checkpoint, fresh)
        given = fresh_one(asked)
    write(given, output.value, file)
    raise typer.Exit(0 if given.complete else INCOMPLETE)
