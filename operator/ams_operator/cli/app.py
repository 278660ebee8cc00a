"""The commands of `ams-operator` and their options."""

from __future__ import annotations

import logging
import resource
import sys
from enum import StrEnum
from importlib.metadata import version as installed
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from ams_operator.cli import migrate
from ams_operator.cli.crds import check_crds, write_crds
from ams_operator.cli.request import request
from ams_operator.texts import clean

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # an exception's text may quote what nobody may see: see logs.hook
    help="Keeps Azure Media Services v3 resources as Kubernetes manifests declare them.",
)


def _say_version(wanted: bool) -> None:
    if wanted:
        print(f"ams-operator {installed('ams-operator')}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_say_version, is_eager=True)
    ] = False,
) -> None:
    """Keeps Azure Media Services v3 resources as Kubernetes manifests declare them."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold credentials


class LogFormat(StrEnum):
    """How log lines look."""

    JSON = "json"
    HUMAN = "human"


@app.command()
def run(
    kubeconfig: Annotated[str | None, typer.Option(envvar="KUBECONFIG", help="Absent: the pod's own account.")] = None,
    context: Annotated[str | None, typer.Option(help="Context of the kubeconfig; absent: its current one.")] = None,
    namespace: Annotated[
        list[str] | None, typer.Option("--namespace", "-n", help="Watch only this one; may be repeated. Absent: all.")
    ] = None,
    home: Annotated[
        str, typer.Option(envvar="POD_NAMESPACE", help="The operator's own namespace, for the key of its fingerprints.")
    ] = "ams-operator",
    lease: Annotated[
        str, typer.Option(envvar="AMS_LEASE", help="The Lease in that namespace whose holder acts; others stand by.")
    ] = "ams-operator",
    no_lease: Annotated[
        bool, typer.Option("--no-lease", help="Act at once: no other operator runs for these namespaces.")
    ] = False,
    listen: Annotated[str, typer.Option(envvar="AMS_LISTEN", help="Address of probes and metrics.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(envvar="AMS_PORT", min=0, max=65535, help="Port of probes and metrics; 0: any free one.")
    ] = 8080,
    workers: Annotated[
        int, typer.Option(envvar="AMS_WORKERS", min=1, max=256, help="Resources of an account worked on at a time.")
    ] = 16,
    migration_poll: Annotated[
        float,
        typer.Option(
            envvar="AMS_MIGRATION_POLL",
            min=0.1,
            max=3600,
            help="Seconds between looks at channels, programs and jobs of accounts that are sources of a migration.",
        ),
    ] = 60.0,
    cache_dir: Annotated[
        Path | None,
        typer.Option(
            envvar="AMS_CACHE_DIR", help="Where half-read inventories of large accounts are kept; absent: nowhere."
        ),
    ] = None,
    mass_change_limit: Annotated[
        int,
        typer.Option(
            envvar="AMS_MASS_CHANGE_LIMIT",
            min=0,
            help="Changes of one account, and a tenth of it, that another version of the operator may make unasked.",
        ),
    ] = 20,
    owner_id: Annotated[
        str | None,
        typer.Option(
            envvar="AMS_OWNER_ID",
            help="Names this cluster in tags of what it manages, so that others keep away; absent: no tags.",
        ),
    ] = None,
    labelled_secrets_only: Annotated[
        bool,
        typer.Option(
            "--labelled-secrets-only",
            envvar="AMS_LABELLED_SECRETS_ONLY",
            help="Read a Secret for an object only where its label ams-operator.dev/use permits that use.",
        ),
    ] = False,
    log_format: Annotated[LogFormat, typer.Option(envvar="AMS_LOG_FORMAT", help="json or human.")] = LogFormat.JSON,
    log_level: Annotated[str, typer.Option(envvar="AMS_LOG_LEVEL", help="debug, info, warning or error.")] = "info",
) -> None:
    """Run the operator until it gets SIGTERM or SIGINT."""
    from ams_operator import logs, main
    from ams_operator.domain.answers import KubeDown, KubeRefused
    from ams_operator.kube.access import NoAccess
    from ams_operator.leading import TermOver

    level = logging.getLevelNamesMapping().get(log_level.upper())
    if level is None:
        raise typer.BadParameter(
            f"{clean(log_level, 40)!r} is none of debug, info, warning, error", param_hint="--log-level"
        )
    redactor = logs.Redactor()
    logs.setup(log_format.value, redactor, level)
    logs.hook()
    names = tuple(namespace or ())
    held = None if no_lease else lease
    settings = main.Settings(
        kubeconfig,
        context,
        names,
        home,
        held,
        listen,
        port,
        workers,
        migration_poll,
        cache_dir,
        mass_change_limit,
        (owner_id or "").strip(),
        labelled_secrets_only,
    )
    try:
        uvloop.run(main.run(settings, redactor))
    except TermOver as error:
        logging.getLogger(__name__).error("%s", error)
        raise typer.Exit(1) from None
    except (NoAccess, KubeDown, KubeRefused, OSError) as error:
        logging.getLogger(__name__).error("cannot run: %s", error)
        raise typer.Exit(1) from None


app.command()(request)
app.add_typer(migrate.app, name="migrate")


@app.command()
def crds(
    write: Annotated[Path | None, typer.Option(help="Write one file per kind into this directory.")] = None,
    check: Annotated[Path | None, typer.Option(help="Only say whether this directory is up to date.")] = None,
) -> None:
    """The CustomResourceDefinitions, made from the models."""
    if check is not None:
        problems = check_crds(check)
        for problem in problems:
            print(problem, file=sys.stderr)
        raise typer.Exit(1 if problems else 0)
    if write is None:
        raise typer.BadParameter("say where to: --write crds, or --check crds")
    for path in write_crds(write):
        print(path)


@app.command()
def version() -> None:
    """The version of this program."""
    print(installed("ams-operator"))
