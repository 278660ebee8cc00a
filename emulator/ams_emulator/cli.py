"""The command line: `ams-emulator serve`, `ams-emulator variants` and `ams-emulator faults`."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import signal
import sys
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ams_emulator.config import DEFAULT_GROUP, DEFAULT_REGION, Config, Identity, Settings
from ams_emulator.errors import ArmError
from ams_emulator.fault_examples import EXAMPLES
from ams_emulator.server import Ready, running
from ams_emulator.v2.scenarios import SCENARIOS
from ams_emulator.v2.scenarios import scenario as find_scenario
from ams_emulator.variants import GUESSES, Variants

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Azure Media Services as a local server, for tests.")
_WIDEST = 400
_BANNER = "ams-emulator: for tests, not for production. State lives in memory and ends with this process."


class ClockChoice(StrEnum):
    """How the emulator's time passes."""

    REAL = "real"
    MANUAL = "manual"


class Switch(StrEnum):
    """As Azure has it, or not at all."""

    AZURE = "azure"
    OFF = "off"


def main() -> None:
    """The console script."""
    app()


def _say_version(wanted: bool) -> None:
    if wanted:
        print(f"ams-emulator {version('ams-emulator')}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_say_version, is_eager=True)
    ] = False,
) -> None:
    """Azure Media Services as a local server, for tests."""


@app.command()
def variants() -> None:
    """List what nobody could verify about the service, with both answers to each question."""
    console = Console()
    if not console.is_terminal:  # a file or a pipe has no width: nothing is folded or cut
        console = Console(width=_WIDEST, file=console.file)
    table = Table("name", "question", "strict", "lenient", "why it is open")
    for column in (0, 2, 3):
        table.columns[column].overflow = "fold"  # what has to be typed is never shortened
    for guess in GUESSES:
        table.add_row(guess.name, guess.question, guess.strict, guess.lenient, guess.reason)
    console.print(table)


@app.command()
def faults() -> None:
    """Show a body of `POST /faults` of the control API for each type of fault; docs/emulator.md has all members.

    `match` says which requests are hit (absent members hit any), `action` what happens to them. Each is sent as

    curl -H "X-Ams-Emulator: $CONTROL_TOKEN" $CONTROL_URL/faults -d BODY
    """
    for example in EXAMPLES:
        print(f"# {example.body['action']['type']}: {example.says}\n{json.dumps(example.body)}")


