"""Where the configuration comes from, and who we are with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes.aio import config
from kubernetes.aio.config import incluster_config
from tests.kube.fake_api import FakeApi

from ams_operator.kube.access import ConfiguredLogin, NoAccess
from ams_operator.kube.client import KubeClient


async def served(login: ConfiguredLogin) -> frozenset[str]:
    client = await KubeClient.connect(login)
    try:
        return await client.served()
    finally:
        await client.close()


async def test_kubeconfig_is_found_by_the_environment(fake: FakeApi, tmp_path: Path) -> None:
    access = await ConfiguredLogin(environ={"KUBECONFIG": fake.kubeconfig(tmp_path)}).load()
    assert (access.server, access.namespace) == (fake.url, "studio")


async def test_an_explicit_file_wins_over_environment_and_pod(fake: FakeApi, tmp_path: Path) -> None:
    environ = {"KUBECONFIG": "/nowhere", "KUBERNETES_SERVICE_HOST": "10.0.0.1"}
    access = await ConfiguredLogin(fake.kubeconfig(tmp_path), environ=environ).load()
    assert access.server == fake.url


async def test_no_configuration_at_all_names_the_ways_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(NoAccess, match="set KUBECONFIG"):
        await ConfiguredLogin(environ={}).load()


async def test_a_missing_file_is_named() -> None:
    with pytest.raises(NoAccess, match="/nowhere/config"):
        await ConfiguredLogin("/nowhere/config").load()


async def test_an_unknown_context_is_named(fake: FakeApi, tmp_path: Path) -> None:
    with pytest.raises(NoAccess, match="production"):
        await ConfiguredLogin(fake.kubeconfig(tmp_path), context="production").load()


async def test_a_file_that_is_none_is_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text("just text", encoding="utf-8")
    with pytest.raises(NoAccess, match=str(path)):
        await ConfiguredLogin(str(path)).load()


def with_plugin(kubeconfig: str, directory: Path, token: str) -> str:
    """The same kubeconfig, with a plugin that answers with `token` instead of a token."""
    version = "client.authentication.k8s.io/v1"
    plugin = directory / "plugin"
    answer = json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": {"token": token}})
    plugin.write_text(f"#!/bin/sh\necho '{answer}'\n", encoding="utf-8")
    plugin.chmod(0o700)
    path = Path(kubeconfig)
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["users"][0]["user"] = {"exec": {"apiVersion": version, "command": str(plugin), "args": []}}
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return kubeconfig


async def test_an_exec_plugin_is_asked_for_a_token(fake: FakeApi, tmp_path: Path) -> None:
    fake.token = "by-plugin"
    login = ConfiguredLogin(with_plugin(fake.kubeconfig(tmp_path), tmp_path, "by-plugin"))
    assert "Transform" in await served(login)


async def test_a_pods_token_is_read_again_when_it_was_renewed(
    fake: FakeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kubelet renews the file; from then on the API server refuses the old one."""
    token, authority = tmp_path / "token", tmp_path / "ca.crt"
    token.write_text("first", encoding="utf-8")
    authority.write_text("of no use over http", encoding="utf-8")

    def load(client_configuration: Any) -> None:
        environ = {"KUBERNETES_SERVICE_HOST": "pod", "KUBERNETES_SERVICE_PORT": "443"}
        loader = incluster_config.InClusterConfigLoader(  # type: ignore[no-untyped-call]  # has no types
            str(token), str(authority), environ=environ
        )
        loader.load_and_set(client_configuration)  # type: ignore[no-untyped-call]  # has no types
        hook = client_configuration.refresh_api_key_hook

        def refresh(configuration: Any) -> None:
            hook(configuration)
            configuration.host = fake.url

        client_configuration.refresh_api_key_hook = refresh
        client_configuration.host = fake.url

    monkeypatch.setattr(config, "load_incluster_config", load)
    fake.token = "first"
    client = await KubeClient.connect(ConfiguredLogin(environ={"KUBERNETES_SERVICE_HOST": "pod"}))
    assert "Transform" in await client.served()
    fake.token = "second"
    token.write_text("second", encoding="utf-8")
    assert "Transform" in await client.served()
    await client.close()
