"""Every scenario. Each begins with an account that is usable and known to the operator, unless it is `bare`.

To add one: a `Scenario` in transforms.py, events.py, endpoints.py, assets.py, recordings.py, shared.py, backends.py or
believed.py (cascading.py plays some of them to the other kind of service). It says what there is (`setup`, brought to
rest), what happens then (`trigger`), and how a user would change the manifest meanwhile (`edit`);
stage.py has what people can do. Faults, interferences and the checks at the end come by themselves:

    .venv/bin/python -m pytest tests/crash -k "the name"

A failing history is named, and told call by call with `.venv/bin/python -m tests.crash.tell "its name"`.
"""

from __future__ import annotations

from tests.crash.assets import ASSETS
from tests.crash.backends import BACKENDS
from tests.crash.believed import BELIEVED
from tests.crash.cascading import CASCADING
from tests.crash.endpoints import ENDPOINTS
from tests.crash.events import EVENTS
from tests.crash.recordings import RECORDINGS
from tests.crash.shared import SHARED
from tests.crash.transforms import TRANSFORMS

SCENARIOS = (*TRANSFORMS, *EVENTS, *ENDPOINTS, *ASSETS, *RECORDINGS, *CASCADING, *SHARED, *BACKENDS, *BELIEVED)

__all__ = ["SCENARIOS"]