@app.command(
    help="Serve until SIGTERM or Ctrl-C.\n\n"
    "Starts with one resource group and no account. Clients find the token endpoint, the cloud metadata document and "
    "the management API at the same URL. What goes wrong is asked for at the control API: see `ams-emulator faults`."
)
def serve(
    port: Annotated[int, typer.Option(help="Port of the service; 0 takes a free one.", min=0, max=65535)] = 0,
    control_port: Annotated[
        int, typer.Option(help="Port of the control API, always on 127.0.0.1.", min=0, max=65535)
    ] = 0,
    tls: Annotated[bool, typer.Option("--tls/--http", help="HTTPS with a CA of its own, or plain HTTP.")] = True,
    data: Annotated[
        Path | None,
        typer.Option(help="Where ca.pem is written. Without it: a temporary directory that goes with the process."),
    ] = None,
    ready_json: Annotated[
        bool, typer.Option("--ready-json", help="When ready, print one JSON line instead of a table.")
    ] = False,
    listen: Annotated[str, typer.Option(help="Address to listen on.", metavar="ADDRESS")] = "127.0.0.1",
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Consent to a --listen address that other machines can reach.")
    ] = False,
    host_name: Annotated[list[str] | None, typer.Option(help="Another name for the certificate; repeatable.")] = None,
    account: Annotated[
        list[str] | None, typer.Option(help="An account that exists from the start; repeatable.")
    ] = None,
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            help=f"An account with a past in version 2: {', '.join(SCENARIOS)}; or SCENARIO=NAME. Repeatable."
        ),
    ] = None,
    resource_group: Annotated[str, typer.Option(help="The resource group that exists from the start.")] = DEFAULT_GROUP,
    region: Annotated[str, typer.Option(help="Region of that group and of seeded accounts.")] = DEFAULT_REGION,
    subscription_id: Annotated[str | None, typer.Option(help="Default: random.")] = None,
    tenant_id: Annotated[str | None, typer.Option(help="Default: random.")] = None,
    client_id: Annotated[str | None, typer.Option(help="Default: random.")] = None,
    client_secret: Annotated[
        str | None, typer.Option(help="Default: random.", envvar="AMS_EMULATOR_CLIENT_SECRET", show_envvar=True)
    ] = None,
    control_token: Annotated[
        str | None, typer.Option(help="Default: random.", envvar="AMS_EMULATOR_CONTROL_TOKEN", show_envvar=True)
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Makes the ids that the service gives out repeatable.")] = None,
    variants: Annotated[
        str,
        typer.Option(
            help="Answers to open questions: strict, lenient or seed:N.",
            envvar="AMS_EMULATOR_VARIANTS",
            show_envvar=True,
        ),
    ] = "strict",
    clock: Annotated[
        ClockChoice, typer.Option(help="Time passes by itself, or only by the control API.")
    ] = ClockChoice.REAL,
    rate_limits: Annotated[Switch, typer.Option(help="Resource Manager's request quotas.")] = Switch.AZURE,
    quotas: Annotated[
        Switch, typer.Option(help="How many resources there may be, such as 100 transforms.")
    ] = Switch.AZURE,
    page_size: Annotated[int, typer.Option(help="Items per LIST page.", min=1)] = 1000,
    operation_seconds: Annotated[float, typer.Option(help="How long an operation takes.", min=0)] = 0.5,
    retry_after: Annotated[
        float | None, typer.Option(help="Retry-After of operations; default: as recorded (30 for accounts).", min=0)
    ] = None,
    until_stdin_closes: Annotated[
        bool, typer.Option("--until-stdin-closes", help="Stop when the process that started this one is gone.")
    ] = False,
) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    _check(listen, allow_remote=allow_remote, variants=variants, scenarios=scenario or [])
    given = {
        "tenant_id": tenant_id,
        "client_id": client_id,
        "client_secret": client_secret,
        "subscription_id": subscription_id,
        "resource_group": resource_group,
        "region": region,
    }
    config = Config(
        host=listen,
        port=port,
        control_port=control_port,
        tls=tls,
        data=data,
        names=tuple(host_name or ()),
        accounts=tuple(account or ()),
        scenarios=tuple(scenario or ()),
        seed=seed,
        variants=variants,
        clock="manual" if clock is ClockChoice.MANUAL else "real",
        identity=Identity(**{name: value for name, value in given.items() if value is not None}),
        settings=Settings(page_size, operation_seconds, retry_after, rate_limits.value, quotas.value),
    )
    if control_token:
        config.control_token = control_token
    print(_BANNER, file=sys.stderr)
    try:
        asyncio.run(_serve(config, ready_json=ready_json, until_stdin_closes=until_stdin_closes))
    except OSError as error:
        what = f"can't write {error.filename}" if error.filename else "can't listen"
        raise typer.BadParameter(f"{what}: {error.strerror or error}") from None
    except ArmError as error:
        raise typer.BadParameter(error.message) from None


async def _serve(config: Config, *, ready_json: bool, until_stdin_closes: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if until_stdin_closes:
        reader = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        watcher = asyncio.create_task(_until_closed(reader, stop))
        stop_watching = watcher.cancel
    else:
        stop_watching = None
    async with running(config) as ready:
        if ready_json:
            print(json.dumps(ready.as_json()), flush=True)
        else:
            _show(ready)
        await stop.wait()
    if stop_watching is not None:
        stop_watching()


async def _until_closed(reader: asyncio.StreamReader, stop: asyncio.Event) -> None:
    while await reader.read(1024):
        pass
    stop.set()


def _show(ready: Ready) -> None:
    table = Table(title="ams-emulator is ready", show_header=False, title_justify="left")
    for name, value in ready.as_json().items():
        table.add_row(name, str(value) if value is not None else "(plain HTTP)")
    console = Console()
    console.print(table)
    console.print("Stop it with Ctrl-C.", markup=False)


def _check(listen: str, *, allow_remote: bool, variants: str, scenarios: list[str]) -> None:
    try:
        loopback = listen == "localhost" or ipaddress.ip_address(listen).is_loopback
    except ValueError:
        loopback = False
    if not loopback and not allow_remote:
        raise typer.BadParameter(
            f"--listen {listen} can be reached by other machines, and this is a test server that gives out tokens. "
            "Add --allow-remote if that is what you want."
        )
    try:
        Variants(variants)
        for given in scenarios:
            find_scenario(given.partition("=")[0])
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
