"""Makes the ways to accounts, and shares what can be shared: connections by origin, tokens by credential, budgets by
principal. The endpoint comes from an administrator's MediaServicesBackend and from nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ams_operator.api.backend import AZURE_AUTHORITY, AZURE_ENDPOINT
from ams_operator.api.reasons import Reason
from ams_operator.backends import credentials as creds
from ams_operator.backends.backend import ArmBackend, Observe, Term
from ams_operator.backends.budget import Budget
from ams_operator.backends.pipeline import Pipeline
from ams_operator.domain.answers import NotSent
from ams_operator.domain.model import AccountId
from ams_operator.logs import Redactor

AZURE_AUDIENCE = "https://management.azure.com"


class Connector:
    """Implements the engine's port `Connect`. Call it in the engine's loop."""

    def __init__(
        self,
        *,
        now: Callable[[], float],
        term: Term,
        on_request: Observe,
        redactor: Redactor,
        agent: str,
        paced: bool = True,
    ) -> None:
        self._now, self._term, self._on_request = now, term, on_request
        self._redactor, self._agent, self._paced = redactor, agent, paced
        self._pipelines: dict[tuple[str, str], Pipeline] = {}
        self._tokens: dict[tuple[str, str, str, creds.ClientSecret], creds.Tokens] = {}
        self._budgets: dict[tuple[str, str, str], Budget] = {}

    def __call__(self, policy: Mapping[str, Any], account: AccountId, credentials: Mapping[str, str]) -> ArmBackend:
        """A way to one account. Raises NotSent with the reason where there is none."""
        kind = policy.get("type")
        if kind not in ("azure", "armCompatible"):
            message = (
                f"a MediaServicesBackend of type {kind} is not supported by this version: use azure or armCompatible"
            )
            raise NotSent(Reason.BACKEND_NOT_AVAILABLE, message)
        endpoint = str(policy.get("endpoint") or AZURE_ENDPOINT).rstrip("/")
        authority = str(policy.get("authority") or AZURE_AUTHORITY)
        audience = str(policy.get("audience") or (AZURE_AUDIENCE if kind == "azure" else endpoint))
        secret = creds.read(credentials)
        pipeline = self._pipeline(endpoint, policy.get("caBundle"))
        place = (endpoint.lower(), authority, audience, secret)
        if place not in self._tokens:
            self._tokens[place] = creds.Tokens(secret, authority, audience, pipeline.transport)
        tokens = self._tokens[place]
        origin = pipeline.origin.lower()

        def budget_of(principal: str) -> Budget:
            place = (origin, account.subscription.lower(), principal)
            if place not in self._budgets:
                self._budgets[place] = Budget(self._now, paced=self._paced)
            return self._budgets[place]

        return ArmBackend(pipeline, tokens, budget_of, self._now, self._term, self._on_request, self._redactor)

    def _pipeline(self, endpoint: str, ca_bundle: str | None) -> Pipeline:
        place = (endpoint.lower(), ca_bundle or "")
        if place not in self._pipelines:
            try:
                self._pipelines[place] = Pipeline(endpoint, ca_bundle, self._agent)
            except (ValueError, OSError):
                message = "the MediaServicesBackend's caBundle can't be read: it must be certificates as PEM text"
                raise NotSent(Reason.BACKEND_NOT_AVAILABLE, message) from None
        return self._pipelines[place]

    def budget_left(self) -> dict[str, float]:
        """Requests that may be sent now, by bucket: the lowest of all budgets."""
        left: dict[str, float] = {}
        for budget in self._budgets.values():
            for bucket, tokens in budget.left().items():
                left[bucket] = min(left.get(bucket, tokens), tokens)
        return left

    async def close(self) -> None:
        """Close all credentials and connections."""
        for tokens in self._tokens.values():
            await tokens.close()
        for pipeline in self._pipelines.values():
            await pipeline.close()
