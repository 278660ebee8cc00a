"""`ams-operator migrate`: what is in an account of version 2, and what becomes of it. Needs no cluster."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from ams_operator import logs
from ams_operator.api.backend import AZURE_ENDPOINT, BackendType
from ams_operator.domain.answers import NotSent
from ams_operator.domain.ids import account_id
from ams_operator.domain.model import JSON, AccountId
from ams_operator.logs import Redactor, clean

INCOMPLETE: Final = 3
"""exit code where some sets could not be read"""
INTERRUPTED: Final = 130

app = typer.Typer(no_args_is_help=True, help="Version 2 of Media Services: what is there, and what becomes of it.")


class Output(StrEnum):
    """How the answer looks."""

    TABLE = "table"
    JSON = "json"


@app.callback()
def migrate() -> None:
    """Version 2 of Media Services: what is there, and what becomes of it."""


@app.command()
def inventory(
    account: Annotated[str, typer.Option(envvar="AMS_ACCOUNT", help="Name of the Media Services account.")],
    resource_group: Annotated[str, typer.Option("--resource-group", "-g", envvar="AZURE_RESOURCE_GROUP")],
    subscription: Annotated[str, typer.Option(envvar="AZURE_SUBSCRIPTION_ID", help="Id of the subscription.")],
    endpoint: Annotated[str, typer.Option(envvar="AMS_ENDPOINT", help="Resource Manager's origin.")] = AZURE_ENDPOINT,
    authority: Annotated[
        str | None, typer.Option(envvar="AZURE_AUTHORITY_HOST", help="Who issues tokens; absent: Microsoft.")
    ] = None,
    ca_bundle: Annotated[
        Path | None, typer.Option(envvar="AMS_CA_BUNDLE", help="Certificates (PEM) to trust; absent: the system's.")
    ] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="Where progress is kept until it is complete; absent: the cache directory.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew instead of going on.")] = False,
    output: Annotated[Output, typer.Option("--output", "-o", help="table or json.")] = Output.TABLE,
) -> None:
    """Read an account of version 2 and say what becomes of everything in it. Nothing is written, there or here, but
    the progress that lets an interrupted inventory go on.

    The identity is AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET of the environment. It needs to be
    Contributor or Owner of the account.
    """
    from ams_operator.backends.credentials import KEYS
    from ams_operator.cli.migrate_read import read
    from ams_operator.cli.migrate_show import show
    from ams_operator.migration.checkpoint import FileCheckpoint
    from ams_operator.migration.trouble import NotReadable

    logs.setup("human", redactor := Redactor(), level=logging.WARNING)
    where = AccountId(subscription, resource_group, account)
    credentials = _credentials(os.environ, KEYS)
    try:
        policy = _policy(endpoint, authority, ca_bundle)
        store = FileCheckpoint(checkpoint or _cache(endpoint, where))
        if fresh:
            store.clear()
        report = asyncio.run(read(policy, where, credentials, store, redactor))
    except (NotSent, NotReadable, OSError) as error:
        reason = getattr(error, "reason", type(error).__name__)
        print(clean(redactor.mask(f"{reason}: {error}"), 1000), file=sys.stderr)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        print("interrupted; the same command goes on where it was", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    if output is Output.JSON:
        print(json.dumps(report, indent=2, ensure_ascii=True))
    else:
        show(report, Console())
    raise typer.Exit(0 if report["complete"] else INCOMPLETE)


def _policy(endpoint: str, authority: str | None, ca_bundle: Path | None) -> JSON:
    """The spec of the MediaServicesBackend that the options amount to. Raises OSError and NotSent."""
    azure = endpoint.rstrip("/") == AZURE_ENDPOINT
    policy: JSON = {"type": BackendType.AZURE if azure else BackendType.ARM_COMPATIBLE, "endpoint": endpoint}
    if authority:
        policy["authority"] = authority.rstrip("/") if "://" in authority else f"https://{authority.rstrip('/')}"
    elif not azure:
        raise typer.BadParameter("an endpoint that is not Azure's needs --authority", param_hint="--authority")
    if ca_bundle is not None:
        policy["caBundle"] = ca_bundle.read_text(encoding="utf-8", errors="replace")
    return policy


def _credentials(environment: Mapping[str, str], keys: Sequence[str]) -> dict[str, str]:
    """Raises BadParameter that names what is missing."""
    missing = [key for key in keys if not environment.get(key)]
    if missing:
        raise typer.BadParameter(f"the environment has no {', '.join(missing)}")
    return {key: environment[key] for key in keys}


def _cache(endpoint: str, account: AccountId) -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    name = hashlib.sha256(f"{endpoint}{account_id(account).lower()}".encode()).hexdigest()[:16]
    return Path(base) / "ams-operator" / f"inventory-{name}.json"
