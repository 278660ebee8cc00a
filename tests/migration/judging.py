"""A verdict on a row as it comes from the service, and the names that tests share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ams_operator.migration import entities, verdicts
from ams_operator.migration.model import Judgement, Known
from ams_operator.migration.reduce import keyed

NOW = datetime(2023, 6, 1, tzinfo=UTC)
GUID = "8cb39104-122c-496e-9ac5-7f9e2c2547b8"
OTHER = "11111111-122c-496e-9ac5-7f9e2c2547b8"


def judged(name: str, *, known: Known | None = None, **row: Any) -> Judgement:
    """The verdict on a row as it comes from the service: reduced first."""
    found = {entities.SETS[name].key: f"nb:x:UUID:{GUID}", **row}
    reduce = entities.SETS[name].reduce
    if reduce is not None:
        found = reduce(found, keyed(b"test"))
    return verdicts.judge(name, found, known or Known(NOW))


def gaps(found: Judgement) -> set[str]:
    return {identifier for identifier, _ in found.evidence}


TOKEN = (
    '<TokenRestrictionTemplate xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns="urn:t">'
    "<AlternateVerificationKeys>"
    '<TokenVerificationKey i:type="RsaTokenVerificationKey"><RawBody>c2VjcmV0</RawBody></TokenVerificationKey>'
    "</AlternateVerificationKeys><Audience>urn:a</Audience><Issuer>https://i</Issuer>"
    '<PrimaryVerificationKey i:type="SymmetricVerificationKey"><KeyValue>c2VjcmV0</KeyValue></PrimaryVerificationKey>'
    "<RequiredClaims><TokenClaim><ClaimType>role</ClaimType><ClaimValue>x</ClaimValue></TokenClaim></RequiredClaims>"
    "<TokenType>JWT</TokenType></TokenRestrictionTemplate>"
)


def option(
    kind: int, configuration: str | None, restriction: int = 1, requirements: str | None = TOKEN
) -> dict[str, Any]:
    return {
        "KeyDeliveryType": kind,
        "KeyDeliveryConfiguration": configuration,
        "Restrictions": [{"KeyRestrictionType": restriction, "Requirements": requirements}],
    }
