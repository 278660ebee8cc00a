"""Tokens are verified: each way in which one can be wrong is refused, and says why without repeating the token."""

import base64
import json
import urllib.parse

import jwt
import pytest
from tests.fixtures_emulator import TestAccount

from ams_emulator.testing import Emulator, send


def refused(emulator: Emulator, account: TestAccount, token: str) -> tuple[int, str, str]:
    status, headers, body = send(
        emulator.url,
        "GET",
        f"{account.id}?api-version=2021-11-01",
        None,
        {"Authorization": f"Bearer {token}"} if token else {},
        emulator.ca_file,
    )
    assert token == "" or token not in json.dumps(body)
    return status, body["error"]["code"] if status != 200 else "", headers.get("www-authenticate", "")


def test_valid(emulator: Emulator, account: TestAccount) -> None:
    assert refused(emulator, account, emulator.control.token())[0] == 200


def test_missing(emulator: Emulator, account: TestAccount) -> None:
    status, code, challenge = refused(emulator, account, "")
    assert (status, code) == (401, "AuthenticationFailed")
    assert f'authorization_uri="{emulator.url}/{emulator.tenant_id}"' in challenge


def test_refusals_carry_the_type_of_errors(emulator: Emulator, account: TestAccount) -> None:
    _, headers, _ = emulator.request("GET", account.id, token="")
    assert headers["content-type"] == "application/json; charset=utf-8"


def test_expired(emulator: Emulator, account: TestAccount) -> None:
    token = emulator.control.token(seconds=-60)
    assert refused(emulator, account, token)[:2] == (401, "ExpiredAuthenticationToken")


@pytest.mark.parametrize("audience", ["https://vault.azure.net", "https://management.azure.com.evil.test"])
def test_other_audience(emulator: Emulator, account: TestAccount, audience: str) -> None:
    token = emulator.control.token(audience=audience)
    assert refused(emulator, account, token)[:2] == (401, "InvalidAuthenticationTokenAudience")


def test_tampered(emulator: Emulator, account: TestAccount) -> None:
    head, payload, signature = emulator.control.token().split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["exp"] += 3600
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    assert refused(emulator, account, f"{head}.{forged}.{signature}")[:2] == (401, "InvalidAuthenticationToken")


def test_unsigned(emulator: Emulator, account: TestAccount) -> None:
    claims = jwt.decode(emulator.control.token(), options={"verify_signature": False})
    unsigned = jwt.encode(claims, key="", algorithm="none")
    assert refused(emulator, account, unsigned)[:2] == (401, "InvalidAuthenticationToken")


def test_signed_with_the_public_key_as_secret(emulator: Emulator, account: TestAccount) -> None:
    claims = jwt.decode(emulator.control.token(), options={"verify_signature": False})
    forged = jwt.encode(claims, key="k" * 64, algorithm="HS256")
    assert refused(emulator, account, forged)[:2] == (401, "InvalidAuthenticationToken")


def test_revoked(emulator: Emulator, account: TestAccount) -> None:
    client = emulator.control.add_client()
    token = emulator.control.token(clientId=client["clientId"])
    assert refused(emulator, account, token)[0] == 200
    emulator.control.revoke_tokens(client["clientId"])
    assert refused(emulator, account, token)[:2] == (401, "InvalidAuthenticationToken")
    assert refused(emulator, account, emulator.control.token(clientId=client["clientId"]))[0] == 200


def test_an_application_with_another_secret_stays_who_it_is(emulator: Emulator) -> None:
    client = emulator.control.add_client()["clientId"]

    def who() -> object:
        return jwt.decode(emulator.control.token(clientId=client), options={"verify_signature": False})["oid"]

    before = who()
    emulator.control.add_client(clientId=client)
    assert who() == before


