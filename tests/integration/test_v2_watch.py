"""An annotated account says how far its migration is, and nobody else notices: the operator, the API server and the
emulator as they are, over TLS."""

from __future__ import annotations

import base64
import json
import subprocess
import warnings
import zlib
from collections.abc import Iterator

import pytest
from tests.integration.rig import Rig
from tests.integration.v2_source import TYPES, Sources, V2Source, sources
from tests.migration.conftest import Source
from tests.migration.secrets_of import SECRETS
from tests.patience import until
from typer.testing import CliRunner

from ams_emulator.control_client import Control
from ams_emulator.testing import Emulator
from ams_operator.cli.app import app
from ams_operator.domain.model import AccountId

LARGEST = 256 << 10
READ_ONCE = ("LIST v2/Assets", "LIST v2/Locators", "LIST v2/Tasks", "LIST v2/ContentKeys")


@pytest.fixture
def make(rig: Rig, account_names: Iterator[str]) -> Sources:
    return sources(rig, account_names)


@pytest.fixture(autouse=True)
def nothing_is_written(emulator: Emulator, rig: Rig) -> Iterator[None]:
    """Whatever a test does, version 2 is only read, and no fault of ours is in the log."""
    yield
    errors = [line for line in rig.operator.text().splitlines() if '"level": "error"' in line]
    assert not [line for line in errors if "ams_operator.migration" in line]
    written = [one for one in emulator.control.log(api="v2") if one["access"] != "read" or one["method"] != "GET"]
    assert not written


def test_an_account_says_what_it_has_until_it_is_no_source_any_more(rig: Rig, make: Sources, kubectl: str) -> None:
    source = make("broadcaster")
    with rig.running():
        source.says("V2InventoryReady", "Complete")
        source.says("V3AccessReady", "Ready")
        assert set(source.conditions()) == set(TYPES)
        _the_report_is_bounded_and_belongs_to_the_account(source)
        _a_page_is_made_of_what_kubectl_prints(source, kubectl)
        source.polls(3)
        _idle_polls_write_nothing(source)
        _the_engine_and_the_watch_leave_each_other_alone(source)
        _no_secret_is_anywhere(rig, source)
        _retired_means_frozen(source)
        before = source.status()
        source.annotate(None)
        until(lambda: not source.conditions(), "the conditions are gone")
        until(lambda: source.report() is None, "the report is gone")
        after = source.status()
        assert "migration" not in after
        assert after["record"] == before["record"]
        assert rig.cluster.ready("MediaServicesAccount", source.name)


def _the_report_is_bounded_and_belongs_to_the_account(source: V2Source) -> None:
    report, account = source.report(), source.rig.cluster.get("MediaServicesAccount", source.name)
    assert report is not None
    assert account is not None
    owner = report["metadata"]["ownerReferences"][0]
    assert (owner["kind"], owner["uid"]) == ("MediaServicesAccount", account["metadata"]["uid"])
    assert len(json.dumps(report)) < LARGEST
    assert account["status"]["migration"]["report"] == source.name
    said = {one["type"]: (one["status"], one["reason"]) for one in report["status"]["conditions"]}
    assert set(said) == set(TYPES)


def _a_page_is_made_of_what_kubectl_prints(source: V2Source, kubectl: str) -> None:
    if not kubectl:
        warnings.warn("there is no kubectl: what it prints is not tried", stacklevel=1)
        return
    rig = source.rig
    command = [kubectl, f"--kubeconfig={rig.operator.kubeconfig}", "get", "-n", rig.cluster.namespace]
    for what, form in (("migrationreport", "yaml"), ("mediaservicesaccount,migrationreport", "json")):
        printed = subprocess.run([*command, what, source.name, "-o", form], capture_output=True, check=True).stdout
        made = CliRunner().invoke(app, ["migrate", "report", "--from", "-", "-o", "json"], input=printed)
        assert made.exit_code == 0, made.output
        found = json.loads(made.stdout)
        told = {one["type"]: one["status"] for step in found["steps"] for one in step["conditions"]}
        assert told == {name: one["status"] for name, one in source.conditions().items()}
        assert found["account"] == f"{rig.cluster.namespace}/{source.name}"
        assert found["begun"]
        assert found["gaps"]
        assert all(one["set"] for one in found["targets"])


def _idle_polls_write_nothing(source: V2Source) -> None:
    before, asked = source.versions(), source.asked("GET mediaservices")
    source.polls(10)
    assert source.versions() == before
    # The target is looked at with each poll; the engine's own looks are not more for it.
    assert source.asked("GET mediaservices") - asked <= 14


