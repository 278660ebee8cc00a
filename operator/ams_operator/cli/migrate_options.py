"""What every command on an account of version 2 is given: which account, how it is reached, who asks."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final

import typer
import uvloop

from ams_operator import logs
from ams_operator.api.backend import AZURE_ENDPOINT, BackendType
from ams_operator.api.reasons import Reason
from ams_operator.domain.answers import NotSent
from ams_operator.domain.ids import account_id
from ams_operator.domain.model import JSON, AccountId
from ams_operator.logs import Redactor
from ams_operator.migration.trouble import Access

INTERRUPTED: Final = 130
_CREDENTIAL: Final = (
    "Here the credential is AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET of the environment: correct them, "
    "and run the command again."
)
_OPTIONS: Final = (
    "Here --endpoint, --authority and --ca-bundle say what a MediaServicesBackend says in a cluster: correct them, or "
    "run the command again when it answers; it goes on where it was."
)
_OF_CLUSTERS: Final = re.compile("MediaServicesBackend|caBundle|allowPrivate")
_WAYS_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        Access.SIGN_IN_REJECTED: _CREDENTIAL,
        Reason.CREDENTIAL_REJECTED: _CREDENTIAL,
        Access.UNREACHABLE: _OPTIONS,
    }
)
"""what a person at a terminal can do, who has no Secret and no MediaServicesBackend"""

Account = Annotated[str, typer.Option(envvar="AMS_ACCOUNT", help="Name of the Media Services account.")]
Group = Annotated[
    str, typer.Option("--resource-group", "-g", envvar="AZURE_RESOURCE_GROUP", help="Its resource group.")
]
Subscription = Annotated[str, typer.Option(envvar="AZURE_SUBSCRIPTION_ID", help="Id of its subscription.")]
Endpoint = Annotated[str, typer.Option(envvar="AMS_ENDPOINT", help="Resource Manager's origin.")]
Authority = Annotated[
    str | None, typer.Option(envvar="AZURE_AUTHORITY_HOST", help="Who issues tokens; absent: Microsoft.")
]
Bundle = Annotated[
    Path | None, typer.Option(envvar="AMS_CA_BUNDLE", help="Certificates (PEM) to trust; absent: the system's.")
]
Checkpoint = Annotated[
    Path | None, typer.Option(help="Where progress is kept until it is complete; absent: the cache directory.")
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Begin anew instead of going on.")]


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of one command. Empty: not given."""

    account: str
    resource_group: str
    subscription: str
    endpoint: str = AZURE_ENDPOINT
    authority: str | None = None
    ca_bundle: Path | None = None
    checkpoint: Path | None = None
    fresh: bool = False

    def inventory(self) -> JSON:
        """Read the account; see `census.view`. Says what went wrong and raises Exit, or BadParameter."""
        for option, given in (
            ("--account", self.account),
            ("--resource-group", self.resource_group),
            ("--subscription", self.subscription),
        ):
            if not given:
                raise typer.BadParameter("say which account", param_hint=option)
        from ams_operator.backends.credentials import KEYS
        from ams_operator.cli.migrate_read import read
        from ams_operator.migration.checkpoint import FileCheckpoint, NoCheckpoint
        from ams_operator.migration.trouble import NotReadable

        logs.setup("human", redactor := Redactor(), level=logging.WARNING)
        logs.hook()
        where = AccountId(self.subscription, self.resource_group, self.account)
        credentials = _credentials(os.environ, KEYS)
        try:
            policy = self._policy()
            store = FileCheckpoint(self.checkpoint or _cache(self.endpoint, where))
            if self.fresh:
                store.clear()
            return uvloop.run(read(policy, where, credentials, store, redactor))
        except NoCheckpoint as error:
            raise typer.BadParameter(str(error), param_hint="--checkpoint") from None
        except (NotSent, NotReadable, OSError) as error:
            reason = getattr(error, "reason", type(error).__name__)
            print(said := redactor.safe(f"{reason}: {error}", 1000), file=sys.stderr)
            if way_out := _WAYS_OUT.get(reason, _OPTIONS if _OF_CLUSTERS.search(said) else ""):
                print(way_out, file=sys.stderr)
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            print("interrupted; the same command goes on where it was", file=sys.stderr)
            raise typer.Exit(INTERRUPTED) from None

    def _policy(self) -> JSON:
        """The spec of the MediaServicesBackend that the options amount to. Raises BadParameter."""
        azure = self.endpoint.rstrip("/") == AZURE_ENDPOINT
        kind = BackendType.AZURE if azure else BackendType.ARM_COMPATIBLE
        # Whoever names another endpoint here hands it his own credential, and no one else's.
        policy: JSON = {"type": kind, "endpoint": self.endpoint, "allowPrivate": not azure}
        if self.authority:
            authority = self.authority.rstrip("/")
            policy["authority"] = authority if "://" in authority else f"https://{authority}"
        elif not azure:
            raise typer.BadParameter("an endpoint that is not Azure's needs --authority", param_hint="--authority")
        if self.ca_bundle is not None:
            try:
                policy["caBundle"] = self.ca_bundle.read_text(encoding="utf-8", errors="replace")
            except OSError as error:
                problem = f"{self.ca_bundle} can't be read: {error.strerror}"
                raise typer.BadParameter(problem, param_hint="--ca-bundle") from None
        return policy


def _credentials(environment: Mapping[str, str], keys: Sequence[str]) -> dict[str, str]:
    """Raises BadParameter that names what is missing."""
    missing = [key for key in keys if not environment.get(key)]
    if missing:
        raise typer.BadParameter(f"the environment has no {', '.join(missing)}")
    return {key: environment[key] for key in keys}


def _cache(endpoint: str, account: AccountId) -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    name = hashlib.sha256(f"{endpoint}{account_id(account).lower()}".encode()).hexdigest()[:16]
    return Path(base) / "ams-operator" / f"inventory-{name}.json"
