"""What the acts share: the stage, the screen, and the questions that each act asks of both sides."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from demo import manifests
from demo.cluster import JSON, OURS
from demo.errors import DemoError
from demo.manifests import ACCOUNT, NAMESPACE
from demo.rows import Row, condition, is_ready, row
from demo.show import Screen
from demo.stage import Stage


@dataclass
class Tour:
    """The stage with all examples on it."""

    stage: Stage
    screen: Screen
    examples: list[JSON] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    asked_gap: float = 0.0
    """Viewers' seconds without a picture while somebody else had stopped their endpoint."""

    def rows(self) -> list[Row]:
        """All objects, as they are now."""
        items = self._objects()
        stored = self.stage.service.stored()  # later: what is Ready is never shown as missing
        return [row(item, stored) for item in items]

    def all_ready(self) -> bool:
        """Whether every example is Ready."""
        items = self._objects()
        wanted = sum(1 for document in self.examples if document["kind"] != "Secret")
        return len(items) >= wanted and all(is_ready(item) for item in items)

    def item(self, kind: str, name: str) -> JSON:
        """An object as the API server has it. Raises DemoError where it is gone."""
        found = self.stage.cluster.get(kind, name, NAMESPACE)
        if found is None:
            raise DemoError(f"the {kind} {name} is gone")
        return found

    def transform(self, name: str) -> JSON:
        """A Transform as the API server has it. Raises DemoError where it is gone."""
        return self.item("Transform", name)

    def place(self, path: str) -> str:
        """The resource id of what is at a path in the demo's account, such as `transforms/adaptive`."""
        return self.stage.service.place.resource_id(ACCOUNT, path)

    def transform_id(self, name: str) -> str:
        """The resource id of a transform in the demo's account."""
        return self.place(f"transforms/{name}")

    def properties(self, path: str) -> JSON:
        """What the service says of what is at a path; empty where there is nothing."""
        return dict((self.stage.service.get(self.place(path)) or {}).get("properties", {}))

    def served(self, name: str) -> JSON:
        """The properties of a transform as the service has them; empty where there is none."""
        return self.properties(f"transforms/{name}")

    def example(self, name: str, kind: str = "Transform") -> JSON:
        """A copy of an example, as it was applied last."""
        return manifests.named(self.examples, name, kind)

    def apply(self, document: JSON) -> None:
        """Apply an object; from now on this is its example."""
        self.stage.apply(document)
        self.forget(document["kind"], document["metadata"]["name"])
        self.examples.append(document)

    def delete(self, kind: str, name: str) -> None:
        """Ask for the deletion of an example. Raises Refused where a policy forbids it."""
        self.stage.cluster.delete(kind, name, NAMESPACE)
        self.forget(kind, name)

    def forget(self, kind: str, name: str) -> None:
        """It is no example any more, so that nobody waits for it."""
        self.examples = [item for item in self.examples if (item["kind"], item["metadata"]["name"]) != (kind, name)]

    def ready_after_edit(self, name: str, kind: str = "Transform") -> float:
        """Wait until the present generation of an object is Ready; the seconds it took."""
        return self.seconds_until(f"waiting until {name} is Ready", lambda: is_ready(self.item(kind, name)))

    def held(self, name: str, kind: str, *reasons: str) -> str:
        """Wait until an object is held for one of these reasons; what its status says."""

        def found() -> JSON | None:
            ready = condition(self.item(kind, name), "Ready") or {}
            return ready if ready.get("reason") in reasons else None

        ready = self.screen.wait("waiting until its status says so", found)
        return f"Ready={ready['status']} {ready['reason']}: {ready['message']}"

    def seconds_until(self, what: str, condition: Callable[[], Any]) -> float:
        """Wait; the seconds it took."""
        began = time.monotonic()
        self.screen.wait(what, condition)
        return time.monotonic() - began

    def prove_status(self, name: str, also: str = "", kind: str = "Transform") -> None:
        """Show what the status of an object says now."""
        item = self.item(kind, name)
        ready = condition(item, "Ready") or {}
        generation, observed = item["metadata"]["generation"], item["status"]["observedGeneration"]
        self.screen.proof(
            "status",
            f"Ready={ready.get('status')} {ready.get('reason')}, generation {generation}, "
            f"observedGeneration {observed}{also}",
        )

    def prove_requests(self, since: int) -> None:
        """Show what the operator has sent to the service since then."""
        self.screen.proof("requests", f"{spelled(self.stage.service.operator_requests(since))}")

    def _objects(self) -> list[JSON]:
        cluster = self.stage.cluster
        return [item for kind in OURS for item in cluster.objects(kind)]


def spelled(counts: Counter[str]) -> str:
    """Counts as text, such as `GET transforms 2, PATCH transforms 1`."""
    return ", ".join(f"{kind} {number}" for kind, number in sorted(counts.items())) or "none"


def expect(holds: bool, otherwise: str) -> None:
    """Raises DemoError with `otherwise` where it does not hold."""
    if not holds:
        raise DemoError(otherwise)
