"""`devcluster`: a local control plane for people."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from ams_devcluster import background, cache
from ams_devcluster.binaries import Binaries, find, find_or_build
from ams_devcluster.errors import DevclusterError
from ams_devcluster.files import Files
from ams_devcluster.progress import narrated

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    # One line a paragraph: typer keeps line breaks, and the terminal's width is none of this file's.
    help="A real Kubernetes control plane on this machine: etcd, kube-apiserver and kube-controller-manager as "
    "ordinary processes on 127.0.0.1. No containers, no nodes, so no pods run; everything about objects is the real "
    "thing.\n\n"
    "The programs are built once from their Go modules (4 to 8 minutes; a Go toolchain is fetched for that if there "
    "is none) and kept in the user's cache directory, or in AMS_DEVCLUSTER_CACHE. KUBEBUILDER_ASSETS names a "
    "directory with ready-made programs instead.",
)

Directory = Annotated[
    Path | None,
    typer.Option(
        "--dir",
        envvar="AMS_DEVCLUSTER_DIR",
        help="The cluster's directory; one cluster each.",
        show_default="~/.local/state/ams-devcluster",
    ),
]


@app.command()
def up(directory: Directory = None) -> None:
    """Start a cluster that runs until `down`, and print how to reach it."""
    with _told() as console:
        place = _place(directory)
        already = {"etcd", "kube-apiserver"} <= background.running(place).keys()
        with narrated(console) as progress:
            binaries = find_or_build(progress)
            progress("Starting etcd, kube-apiserver and kube-controller-manager")
            kubeconfig = background.up(binaries, place)
        console.print("The cluster is running already." if already else "The cluster is ready.")
        if binaries.kube_controller_manager is None:
            console.print("It has no kube-controller-manager: deleted namespaces stay Terminating.")
        _print_hints(console, binaries, directory)
    # The only line on standard output, so that `eval "$(devcluster up)"` works.
    typer.echo(f"export KUBECONFIG={shlex.quote(str(kubeconfig))}")


@app.command()
def down(
    directory: Directory = None,
    keep_data: Annotated[
        bool, typer.Option("--keep-data", help="The next `up` goes on with the same objects.")
    ] = False,
) -> None:
    """Stop the cluster and remove its data."""
    with _told() as console:
        was_running = background.down(_place(directory), keep_data=keep_data)
        console.print("The cluster is stopped." if was_running else "No cluster was running.")


@app.command()
def kubeconfig(directory: Directory = None) -> None:
    """Print the path of the running cluster's kubeconfig."""
    with _told():
        typer.echo(str(_running(_place(directory)).kubeconfig))


@app.command()
def status(directory: Directory = None) -> None:
    """Tell what runs and which programs are used; exit code 1 where no cluster runs."""
    with _told() as console:
        place = _place(directory)
        binaries = find()
        kept = f"{binaries.etcd.parent}" if binaries else "none yet; `devcluster build` makes them"
        console.print(f"Programs: {kept}", highlight=False, soft_wrap=True)
        pids = background.running(place)
        running = ", ".join(f"{name} (pid {pid})" for name, pid in sorted(pids.items())) or "nothing"
        console.print(f"Running in {place}: {running}", highlight=False, soft_wrap=True)
        if not {"etcd", "kube-apiserver"} <= pids.keys():
            raise typer.Exit(1)


@app.command()
def build() -> None:
    """Make sure that the programs exist: find them, or build them once."""
    with _told() as console:
        with narrated(console) as progress:
            binaries = find_or_build(progress)
        console.print(f"The control plane's programs are in {binaries.etcd.parent}", highlight=False, soft_wrap=True)


@app.command()
def clean() -> None:
    """Remove the programs from the cache; the next use builds them again."""
    with _told() as console:
        for path in cache.clean():
            console.print(f"Removed {path}", highlight=False, soft_wrap=True)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def kubectl(context: typer.Context) -> None:
    """Run the kubectl of the same version against the running cluster (AMS_DEVCLUSTER_DIR names another directory)."""
    with _told():
        binaries = find()
        if binaries is None or binaries.kubectl is None:
            raise DevclusterError(
                "The programs in use have no kubectl; run `devcluster build`, or use a kubectl of yours"
            )
        named = os.environ.get("AMS_DEVCLUSTER_DIR")
        config = _running(_place(Path(named) if named else None)).kubeconfig
        _become(binaries.kubectl, context.args, config)


def main() -> None:
    """The console script."""
    app(prog_name="devcluster")


def _become(program: Path, arguments: list[str], config: Path) -> NoReturn:
    os.execve(program, [str(program), *arguments], {**os.environ, "KUBECONFIG": str(config)})  # noqa: S606


def _place(directory: Path | None) -> Path:
    return (directory or background.default_directory()).expanduser().resolve()


def _running(place: Path) -> Files:
    if "kube-apiserver" not in background.running(place):
        raise DevclusterError(f"No cluster runs in {place}; start one with `devcluster up`")
    return Files(place)


def _print_hints(console: Console, binaries: Binaries, directory: Path | None) -> None:
    option = f" --dir {shlex.quote(str(directory))}" if directory else ""
    if shutil.which("kubectl") is None and binaries.kubectl is not None:
        console.print("There is no kubectl on PATH; `devcluster kubectl get namespaces` uses the one of the cluster.")
    elif shutil.which("kubectl") is None:
        console.print("There is no kubectl on PATH; install one to look around.")
    console.print(f"`devcluster down{option}` stops it. To use it in this shell:", highlight=False, soft_wrap=True)


@contextmanager
def _told() -> Iterator[Console]:
    """A console on standard error; errors that a person can cure end the command with their message only."""
    console = Console(stderr=True)
    try:
        yield console
    except DevclusterError as error:
        console.print(f"Error: {error}", markup=False, highlight=False, soft_wrap=True, style="red")
        raise typer.Exit(2) from error
    except KeyboardInterrupt:
        console.print("Interrupted.")
        sys.exit(130)
