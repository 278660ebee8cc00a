"""Secrets that this process knows, in all that it says: whoever quotes them, in whatever form, and however it ends."""

from __future__ import annotations

import base64
import json
import logging
import subprocess
import sys
import textwrap
from pathlib import Path
from urllib.parse import quote

import pytest
from aiohttp import web
from tests.kube.fake_api import FakeApi, status

from ams_operator.domain.answers import KubeDown, KubeRefused
from ams_operator.kube.access import ConfiguredLogin
from ams_operator.kube.client import KubeClient
from ams_operator.kube.transport import Call, failure
from ams_operator.logs import MASK, Redactor, setup

SEED = 's3cr3t/+ "value"\\of=a&Secret'
FORMS = (SEED, quote(SEED), quote(SEED, safe=""), json.dumps(SEED), base64.b64encode(SEED.encode()).decode())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("code", [422, 500, 403])
async def test_what_the_api_server_quotes_is_masked(fake: FakeApi, tmp_path: Path, form: str, code: int) -> None:
    redactor = Redactor()
    login = ConfiguredLogin(fake.kubeconfig(tmp_path), on_secret=redactor.register)
    client = await KubeClient.connect(login, on_secret=redactor.register, safe=redactor.safe)
    try:
        encoded = base64.b64encode(SEED.encode()).decode()
        fake.rude = lambda _: web.json_response({"metadata": {"resourceVersion": "5"}, "data": {"key": encoded}})
        await client.secret("team", "seeded", ["key"])
        fake.rude = lambda _: status(code, f"Invalid value: {form}: must be something else")
        with pytest.raises((KubeRefused, KubeDown)) as caught:
            await client.secret("team", "seeded", ["key"])
    finally:
        await client.close()
    assert MASK in str(caught.value)
    assert form.strip('"') not in str(caught.value)


def test_whose_secret_is_a_word_of_the_api_servers_does_not_change_what_it_means() -> None:
    """A status that is too large is refused for good: taken for an outage, it would have everybody wait."""
    redactor = Redactor()
    redactor.register(["request is too large"], "studio")
    call = Call("Transform", "patch", "PATCH", "/apis/ams-operator.dev/v1alpha1/namespaces/studio/transforms/x/status")
    found = failure(call, 500, {"message": "etcdserver: request is too large"}, redactor.safe)
    assert (type(found), str(found)) == (KubeRefused, f"patch Transform: etcdserver: {MASK}")


async def test_the_token_by_which_the_api_server_knows_us_is_a_secret(fake: FakeApi, tmp_path: Path) -> None:
    redactor = Redactor()
    fake.token = "first-long-token"
    login = ConfiguredLogin(fake.kubeconfig(tmp_path), on_secret=redactor.register)
    client = await KubeClient.connect(login)
    try:
        await client.served()
        assert redactor.safe("it says first-long-token") == f"it says {MASK}"
        fake.token = "second-long-token"
        fake.kubeconfig(tmp_path)
        await client.served()
        assert redactor.safe("it says second-long-token") == f"it says {MASK}"
    finally:
        await client.close()


def test_libraries_never_log_what_they_send() -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        setup("json", Redactor(), logging.DEBUG)
        for name in (
            "azure",
            "azure.core.pipeline.policies.x",
            "aiohttp.client",
            "kopf.x",
            "urllib3.x",
            "asyncio",
            "msal.x",
        ):
            assert logging.getLogger(name).getEffectiveLevel() >= logging.INFO, name
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.captureWarnings(capture=False)


def test_what_nobody_catches_is_a_masked_line_and_leaves_no_core() -> None:
    """In the main thread, in another one, and where nobody can catch it; the commands' own entry as well."""
    code = f"""
        import asyncio, resource, sys, threading
        from ams_operator import logs
        from ams_operator.cli.app import app
        app(["version"], standalone_mode=False)
        assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
        redactor = logs.Redactor()
        redactor.register([{SEED!r}])
        logs.setup("json", redactor)
        logs.hook()

        class Fails:
            def __del__(self):
                raise ValueError("deleted: " + {SEED!r})

        async def forgotten():
            async def fails():
                raise ValueError("forgotten: " + {SEED!r})
            asyncio.get_running_loop().create_task(fails())
            await asyncio.sleep(0.01)

        def fails():
            raise ValueError("in a thread: " + {SEED!r})

        Fails()
        asyncio.run(forgotten())
        thread = threading.Thread(target=fails)
        thread.start()
        thread.join()

        @app.command("fails")
        def fails_too() -> None:
            logs.hook()  # where commands do it: Typer sets its own hook before it calls them
            local = {SEED!r}
            raise ValueError("at last: " + local)

        app(["fails"])
    """
    found = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert "s3cr3t" not in found.stderr + found.stdout
    lines = [json.loads(line) for line in found.stderr.splitlines()]
    said = [line.get("exception", "") for line in lines]
    for where in ("deleted", "forgotten", "in a thread", "at last"):
        assert any(f"{where}: {MASK}" in one for one in said), (where, found.stderr)
