"""The operator's own identity: workload identity, as Azure's webhook hands it to a pod.

Only who it is and where its token lies is taken from the environment. Who issues tokens, and for what, is said by the
MediaServicesBackend and by nobody else: AZURE_AUTHORITY_HOST counts for nothing. The managed identity of a node, which
whoever reaches its metadata address may use, is left out.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import Federated, NotSent

log = logging.getLogger(__name__)
TENANT: Final = "AZURE_TENANT_ID"
CLIENT: Final = "AZURE_CLIENT_ID"
FILE: Final = "AZURE_FEDERATED_TOKEN_FILE"


def ambient(environment: Mapping[str, str]) -> Federated | None:
    """None where the environment names none."""
    tenant, client, path = (environment.get(name, "").strip() for name in (TENANT, CLIENT, FILE))
    if not path:
        return None
    if not tenant or not client:
        log.warning("%s is set, and not both %s and %s: the operator has no identity of its own", FILE, CLIENT, TENANT)
        return None

    async def assertion() -> str:
        try:
            found = (await asyncio.to_thread(Path(path).read_text, "ascii")).strip()  # it is renewed every hour
        except (OSError, ValueError):
            found = ""
        if not found:
            message = f"the operator can't read its own token ({FILE}): ask your administrator"
            raise NotSent(Reason.CREDENTIAL_REJECTED, message)
        return found

    return Federated("", "", "", tenant, client, assertion, own=True)
