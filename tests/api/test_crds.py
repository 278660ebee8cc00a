"""The files of crds/ are what the models generate."""

from importlib.resources import files
from pathlib import Path

import yaml

import ams_operator.api
from ams_operator.api import shipped
from ams_operator.api.base import SCHEMA_ANNOTATION
from ams_operator.api.crd import crd, schema_hash
from ams_operator.api.kinds import KINDS, MADE
from ams_operator.api.status import ResourceStatus
from ams_operator.cli.crds import check_crds, write_crds

CRDS = Path(__file__).parents[2] / "crds"


def test_crds_are_what_the_models_generate() -> None:
    assert check_crds(CRDS) == []


def test_check_names_each_file_that_is_wrong(tmp_path: Path) -> None:
    first, second, *_ = write_crds(tmp_path)
    assert check_crds(tmp_path) == []
    first.write_text("changed by hand", encoding="utf-8")
    second.unlink()
    (tmp_path / "ams-operator.dev_gone.yaml").write_text("", encoding="utf-8")
    changed, missing, left = check_crds(tmp_path)
    assert first.name in changed
    assert "not what the models generate" in changed
    assert second.name in missing
    assert "missing" in missing
    assert "ams-operator.dev_gone.yaml" in left


def test_write_removes_files_of_kinds_that_are_gone(tmp_path: Path) -> None:
    (tmp_path / "ams-operator.dev_gone.yaml").write_text("", encoding="utf-8")
    assert {path.name for path in write_crds(tmp_path)} == {path.name for path in tmp_path.iterdir()}


def test_the_operator_knows_what_they_are_called() -> None:
    text = files(ams_operator.api).joinpath(shipped.FILE).read_text("utf-8")
    assert text == shipped.hashes(), "run `make crds`"


def test_the_files_can_be_read_back() -> None:
    for kind in (*KINDS, *MADE):
        assert yaml.safe_load((CRDS / f"ams-operator.dev_{kind.plural}.yaml").read_text("utf-8")) == crd(kind)


def test_no_tool_may_delete_a_crd_by_pruning() -> None:
    for kind in (*KINDS, *MADE):
        annotations = crd(kind)["metadata"]["annotations"]
        assert annotations["argocd.argoproj.io/sync-options"] == "Prune=false,Delete=false"
        assert annotations["helm.sh/resource-policy"] == "keep"
        assert annotations[SCHEMA_ANNOTATION] == schema_hash(kind)


def test_names_of_kinds_are_frozen() -> None:
    """Part of the API version: manifests, roles and scripts use them."""
    assert {kind.kind: (kind.plural, kind.short_name) for kind in (*KINDS, *MADE)} == {
        "MediaServicesBackend": ("mediaservicesbackends", "amsbackend"),
        "MediaServicesAccount": ("mediaservicesaccounts", "amsaccount"),
        "Transform": ("transforms", "amstransform"),
        "Asset": ("assets", "amsasset"),
        "LiveEvent": ("liveevents", "amsevent"),
        "LiveOutput": ("liveoutputs", "amsoutput"),
        "StreamingEndpoint": ("streamingendpoints", "amsendpoint"),
        "MigrationReport": ("migrationreports", "amsmigration"),
    }


def test_members_of_a_status_are_frozen_and_none_takes_a_secret() -> None:
    """Ingest URLs contain the token and preview URLs the locator: both belong into the connection Secret."""
    own = {kind.kind: set(kind.status.model_fields) - set(ResourceStatus.model_fields) for kind in KINDS if kind.status}
    assert own == {
        "MediaServicesAccount": {"media_service_id", "location", "migration"},
        "Transform": set(),
        "Asset": {"asset_id", "container", "storage_account_name", "storage_encryption_format"},
        "LiveEvent": {"connection_secret", "first_running_at", "first_running_for"},
        "LiveOutput": {"asset_name", "manifest_name"},
        "StreamingEndpoint": {"host_name", "scale_units", "cdn_enabled"},
    }


def test_kinds_are_found_by_short_names_that_collide_with_nobody() -> None:
    for kind in (*KINDS, *MADE):
        names = crd(kind)["spec"]["names"]
        assert names.get("categories") == (None if kind in MADE else ["ams"])
        assert all(name.startswith("ams") for name in names["shortNames"])