def _the_engine_and_the_watch_leave_each_other_alone(source: V2Source) -> None:
    """Each writes after the other did, and takes nothing of what the other wrote away."""
    transitions = {name: one["lastTransitionTime"] for name, one in source.conditions().items()}
    source.apply(driftInterval="20s")
    cluster = source.rig.cluster
    generation = cluster.get("MediaServicesAccount", source.name)["metadata"]["generation"]  # type: ignore[index]  # it is there

    def followed() -> bool:
        conditions = source.status()["conditions"]
        return len(conditions) > len(TYPES) and all(one["observedGeneration"] == generation for one in conditions)

    until(followed, "both speak of the new generation")
    assert set(source.conditions()) == set(TYPES)
    assert {name: one["lastTransitionTime"] for name, one in source.conditions().items()} == transitions
    managers = {
        entry["manager"]
        for entry in cluster.get("MediaServicesAccount", source.name)["metadata"]["managedFields"]  # type: ignore[index]  # it is there
        if entry.get("subresource") == "status"
    }
    assert managers == {"ams-operator", "ams-operator-migration"}


def _no_secret_is_anywhere(rig: Rig, source: V2Source) -> None:
    account = AccountId(rig.emulator.subscription_id, source.group, source.azure_name)
    secrets = SECRETS(Source(rig.emulator, account, None))  # type: ignore[arg-type]  # reads the emulator's log alone
    _the_target_shows_its_secrets_to_the_operator(source, secrets)
    report = source.report()
    assert report is not None
    shown = json.dumps([source.status(), report]) + _unpacked(report["status"]["checkpoint"]) + rig.operator.text()
    assert "getPolicyPropertiesWithSecrets: 200" in shown
    assert not [secret for secret in secrets | {rig.emulator.client_secret} if secret in shown]


def _the_target_shows_its_secrets_to_the_operator(source: V2Source, secrets: set[str]) -> None:
    """One policy gets a key of version 2, which is not that policy's."""
    targets = source.report()["status"]["targets"]  # type: ignore[index]  # it is there
    made = next(one for one in targets if one["kind"] == "ContentKeyPolicy" and "Widevine" in str(one.get("fields")))
    options = made["fields"]["options"]
    for option in options:
        option["restriction"]["primaryVerificationKey"]["keyValue"] = sorted(secrets)[0]
    policy = f"{source.id}/contentKeyPolicies/{made['name']}"
    source.rig.emulator.control.put_out_of_band(policy, {"properties": {"options": options}})
    until(lambda: source.asked("POST getpolicypropertieswithsecrets") == 1, "its secrets are compared")
    source.polls(2)
    assert source.asked("POST getpolicypropertieswithsecrets") == 1
    source.rig.emulator.control.delete_out_of_band(policy)


def _unpacked(checkpoint: str) -> str:
    """What is inside of a checkpoint, behind its seal."""
    found = json.loads(checkpoint[checkpoint.index("{") :])
    packed = [found["head"], *found["sets"].values()]
    return "".join(zlib.decompress(base64.b64decode(one)).decode() for one in packed)


def _retired_means_frozen(source: V2Source) -> None:
    before = source.conditions()
    source.annotate("retired")
    source.says("V2AccessReady", "V2Retired")
    after = source.conditions()
    assert {name: one["status"] for name, one in after.items()} == {name: one["status"] for name, one in before.items()}
    assert {one["reason"] for one in after.values()} == {"V2Retired"}
    told = (source.report() or {})["status"]
    assert source.status()["migration"]["retired"] == told["retired"]
    asked = source.asked("LIST v2/Channels")
    sweeps = source.asked("LIST transforms")
    source.rig.transform("probe", accountRef={"name": source.name})
    source.rig.cluster.ready("Transform", "probe")
    until(lambda: source.asked("LIST transforms") > sweeps, "a sweep")
    assert source.asked("LIST v2/Channels") <= asked + 1
    source.annotate("true")
    source.says("V2AccessReady", "Reachable")
    source.says("V2InventoryReady", "Complete")
    until(lambda: "retired" not in {**source.status()["migration"], **(source.report() or {})["status"]}, "asked")


def test_each_trouble_is_a_condition_and_version_3_goes_on(rig: Rig, make: Sources) -> None:
    """No version 2, a role that lacks, patience, an account that is gone: told, undone, and nobody else's trouble."""
    control = rig.emulator.control
    rig.operator.options = ("--migration-poll=4",)  # these accounts share the budget of one credential
    modern, denied, busy, gone, disabled, odd = make(""), make(), make(), make(), make(), make()
    control.deny(scope=denied.id, rights=["write"])
    control.fault("busy", {"path": f"/{busy.azure_name}/api/", "count": 0})
    control.v2_account(gone.id, retired=True)
    _answer_403(control, disabled)
    control.variants(**{"v2.retired": "410"})
    control.v2_put(odd.id, "Channels", Name="odd", State="Dreaming")
    control.v2_put(odd.id, "ContentKeys", Name="strange", ContentKeyType=99)
    control.v2_put(odd.id, "Jobs", Name="https://u:pa55@host/clip.mp4?sv=2019&sig=pa55", State=2)
    with rig.running():
        assert modern.says("V2AccessReady", "NoV2Endpoint")["status"] == "False"
        assert denied.says("V2AccessReady", "NotAuthorized")["status"] == "False"
        assert denied.says("V3AccessReady", "Forbidden")["status"] == "False"
        assert busy.says("V2AccessReady", "Throttled")["status"] == "Unknown"
        assert gone.says("V2AccessReady", "NoV2Endpoint")["status"] == "False"
        assert disabled.says("V2AccessReady", "AccountDisabled")["status"] == "False"
        odd.says("V2InventoryReady", "Complete")
        assert "clip.mp4?sv&sig" in odd.says("V2JobsDrained", "InFlight")["message"]
        assert "pa55" not in json.dumps([odd.status(), odd.report()]) + rig.operator.text()
        assert odd.says("FeatureGapsResolved", "Unacknowledged")
        for source in (modern, denied, busy, gone, disabled, odd):
            assert rig.cluster.ready("MediaServicesAccount", source.name)
        for source in (modern, busy, gone, disabled):
            rig.transform(f"in-{source.name}", accountRef={"name": source.name})
            rig.cluster.ready("Transform", f"in-{source.name}")
        control.v2_account(modern.id, enabled=True)
        control.allow_all()
        control.clear_faults()
        control.v2_account(gone.id, retired=False)
        for source in (modern, denied, busy, gone, disabled):
            # What may end the trouble is not waited for: another manifest, say.
            source.apply(driftInterval="30s")
            source.says("V2InventoryReady", "Complete")
        denied.says("V3AccessReady", "Ready")


