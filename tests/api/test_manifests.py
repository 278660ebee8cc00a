"""What manifests/ must agree upon with the code and with itself."""

from collections import Counter
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import yaml
from typer.main import get_command

from ams_operator.api.base import GROUP
from ams_operator.api.kinds import KINDS
from ams_operator.backends.addresses import allowed
from ams_operator.cli.app import app
from ams_operator.kube.candidacy import TIMEOUT
from ams_operator.main import DRAIN
from ams_operator.migration import beside

MANIFESTS = Path(__file__).parents[2] / "manifests"
EXAMPLES = MANIFESTS.parent / "examples"


def documents(name: str) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all((MANIFESTS / name).read_text(encoding="utf-8")) if one]


def granted(name: str, role: str) -> set[tuple[str, str]]:
    """(resource, verb) of our group that a role in a file grants."""
    (found,) = (one for one in documents(name) if one["kind"] == "ClusterRole" and one["metadata"]["name"] == role)
    return {
        (resource, verb)
        for rule in found["rules"]
        if GROUP in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def test_no_two_examples_are_one_object() -> None:
    """Whoever applies all of them into one namespace gets all of them."""
    found = [
        (one["kind"], one["metadata"]["name"])
        for path in sorted(EXAMPLES.rglob("*.yaml"))
        for one in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    ]
    assert [name for name, count in Counter(found).items() if count > 1] == []


def test_what_is_kept_beside_reports_has_room() -> None:
    """A directory that is too full has the pod evicted."""
    (pod,) = (one["spec"]["template"]["spec"] for one in documents("deployment.yaml") if one["kind"] == "Deployment")
    (room,) = (one["emptyDir"]["sizeLimit"] for one in pod["volumes"] if one["name"] == "tmp")
    assert int(room.removesuffix("Mi")) << 20 >= beside.MOST + beside.LARGEST


def test_every_kind_is_covered_by_the_roles() -> None:
    operator = granted("rbac.yaml", "ams-operator")
    for kind in KINDS:
        assert {(kind.plural, verb) for verb in ("get", "list", "watch")} <= operator
        if kind.status is None:
            continue
        assert {(kind.plural, "patch"), (f"{kind.plural}/status", "patch")} <= operator
        assert (kind.plural, "list") in granted("roles.yaml", "ams-operator-view")
        assert (kind.plural, "create") in granted("roles.yaml", "ams-operator-edit")
        assert (kind.plural, "approve") in granted("roles.yaml", "ams-operator-approve")
    (role,) = (one for one in documents("rbac.yaml") if one["kind"] == "ClusterRole")
    (crds,) = (rule for rule in role["rules"] if "customresourcedefinitions" in rule["resources"])
    assert crds["resourceNames"] == sorted(kind.crd_name for kind in KINDS)


def test_no_role_for_people_includes_a_status_or_a_backend() -> None:
    for role in ("ams-operator-view", "ams-operator-edit", "ams-operator-approve"):
        resources = {resource for resource, _ in granted("roles.yaml", role)}
        assert not any("/" in resource or "backend" in resource for resource in resources)


def test_every_request_has_a_role_that_allows_it() -> None:
    (policy, _) = documents("admission-requests.yaml")
    (known,) = (one["expression"] for one in policy["spec"]["variables"] if one["name"] == "known")
    verbs = set(yaml.safe_load(known))
    edit = {verb for _, verb in granted("roles.yaml", "ams-operator-edit")}
    approve = {verb for _, verb in granted("roles.yaml", "ams-operator-approve")}
    assert verbs <= edit | approve
    assert not verbs & edit & approve
    checked = {
        rule["message"].split("'")[1] for rule in policy["spec"]["validations"] if "needs" in rule.get("message", "")
    }
    assert checked == verbs


def test_the_policy_names_the_service_account_that_runs() -> None:
    (policy, _) = documents("admission-operator.yaml")
    (account,) = documents("service-account.yaml")
    (deployment,) = documents("deployment.yaml")
    namespace, name = account["metadata"]["namespace"], account["metadata"]["name"]
    assert deployment["spec"]["template"]["spec"]["serviceAccountName"] == name
    assert deployment["metadata"]["namespace"] == namespace
    assert f"'system:serviceaccount:{namespace}:{name}'" in policy["spec"]["matchConditions"][0]["expression"]


def test_the_replicas_share_the_lease_that_they_may_write() -> None:
    program: Any = get_command(app)
    (lease,) = (one.default for one in program.commands["run"].params if one.name == "lease")
    (role,) = (one for one in documents("rbac.yaml") if one["kind"] == "Role")
    (rule,) = (one for one in role["rules"] if one["resources"] == ["leases"] and "resourceNames" in one)
    assert (rule["resourceNames"], rule["verbs"]) == ([lease], ["get", "patch"])
    (deployment,), (budget,) = documents("deployment.yaml"), documents("disruption-budget.yaml")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    pod = deployment["spec"]["template"]["spec"]
    assert deployment["spec"]["replicas"] > 1
    assert deployment["spec"]["selector"]["matchLabels"] == labels
    assert budget["spec"]["selector"]["matchLabels"] == labels
    assert budget["metadata"]["namespace"] == deployment["metadata"]["namespace"]
    (spread,) = pod["topologySpreadConstraints"]
    assert spread["labelSelector"]["matchLabels"] == labels
    assert "--no-lease" not in pod["containers"][0]["args"]
    assert pod["terminationGracePeriodSeconds"] > DRAIN + 3 * TIMEOUT, "the Lease is given up before the kubelet kills"


def test_the_network_lets_the_operator_do_its_work_and_no_more() -> None:
    (policy,), (deployment,) = documents("network-policy.yaml"), documents("deployment.yaml")
    spec, pod = policy["spec"], deployment["spec"]["template"]
    assert policy["metadata"]["namespace"] == deployment["metadata"]["namespace"]
    assert spec["podSelector"]["matchLabels"] == pod["metadata"]["labels"]
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    (ingress,) = spec["ingress"]
    assert [one["port"] for one in ingress["ports"]] == [
        one["name"] for container in pod["spec"]["containers"] for one in container["ports"]
    ]
    assert all(rule.get("to") and rule.get("ports") for rule in spec["egress"])

    def reached(address: str, port: int) -> bool:
        at = ip_address(address)
        return any(
            at in ip_network(block["cidr"]) and not any(at in ip_network(one) for one in block.get("except", ()))
            for rule in spec["egress"]
            if port in [one["port"] for one in rule["ports"]]
            for block in (one["ipBlock"] for one in rule["to"] if "ipBlock" in one)
        )

    for address in ("169.254.169.254", "168.63.129.16", "127.0.0.1", "::1", "fe80::1", "0.0.0.0", "224.0.0.1"):
        assert not reached(address, 80), address
        assert not reached(address, 443) or address == "0.0.0.0", address
    for address in ("10.0.0.10", "13.107.42.16", "fd00::1", "2603:1030::1"):
        assert reached(address, 443), address
        assert not reached(address, 80), address
        assert not reached(address, 5432), address
    internet = {one["ipBlock"]["cidr"]: one["ipBlock"]["except"] for one in spec["egress"][-1]["to"]}
    for excepted in (one for some in internet.values() for one in some):
        for edge in (ip_network(excepted)[0], ip_network(excepted)[-1]):
            assert not allowed(str(edge), private=False), f"the operator itself would go to {edge}"


def test_every_policy_that_names_the_operator_names_the_same() -> None:
    for name in ("admission-operator.yaml", "admission-secrets.yaml", "admission-tokens.yaml"):
        (condition,) = documents(name)[0]["spec"]["matchConditions"]
        assert condition["expression"] == (
            "request.userInfo.username == 'system:serviceaccount:ams-operator:ams-operator'"
        )


def test_kustomize_takes_every_file() -> None:
    (kustomization,) = documents("kustomization.yaml")
    files = {path.name for path in MANIFESTS.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(kustomization["resources"]) == files


def test_uninstalling_never_deletes_the_crds() -> None:
    for path in MANIFESTS.rglob("*.yaml"):
        assert "kind: CustomResourceDefinition" not in path.read_text(encoding="utf-8")
