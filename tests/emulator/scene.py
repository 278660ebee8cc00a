"""An account and short ways to ask for what several tests need."""

from collections.abc import Mapping
from typing import Any

from tests.emulator.bodies import event_body, output_body
from tests.fixtures_emulator import AccountFactory, TestAccount

from ams_emulator.testing import Emulator


class Scene:
    """An account, one that doesn't exist, and a way to ask."""

    def __init__(self, emulator: Emulator, factory: AccountFactory) -> None:
        self.emulator = emulator
        self.factory = factory
        self.account: TestAccount = factory()
        self.transform = f"{self.account.id}/transforms/t"
        self.missing = f"{self.account.id}x"

    def ask(self, method: str, path: str, body: object = None, **options: Any) -> tuple[int, Mapping[str, str], Any]:
        return self.emulator.request(method, path, body, **options)

    def code(self, method: str, path: str, body: object = None) -> tuple[int, str]:
        status, _, answer = self.ask(method, path, body)
        return status, answer["error"]["code"] if status >= 400 else ""

    def properties(self, path: str) -> Any:
        return self.ask("GET", path)[2]["properties"]

    def slow(self) -> None:
        self.emulator.control.settings(operation_seconds=3600)

    # --- what is on air ----------------------------------------------------------------------------------------------

    def make_event(self, name: str = "e", *, start: bool = False, **properties: Any) -> str:
        """A live event that anybody may send to; its path."""
        path = f"{self.account.id}/liveEvents/{name}"
        assert self.ask("PUT", f"{path}?autoStart={str(start).lower()}", event_body(**properties))[0] == 201
        return path

    def make_asset(self, name: str = "tape") -> str:
        path = f"{self.account.id}/assets/{name}"
        assert self.ask("PUT", path, {})[0] == 201
        return path

    def make_output(self, event: str, name: str = "o", asset: str = "tape", **properties: Any) -> str:
        path = f"{event}/liveOutputs/{name}"
        assert self.ask("PUT", path, output_body(asset, **properties))[0] == 201
        return path

    def make_endpoint(self, name: str = "se", *, start: bool = False, **properties: Any) -> str:
        path = f"{self.account.id}/streamingEndpoints/{name}"
        body = {"location": "westus2", "properties": properties}
        assert self.ask("PUT", f"{path}?autoStart={str(start).lower()}", body)[0] == 201
        return path

    def act(self, path: str, action: str, body: object = None) -> int:
        return self.ask("POST", f"{path}/{action}", body)[0]

    def change(self, path: str, **properties: Any) -> tuple[int, Mapping[str, str], Any]:
        return self.ask("PATCH", path, {"location": "westus2", "properties": properties})

    def state(self, path: str) -> Any:
        status, _, answer = self.ask("GET", path)
        return answer["properties"]["resourceState"] if status == 200 else status

    def urls(self, event: str) -> list[str]:
        return [item["url"] for item in self.properties(event)["input"]["endpoints"]]
