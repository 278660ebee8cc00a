"""What the acts share: the stage, the screen, and the questions that each act asks of both sides."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from demo import manifests
from demo.cluster import JSON
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

    def rows(self) -> list[Row]:
        """All objects, as they are now."""
        stored = self.stage.service.stored()
        return [row(item, stored) for item in self._objects()]

    def all_ready(self) -> bool:
        """Whether every example is Ready."""
        items = self._objects()
        wanted = sum(1 for document in self.examples if document["kind"] != "Secret")
        return len(items) >= wanted and all(is_ready(item) for item in items)

    def transform(self, name: str) -> JSON:
        """A Transform as the API server has it. Raises DemoError where it is gone."""
        found = self.stage.cluster.get("Transform", name, NAMESPACE)
        if found is None:
            raise DemoError(f"the Transform {name} is gone")
        return found

    def transform_id(self, name: str) -> str:
        """The resource id of a transform in the demo's account."""
        return self.stage.service.place.transform_id(ACCOUNT, name)

    def served(self, name: str) -> JSON:
        """The properties of a transform as the service has them; empty where there is none."""
        return dict((self.stage.service.get(self.transform_id(name)) or {}).get("properties", {}))

    def example(self, name: str) -> JSON:
        """A copy of an example, as it was applied last."""
        return manifests.named(self.examples, name)

    def apply(self, document: JSON) -> None:
        """Apply a Transform; from now on this is its example."""
        self.stage.apply(document)
        name = document["metadata"]["name"]
        others = [item for item in self.examples if (item["kind"], item["metadata"]["name"]) != ("Transform", name)]
        self.examples = [*others, document]

    def ready_after_edit(self, name: str) -> float:
        """Wait until the present generation of a Transform is Ready; the seconds it took."""
        return self.seconds_until(f"waiting until {name} is Ready", lambda: is_ready(self.transform(name)))

    def seconds_until(self, what: str, condition: Callable[[], Any]) -> float:
        """Wait; the seconds it took."""
        began = time.monotonic()
        self.screen.wait(what, condition)
        return time.monotonic() - began

    def prove_status(self, name: str, also: str = "") -> None:
        """Show what the status of a Transform says now."""
        item = self.transform(name)
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
        return [item for kind in ("MediaServicesAccount", "Transform") for item in cluster.objects(kind)]


def spelled(counts: Counter[str]) -> str:
    """Counts as text, such as `GET transforms 2, PATCH transforms 1`."""
    return ", ".join(f"{kind} {number}" for kind, number in sorted(counts.items())) or "none"
