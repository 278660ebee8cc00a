"""Writing and checking the files of `crds/`."""

from pathlib import Path

from ams_operator.api.crd import crd_file_name, crd_yaml
from ams_operator.api.kinds import KINDS, MADE


def write_crds(directory: Path) -> list[Path]:
    """Write one file per kind, remove files of kinds that are gone, return the files written."""
    directory.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for kind in (*KINDS, *MADE):
        path = directory / crd_file_name(kind)
        path.write_text(crd_yaml(kind), encoding="utf-8")
        written.append(path)
    for path in directory.glob("*.yaml"):
        if path not in written:
            path.unlink()
    return written


def check_crds(directory: Path) -> list[str]:
    """What is wrong with the files of `directory`, one sentence each; empty if they are what the models generate."""
    wrong: list[str] = []
    expected = {crd_file_name(kind): crd_yaml(kind) for kind in (*KINDS, *MADE)}
    for name, text in expected.items():
        path = directory / name
        if not path.exists():
            wrong.append(f"{path} is missing; run `make crds`")
        elif path.read_text(encoding="utf-8") != text:
            wrong.append(f"{path} is not what the models generate; run `make crds`")
    wrong += [
        f"{path} belongs to no kind; delete it"
        for path in sorted(directory.glob("*.yaml"))
        if path.name not in expected
    ]
    return wrong
