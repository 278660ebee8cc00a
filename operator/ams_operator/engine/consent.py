"""Whether the owner of a Secret permits its use: by a label, where the operator was told to ask for one.

Who may write our objects, and not read Secrets, could otherwise have any Secret of his namespace used for him. The
label is seen before any value is: a metadata-only GET comes first. That a Secret is missing and that it was not
permitted read the same, so that nobody finds out by trying which Secrets there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ams_operator.api.base import USE_LABEL
from ams_operator.domain.answers import Secret
from ams_operator.engine.state import Engine

CREDENTIALS: Final = "credentials"
"""what the label of an account's Secret says; of those that `...SecretRef` names see `api.references.SecretUse`"""


@dataclass(frozen=True, slots=True)
class Permit:
    """What a Secret's metadata says; `version` is empty where there is none."""

    version: str
    given: bool


async def asked(engine: Engine, namespace: str, name: str, use: str) -> Permit | None:
    """None where nobody has to be asked. Raises what the Kube port raises."""
    if not engine.labelled_secrets_only:
        return None
    found = await engine.kube.secret_label(namespace, name)
    return Permit("", given=False) if found is None else Permit(found[0], given=found[1] == use)


def covers(engine: Engine, secret: Secret, use: str) -> bool:
    """Whether a Secret that was read may be used for this as well: it may have been read for something else, or its
    label have changed just before."""
    return not engine.labelled_secrets_only or secret.use == use


def missing(field: str, namespace: str, name: str, use: str) -> str:
    """What is said to whomever nothing is permitted."""
    return (
        f"{field}: there is no Secret {name} in namespace {namespace} with the label {USE_LABEL}: {use}: create it, or "
        "have its owner label it"
    )
