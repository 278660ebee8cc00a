"""What the API server accepts and refuses, in its own words, for every kind."""

import os
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.admission.cluster_client import Cluster, manifest

pytestmark = pytest.mark.cluster

HERE = Path(__file__).parent
GOLDEN = HERE / "golden.yaml"
CASES: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "cases.yaml").read_text(encoding="utf-8"))
WORDS: dict[str, list[str]] = yaml.safe_load(GOLDEN.read_text(encoding="utf-8")) if GOLDEN.exists() else {}
OUTPUTS = CASES["bases"]["outputs"]


def expect(case: str, says: list[str]) -> None:
    """The API server says exactly what golden.yaml has; with AMS_UPDATE_GOLDEN=1 that is written instead."""
    if not os.environ.get("AMS_UPDATE_GOLDEN"):
        assert says == WORDS.get(case), f"{case}: see golden.yaml"
        return
    words = {**(yaml.safe_load(GOLDEN.read_text(encoding="utf-8")) if GOLDEN.exists() else {}), case: says}
    known = {case: says for case, says in words.items() if case in {**CASES["refused"], **CASES["changes"]}}
    GOLDEN.write_text(yaml.safe_dump(known, width=120, allow_unicode=True), encoding="utf-8")


def built(case: dict[str, Any]) -> dict[str, Any]:
    """The object of a case."""
    body = manifest(case["kind"], case.get("name", "sample"), deepcopy(case.get("spec")))
    if body["spec"] is None:
        del body["spec"]
    if case.get("long") == "azureName":
        body["spec"]["azureName"] = "a" * 261
    if case.get("long") == "metadata.name":
        body["metadata"]["name"] = "a" * 243
    if case.get("long") == "tags":
        body["spec"]["tags"] = {"k" * 513: "v"}
    if repeat := case.get("repeat"):
        body["spec"][repeat["path"]] *= repeat["times"]
    return body


@pytest.mark.parametrize("case", CASES["accepted"])
def test_accepted(cluster: Cluster, namespace: str, case: str) -> None:
    body = built(CASES["accepted"][case])
    assert cluster.create(body, namespace, dry=True).says == [""]
    assert cluster.apply(body, namespace, dry=True).says == [""]


@pytest.mark.parametrize("case", CASES["refused"])
def test_refused(cluster: Cluster, namespace: str, case: str) -> None:
    answer = cluster.create(built(CASES["refused"][case]), namespace, dry=True)
    assert not answer.accepted
    expect(case, answer.says)


@pytest.mark.parametrize("case", CASES["changes"])
def test_changes(cluster: Cluster, namespace: str, case: str) -> None:
    """Each change both ways that people apply: server-side, and client-side as a patch of the difference."""
    change = CASES["changes"][case]
    base = change.get("base", {"outputs": OUTPUTS})
    name = "contoso" if change["kind"] == "MediaServicesAccount" else "sample"
    before = manifest(change["kind"], name, {**base, **change["from"]})
    after = manifest(change["kind"], name, {**base, **change["to"]})
    assert cluster.apply(before, namespace).says == [""]
    gone = {key: None for key in change["from"] if key not in change["to"]}
    merged = cluster.merge(before, namespace, {"spec": {**gone, **change["to"]}}, dry=True)
    applied = cluster.apply(after, namespace)
    assert applied.accepted == merged.accepted == change["allowed"], applied.says
    if not change["allowed"]:
        assert applied.says == merged.says
        expect(case, applied.says)


def test_null_is_refused_server_side_and_means_absent_client_side(cluster: Cluster, namespace: str) -> None:
    body = manifest("Transform", "sample", {"description": None, "outputs": OUTPUTS})
    answer = cluster.apply(body, namespace, dry=True)
    assert not answer.accepted
    assert "must be of type string" in answer.body["message"]
    created = cluster.create(body, namespace, dry=True)
    assert "description" not in created.body["spec"]


def test_the_same_words_server_side(cluster: Cluster, namespace: str) -> None:
    """Server-side apply is validated by the same rules."""
    body = built(CASES["refused"]["two presets in one output"])
    assert cluster.apply(body, namespace, dry=True).says == WORDS["two presets in one output"]


def test_nothing_is_defaulted(cluster: Cluster, namespace: str) -> None:
    """No field appears that nobody wrote; else Argo CD would show a difference for ever."""
    body = manifest("Transform", "sample", {"outputs": OUTPUTS})
    assert cluster.create(body, namespace, dry=True).body["spec"] == body["spec"]


def test_golden_has_no_words_of_cases_that_are_gone() -> None:
    known = {*CASES["refused"], *(case for case, change in CASES["changes"].items() if not change["allowed"])}
    assert WORDS.keys() == known