def ask(emulator: Emulator, version: str, tenant: str | None = None, **form: str) -> tuple[int, dict[str, object]]:
    fields = {
        "grant_type": "client_credentials",
        "client_id": emulator.client_id,
        "client_secret": emulator.client_secret,
    }
    path = f"/{tenant or emulator.tenant_id}/oauth2/{version}token"
    body = urllib.parse.urlencode({**fields, **form}).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    status, _, answer = send(emulator.url, "POST", path, body, kind, emulator.ca_file)
    return status, answer


def test_token_endpoint_version_1(emulator: Emulator, account: TestAccount) -> None:
    status, answer = ask(emulator, "", resource="https://management.core.windows.net/")
    assert (status, answer["expires_in"]) == (200, "3600")
    assert refused(emulator, account, str(answer["access_token"]))[0] == 200


def test_token_endpoint_version_2(emulator: Emulator, account: TestAccount) -> None:
    status, answer = ask(emulator, "v2.0/", scope="https://management.azure.com/.default")
    assert (status, answer["expires_in"]) == (200, 3600)
    claims = jwt.decode(str(answer["access_token"]), options={"verify_signature": False})
    assert (claims["aud"], claims["tid"]) == ("https://management.azure.com", emulator.tenant_id)
    assert refused(emulator, account, str(answer["access_token"]))[0] == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_secret": ""}, "invalid_client"),
        ({"client_id": "00000000-0000-0000-0000-000000000000"}, "unauthorized_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"scope": "openid"}, "invalid_scope"),
    ],
)
def test_token_endpoint_refuses(emulator: Emulator, form: dict[str, str], error: str) -> None:
    status, answer = ask(emulator, "v2.0/", **{"scope": "https://management.azure.com/.default", **form})
    assert status in (400, 401)
    assert answer["error"] == error
    assert emulator.client_secret not in json.dumps(answer)


def test_unknown_tenant(emulator: Emulator) -> None:
    status, answer = ask(emulator, "v2.0/", "00000000-0000-0000-0000-000000000000", scope="x/.default")
    assert (status, answer["error"]) == (400, "invalid_tenant")


def test_published_keys_verify_a_token(emulator: Emulator) -> None:
    path = f"/{emulator.tenant_id}/v2.0/.well-known/openid-configuration"
    _, _, discovery = send(emulator.url, "GET", path, ca_file=emulator.ca_file)
    _, _, keys = send(emulator.url, "GET", discovery["jwks_uri"].removeprefix(emulator.url), ca_file=emulator.ca_file)
    _, answer = ask(emulator, "v2.0/", scope="https://management.azure.com/.default")
    key = jwt.PyJWK(keys["keys"][0])
    claims = jwt.decode(
        str(answer["access_token"]),
        key,
        algorithms=["RS256"],
        audience="https://management.azure.com",
        issuer=discovery["issuer"],
    )
    assert claims["idtyp"] == "app"


def test_cloud_metadata(emulator: Emulator) -> None:
    _, _, clouds = send(emulator.url, "GET", "/metadata/endpoints?api-version=2022-09-01", ca_file=emulator.ca_file)
    assert clouds[0]["resourceManager"] == emulator.url
    assert clouds[0]["authentication"]["loginEndpoint"] == emulator.url
    _, _, cloud = send(emulator.url, "GET", "/metadata/endpoints?api-version=2015-01-01", ca_file=emulator.ca_file)
    assert cloud["authentication"]["loginEndpoint"] == emulator.url


def test_rights_can_be_taken_away(emulator: Emulator, account: TestAccount) -> None:
    client = emulator.control.add_client()["clientId"]
    token = emulator.control.token(clientId=client)
    emulator.control.deny(clientId=client, scope=account.id, rights=["write"])
    assert emulator.request("GET", account.id, token=token)[0] == 200
    status, _, body = emulator.request("PUT", f"{account.id}/transforms/t", {}, token=token)
    assert (status, body["error"]["code"]) == (403, "AuthorizationFailed")
    assert "Microsoft.Media/mediaservices/transforms/write" in body["error"]["message"]
    assert emulator.request("PUT", f"{account.id}/transforms/t", {})[0] == 400  # others are not concerned
