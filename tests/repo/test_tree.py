"""What every file in the repository has to obey."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.repo.conftest import ROOT

LONGEST = 300
PUBLIC = {"pypi.org", "files.pythonhosted.org", "proxy.golang.org", "sum.golang.org"}
LOCKS = ("requirements.lock", "requirements-operator.lock", "requirements-build.lock", "requirements-sbom.lock")


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def test_no_file_names_a_place_on_somebodys_machine(tracked: list[Path]) -> None:
    place = re.compile(r"(?<![\w.])/(?:root|work|home|Users)/\w")
    own = Path(__file__)
    assert [str(path) for path in tracked if path != own and place.search(text_of(path))] == []


def test_no_file_names_the_package_registry_of_this_machine(tracked: list[Path]) -> None:
    options = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    values = [options, *(value for name, value in os.environ.items() if re.search("INDEX|PROXY|REGISTRY", name))]
    urls = re.findall(r"https?://[^\s'\",|]+", "\n".join(values))
    hosts = {host for url in urls if (host := urlsplit(url).hostname)} - PUBLIC - {"127.0.0.1", "localhost"}
    if not hosts:
        pytest.skip("this machine uses the public registries only")
    assert [(str(path), host) for path in tracked for host in hosts if host in text_of(path)] == []


@pytest.mark.parametrize("name", LOCKS)
def test_lock_files_have_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text
    entries = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("name", LOCKS[1:3])
def test_image_has_the_versions_that_are_tested(name: str) -> None:
    pin = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)
    tested = dict(pin.findall((ROOT / LOCKS[0]).read_text(encoding="utf-8")))
    shipped = dict(pin.findall((ROOT / name).read_text(encoding="utf-8")))
    assert shipped
    assert {package: version for package, version in shipped.items() if tested.get(package) != version} == {}


def test_every_dependency_of_the_operator_is_in_its_lock() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / LOCKS[1]).read_text(encoding="utf-8"), re.MULTILINE))
    wanted = {re.split(r"[<>=~! ]", requirement)[0].lower() for requirement in project["dependencies"]}
    assert wanted <= locked


@pytest.mark.parametrize("name", ["pyproject.toml", "emulator/pyproject.toml", "devcluster/pyproject.toml"])
def test_every_dependency_says_why(name: str) -> None:
    found = re.search(r"^dependencies = \[\n(.*?)^\]", (ROOT / name).read_text(encoding="utf-8"), re.M | re.S)
    assert found is not None
    lines = [line for line in found[1].splitlines() if line.strip()]
    assert [line for line in lines if not re.search(r"#\s*\S", line)] == []


def test_every_tool_says_why() -> None:
    lines = (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not re.search(r"#\s*\S", line)] == []


def test_product_files_are_short(tracked: list[Path]) -> None:
    top = ("operator", "emulator", "devcluster", "demo")
    product = [path for path in tracked if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in top]
    lengths = {str(path.relative_to(ROOT)): len(text_of(path).splitlines()) for path in product}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


def test_types_are_ignored_only_with_a_reason(tracked: list[Path]) -> None:
    bare = re.compile(r"#\s*type: ignore(?:\[[^\]]*\])?\s*$", re.MULTILINE)
    assert [str(path) for path in tracked if path.suffix == ".py" and bare.search(text_of(path))] == []


def test_image_holds_the_operator_only() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)
    allowed = {*LOCKS[1:], "pyproject.toml", "README.md", "LICENSE", "operator/ams_operator"}
    assert {name for line in copied for name in line.split()} <= allowed
    final = dockerfile.split("\nFROM ")[-1]
    assert re.search(r"^USER [1-9]\d*", final, re.MULTILINE)
    assert "RUN" not in final
    assert "AMS_LISTEN=0.0.0.0" in final, "the kubelet asks from outside the pod, and the default is loopback"
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored
    assert {line[1:] for line in ignored if line.startswith("!")} <= {*allowed, "operator"}


def test_wheel_holds_the_operator_only() -> None:
    built = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    assert built["targets"]["wheel"]["packages"] == ["operator/ams_operator"]


def test_license_is_the_whole_apache_license() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_operator_folder_is_no_package() -> None:
    assert not (ROOT / "operator" / "__init__.py").exists(), "it would hide the standard library's `operator`"


def test_ci_runs_what_the_readme_says() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "step make lint" in script
    assert re.search(r"AMS_CRASH=full AMS_VARIANTS=all step make test$", script, re.MULTILINE)
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
