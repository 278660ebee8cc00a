"""Makes the ways to accounts, and shares what can be shared: connections by origin, tokens by credential, budgets by
principal. The endpoint comes from an administrator's MediaServicesBackend and from nowhere else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final
from weakref import WeakValueDictionary

from ams_operator.api.backend import AZURE_AUTHORITY, AZURE_ENDPOINT, BackendType
from ams_operator.api.reasons import Reason
from ams_operator.backends import credentials as creds
from ams_operator.backends.backend import ArmBackend, whose
from ams_operator.backends.budget import LIMITS, Budget
from ams_operator.backends.courier import Courier, Observe, Term
from ams_operator.backends.links import origin_of
from ams_operator.backends.pipeline import Pipeline
from ams_operator.domain.answers import Federated, NotSent
from ams_operator.domain.model import AccountId
from ams_operator.logs import Redactor

_SUPPORTED: Final = (BackendType.AZURE, BackendType.ARM_COMPATIBLE)


class Connector:
    """Implements the engine's port `Connect`. Call it in the engine's loop; nothing is sent before the first request.

    Pipelines and budgets are kept; a credential's tokens live as long as a backend that uses them.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float],
        term: Term,
        on_request: Observe,
        redactor: Redactor,
        agent: Callable[[], str],
        paced: bool = True,
    ) -> None:
        """`agent` is asked once for each origin, before the first request. `paced` False: only what the service itself
        closes holds requests back (private clouds, measurements)."""
        self._now, self._term, self._on_request = now, term, on_request
        self._redactor, self._agent, self._paced = redactor, agent, paced
        self._pipelines: dict[tuple[str, str, bool], Pipeline] = {}
        self._tokens: WeakValueDictionary[tuple[Pipeline, str, str, creds.Credential], creds.Tokens]
        self._tokens = WeakValueDictionary()
        self._budgets: dict[tuple[str, str, str, str], Budget] = {}

    def __call__(
        self,
        policy: Mapping[str, Any],
        account: AccountId,
        credentials: Mapping[str, str] | Federated,
        *,
        namespace: str = "",
    ) -> ArmBackend:
        """A way to one account. Raises NotSent with the reason where there is none."""
        pipeline, tokens, budget_of = self._parts(_places(policy), policy, account.subscription, credentials)
        return ArmBackend(
            pipeline,
            tokens,
            budget_of,
            now=self._now,
            term=self._term,
            on_request=self._on_request,
            redactor=self._redactor,
            elsewhere=lambda origin, audience: self.courier(
                policy, account, credentials, (origin, audience), namespace
            ),
            azure=policy.get("type") == BackendType.AZURE,
            account=whose(account),
            namespace=namespace,
        )

    def courier(
        self,
        policy: Mapping[str, Any],
        account: AccountId,
        credentials: Mapping[str, str] | Federated,
        place: tuple[str, str] | None = None,
        namespace: str = "",
    ) -> Courier:
        """What sends for one account, to the backend or to another `place` (origin, audience): version 2 has its own.

        It gets tokens of this credential, so that whoever names a place vouches for it. Elsewhere an account has a
        budget of its own: nothing says that what limits one there limits another. Raises NotSent.
        """
        origin, authority, audience = _places(policy)
        payer = account.subscription
        if place is not None:
            origin, audience = place
            payer = whose(account)
        places = (origin, authority, audience)
        pipeline, tokens, budget_of = self._parts(places, policy, payer, credentials)
        return Courier(
            pipeline,
            tokens,
            budget_of,
            now=self._now,
            term=self._term,
            on_request=self._on_request,
            redactor=self._redactor,
            account=whose(account),
            namespace=namespace,
        )

    def _parts(
        self,
        places: tuple[str, str, str],
        policy: Mapping[str, Any],
        payer: str,
        credentials: Mapping[str, str] | Federated,
    ) -> tuple[Pipeline, creds.Tokens, Callable[[str], Budget]]:
        origin, authority, audience = places
        secret = creds.read(credentials)
        pipeline = self._pipeline(origin, str(policy.get("caBundle") or ""), policy.get("allowPrivate") is True)
        place = (pipeline, authority, audience, secret)  # its requests for tokens go through the same connections
        tokens = self._tokens.get(place)
        if tokens is None:
            transport, register = pipeline.transport, self._redactor.register
            tokens = creds.Tokens(secret, authority, audience, transport, self._now, register)
            self._tokens[place] = tokens

        def budget_of(principal: str) -> Budget:
            whose = (origin, audience, payer.lower(), principal)  # two APIs may share an origin
            if whose not in self._budgets:
                self._budgets[whose] = Budget(self._now, paced=self._paced)
            return self._budgets[whose]

        return pipeline, tokens, budget_of

    def _pipeline(self, origin: str, bundle: str, private: bool) -> Pipeline:
        place = (origin, bundle, private)
        if place not in self._pipelines:
            try:
                self._pipelines[place] = Pipeline(origin, bundle or None, self._agent(), private=private)
            except (ValueError, OSError):
                message = "caBundle of the MediaServicesBackend can't be read: it must be certificates as PEM text"
                raise NotSent(Reason.BACKEND_NOT_AVAILABLE, message) from None
        return self._pipelines[place]

    def budget_left(self) -> dict[str, float]:
        """Requests that may be sent now, by bucket: the lowest of all budgets."""
        left: dict[str, float] = {}
        for budget in self._budgets.values():
            for bucket, tokens in budget.left().items():
                left[bucket] = min(left.get(bucket, tokens), tokens)
        return left

    def budgets_closed(self) -> dict[str, int]:
        """How many budgets the service keeps closed now, by bucket."""
        closed = Counter(bucket for budget in self._budgets.values() for bucket in budget.closed())
        return {bucket: closed[bucket] for bucket in LIMITS}

    async def close(self) -> None:
        """Close all connections, and serve nobody who still waits for the budget."""
        for budget in self._budgets.values():
            budget.close()
        for pipeline in self._pipelines.values():
            await pipeline.close()


def _places(policy: Mapping[str, Any]) -> tuple[str, str, str]:
    """Origin, authority and audience. The rules are the schema's; they hold here too, since tokens depend on them."""
    kind = policy.get("type")
    if kind not in _SUPPORTED:
        message = f"a MediaServicesBackend of type {kind} is not supported by this version: use azure or armCompatible"
        raise NotSent(Reason.BACKEND_NOT_AVAILABLE, message)
    azure = kind == BackendType.AZURE
    endpoint = str(policy.get("endpoint") or (AZURE_ENDPOINT if azure else ""))
    authority = str(policy.get("authority") or (AZURE_AUTHORITY if azure else ""))
    origin, issuer = origin_of(endpoint), origin_of(authority)
    if origin is None:
        message = "endpoint of the MediaServicesBackend must be https://HOST[:PORT], http only for localhost"
        raise NotSent(Reason.ORIGIN_NOT_ALLOWED, message)
    if issuer is None or not issuer.startswith("https://"):
        raise NotSent(Reason.ORIGIN_NOT_ALLOWED, "authority of the MediaServicesBackend must be https://HOST[:PORT]")
    return origin, issuer, str(policy.get("audience") or endpoint).rstrip("/")
