"""Build the programs of a control plane from their Go modules."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from ams_devcluster.cache import Progress
from ams_devcluster.errors import DevclusterError
from ams_devcluster.narrate import run_narrated
from ams_devcluster.source import PROGRAMS, GoModule
from ams_devcluster.toolchain import Toolchain, install, on_path

_NEEDED_BYTES = 5 * 2**30  # measured: 2.9 GB of compiled packages, 0.6 GB of sources, 0.3 GB of binaries


def build(module: GoModule, root: Path, progress: Progress, environ: Mapping[str, str]) -> None:
    """Build `module` into `root/<key>`; the caller holds the lock.

    Sources and compiled packages lie in `root/build-<key>` until all is built, so that an interrupted build goes on
    where it was; the result appears by one rename. Raises DevclusterError with the end of the compiler's output.
    """
    root.mkdir(parents=True, exist_ok=True)
    _check_space(root)
    work = root / f"build-{module.key}"
    (work / "tmp").mkdir(parents=True, exist_ok=True)
    # A killed builder's compiler may still write into its own directory: each builder has another one.
    for left in work.glob("bin-*"):
        shutil.rmtree(left, ignore_errors=True)
    output = work / f"bin-{os.getpid()}"
    output.mkdir()
    toolchain = on_path(module.go_version, environ) or install(work / "toolchain", progress, environ)
    environment = _go_environment(environ, toolchain, work)
    for number, program in enumerate(PROGRAMS, start=1):
        _compile(module, program, number, toolchain, output, environment, progress)
    output.rename(root / module.key)
    _remove(work, progress, environ)


def _compile(
    module: GoModule,
    program: str,
    number: int,
    toolchain: Toolchain,
    output: Path,
    environment: Mapping[str, str],
    progress: Progress,
) -> None:
    version = module.kubernetes_version
    major, minor, _ = version.removeprefix("v").split(".", 2)
    names = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    flags = " ".join(["-s -w", *(f"-X k8s.io/component-base/version.{name}={value}" for name, value in names.items())])
    command = [str(toolchain.go), "build", "-v", "-trimpath", "-buildvcs=false", "-ldflags", flags]
    log = output.parent / f"{program}.log"

    def describe(lines: list[str]) -> str:
        what = (
            f"Building {program} for Kubernetes {version} ({number} of {len(PROGRAMS)}; all take 4 to 8 minutes, once)"
        )
        compiled = [line for line in lines if not line.startswith("go: ")]
        if compiled:
            return f"{what}: {len(compiled)} packages compiled, at {compiled[-1]}"
        return f"{what}: {len(lines)} modules downloaded" if lines else what

    code = run_narrated(
        [*command, "-o", f"{output}{os.sep}", f"./{program}"],
        log,
        describe,
        progress,
        env=environment,
        cwd=module.directory,
    )
    if code != 0:
        end = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise DevclusterError(
            f"Building {program} failed; a second try goes on where this one stopped, "
            f"and KUBEBUILDER_ASSETS can name ready-made binaries instead. go said:\n{end}"
        )


def _go_environment(environ: Mapping[str, str], toolchain: Toolchain, work: Path) -> dict[str, str]:
    """The user's environment (proxies stay), less what would change the build, plus places of our own."""
    changed = {"GOOS", "GOARCH", "GOEXPERIMENT"} | ({"GOROOT"} if toolchain.own else set())
    return {name: value for name, value in environ.items() if name not in changed} | {
        "CGO_ENABLED": "0",
        "GOCACHE": str(work / "compiled"),
        "GOFLAGS": "-mod=readonly -modcacherw",
        "GOMODCACHE": str(work / "modules"),
        "GOPATH": str(work / "path"),
        "GOTMPDIR": str(work / "tmp"),
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }


def _remove(work: Path, progress: Progress, environ: Mapping[str, str]) -> None:
    """Remove the gigabytes of the build, which takes several seconds; what is left by an interruption does no harm."""
    log = work.with_suffix(".log")
    run_narrated(
        ["rm", "-rf", str(work)],
        log,
        lambda _lines: "Removing the sources and compiled packages of the build",
        progress,
        env=environ,
    )
    log.unlink(missing_ok=True)


def _check_space(root: Path) -> None:
    free = shutil.disk_usage(root).free
    if free < _NEEDED_BYTES:
        raise DevclusterError(
            f"Building the control plane needs {_NEEDED_BYTES >> 30} GB for a while, {root} has {free / 2**30:.1f} GB. "
            "Free some space, or set AMS_DEVCLUSTER_CACHE to a directory on a larger disk."
        )