def _answer_403(control: Control, source: V2Source) -> None:
    """As to an account that is disabled."""
    refusal = {"odata.error": {"code": "", "message": {"value": "The account is disabled."}}}
    matching = {"path": f"/{source.azure_name}/api/", "count": 0}
    control.fault("answer", matching, status=403, body=json.dumps(refusal))


def test_another_account_is_judged_as_the_target_and_a_report_of_somebody_else_is_left_alone(
    rig: Rig, make: Sources
) -> None:
    target = make("", annotated=False)
    source = make("small", annotated=False, migration={"targetAccountRef": {"name": target.name}})
    nobodys = make("small", annotated=False, migration={"targetAccountRef": {"name": "nobody"}})
    theirs = rig.cluster.apply("MigrationReport", source.name, {"account": "somebody"})
    with rig.running():
        for one in (source, nobodys):
            one.annotate()
        assert target.name in source.says("V3AccessReady", "Ready")["message"]
        assert source.says("DeliveryMigrated", "AssetMissingInTarget")["status"] == "False"
        assert nobodys.says("V3AccessReady", "NotFound")["status"] == "False"
        assert "report" not in source.status()["migration"]
        assert source.report() == theirs
        assert "somebody else's" in source.conditions()["V2InventoryReady"]["message"]
        rig.cluster.delete("MigrationReport", source.name)
        until(lambda: source.status()["migration"].get("report") == source.name, "it has a report of its own")
        assert "MigrationReport" not in source.conditions()["V2InventoryReady"]["message"]
        rig.cluster.delete("MediaServicesAccount", source.name)
        rig.cluster.gone("MediaServicesAccount", source.name)
        until(lambda: source.report() is None, "the report went with its account")


def test_a_token_that_is_refused_for_version_2_alone(rig: Rig, make: Sources) -> None:
    source = make("small", annotated=False)
    with rig.running():
        rig.cluster.ready("MediaServicesAccount", source.name)
        refusal = json.dumps({"error": "invalid_resource", "error_description": "AADSTS500011: unknown resource"})
        rig.emulator.control.fault(
            "answer", {"kind": "authority", "path": "/token", "count": 0}, status=400, body=refusal
        )
        source.annotate()
        assert source.says("V2AccessReady", "SignInRejected")["status"] == "False"
        assert rig.cluster.ready("MediaServicesAccount", source.name)
        rig.emulator.control.clear_faults()
        source.apply(driftInterval="30s")
        source.says("V2AccessReady", "Reachable")


def test_a_killed_operator_reads_no_finished_set_again(rig: Rig, make: Sources) -> None:
    """Conditions show while it still reads; killed half-way it goes on where it was; then a restart writes nothing."""
    source = make("broadcaster")
    control = rig.emulator.control
    barrier = control.barrier(method="GET", path=f"/{source.azure_name}/api/JobTemplates")
    rig.operator.start()
    barrier.wait(60)
    assert source.says("V2InventoryReady", "InProgress")["status"] == "Unknown"
    assert source.says("LiveStreamingMigrated", "NotPrepared")["status"] == "False"

    def kept() -> bool:
        report = source.report()
        return report is not None and report["status"]["inventory"]["done"] >= 15

    until(kept, "what was read is kept")
    rig.operator.kill()
    barrier.release("drop")
    control.reset_log()
    with rig.running():
        source.says("V2InventoryReady", "Complete")
        again = [kind for kind in READ_ONCE if kind != "LIST v2/Tasks" and source.asked(kind)]
        # Locators: one page is read to find an asset that can be asked whether it shows them in version 3.
        assert set(again) <= {"LIST v2/Locators"}
        assert source.asked("LIST v2/Tasks") > 0
        source.polls(3)
        before = source.versions()
    control.reset_log()
    with rig.running():
        source.polls(4)
        assert source.versions() == before
        assert not [kind for kind in READ_ONCE if source.asked(kind)]
