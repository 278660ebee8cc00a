"""Client assertions: who is believed, and each lie that is not."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientAssertionCredential
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.emulator.clients import identity

from ams_emulator.federation import ASSERTION_TYPE, AUDIENCE, federation, refusal
from ams_emulator.testing import Emulator, EmulatorError

ISSUER, SUBJECT = "https://cluster.example", "system:serviceaccount:team:media"
KEY, STRANGERS = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


def jwks() -> dict[str, Any]:
    public: dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
    return {"keys": [{**public, "kid": "1", "use": "sig", "alg": "RS256"}]}


def signed(key: Any = KEY, kid: str = "1", **changes: Any) -> str:
    now = int(time.time())
    claims = {"iss": ISSUER, "sub": SUBJECT, "aud": [AUDIENCE], "iat": now, "nbf": now, "exp": now + 86400, **changes}
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, key, "RS256", {"kid": kid})


def unsigned() -> str:
    return jwt.encode(
        {"iss": ISSUER, "sub": SUBJECT, "aud": AUDIENCE, "exp": 2**33, "iat": 1}, "", "none", {"kid": "1"}
    )


@pytest.mark.parametrize(
    ("assertion", "code"),
    [
        (signed(iss="https://other.example"), "AADSTS700211"),
        (signed(sub="system:serviceaccount:team:other"), "AADSTS700213"),
        (signed(aud="https://kubernetes.default.svc"), "AADSTS700212"),
        (signed(aud=[]), "AADSTS700212"),
        (signed(kid="2"), "AADSTS7000272"),
        (signed(STRANGERS), "AADSTS700027"),
        (signed()[:-8] + "AAAAAAAA", "AADSTS700027"),
        (signed(exp=int(time.time()) - 60), "AADSTS700024"),
        (signed(exp=None), "AADSTS700027"),
        (signed(nbf=int(time.time()) + 86400), "AADSTS700027"),
        (unsigned(), "AADSTS700027"),
        ("no.jwt.at.all", "AADSTS50027"),
        ("", "AADSTS50027"),
    ],
)
def test_each_lie_is_told(assertion: str, code: str) -> None:
    known = [federation("app", ISSUER, SUBJECT, AUDIENCE, jwks())]
    assert (refusal(known, "app", assertion) or "").startswith(f"{code}:")


def test_whom_an_application_believes() -> None:
    known = [federation("App", ISSUER, SUBJECT, AUDIENCE, jwks())]
    assert refusal(known, "app", signed()) is None
    assert refusal(known, "another", signed()) is not None, "each application for itself"
    assert refusal([], "app", signed()) is not None
    with pytest.raises(ValueError, match="jwks"):
        federation("app", ISSUER, SUBJECT, AUDIENCE, {"keys": []})


def test_the_client_library_signs_in_with_an_assertion(emulator: Emulator) -> None:
    application = emulator.control.add_client()["clientId"]
    emulator.control.federate(ISSUER, SUBJECT, jwks(), clientId=application)
    options: Any = {**identity(emulator), "client_id": application}
    del options["client_secret"]
    with ClientAssertionCredential(func=signed, **options) as credential:
        token = credential.get_token("https://management.azure.com/.default").token
    assert jwt.decode(token, options={"verify_signature": False})["azp"] == application
    with (
        ClientAssertionCredential(func=lambda: signed(sub="else"), **options) as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS700213"),
    ):
        credential.get_token("https://management.azure.com/.default")


def test_an_assertion_needs_its_type_and_an_application_that_is_known(emulator: Emulator) -> None:
    form = {"grant_type": "client_credentials", "client_id": emulator.client_id, "scope": "https://a/.default"}
    status, _, body = emulator_token(emulator, {**form, "client_assertion": signed()})
    assert (status, body["error"]) == (400, "invalid_request")
    status, _, body = emulator_token(
        emulator,
        {**form, "client_assertion": signed(), "client_assertion_type": ASSERTION_TYPE, "client_secret": "x"},
    )
    assert (status, body["error"]) == (401, "invalid_client")
    with pytest.raises(EmulatorError, match="unknown"):
        emulator.control.federate(ISSUER, SUBJECT, jwks(), clientId="nobody")


def emulator_token(emulator: Emulator, form: dict[str, str]) -> tuple[int, Any, Any]:
    import ssl
    import urllib.error
    import urllib.request

    request = urllib.request.Request(
        f"{emulator.url}/{emulator.tenant_id}/oauth2/v2.0/token", urlencode(form).encode(), method="POST"
    )
    try:
        with urllib.request.urlopen(request, context=ssl.create_default_context(cafile=emulator.ca_file)) as answer:
            return answer.status, answer.headers, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, error.headers, json.load(error)
