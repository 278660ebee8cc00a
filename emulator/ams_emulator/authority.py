"""The token endpoint, versions 1 and 2, with discovery; and the document that tells clients of a cloud's endpoints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qsl

from ams_emulator.call import Answer
from ams_emulator.federation import ASSERTION_TYPE, refusal
from ams_emulator.tokens import PUBLIC_AUDIENCES, V2_AUDIENCE, Tokens

_JSON = "application/json; charset=utf-8"
_TENANT_WORDS = frozenset({"common", "organizations"})


class Authority:
    """Answers what a client library asks before it has a token. `origin` is the host that the client spoke to."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def answer(
        self, method: str, parts: list[str], query: Mapping[str, str], body: bytes, origin: str
    ) -> Answer | None:
        """None when the path is none of the authority's."""
        match [method, *(part.lower() for part in parts)]:
            case ["GET", "metadata", "endpoints"]:
                return _answer(200, _clouds(origin, query.get("api-version", "")))
            case ["GET", "common", "discovery", "instance"]:
                return _answer(200, self._instance(origin))
            case ["GET", _, ".well-known", "openid-configuration"]:
                return self._discovery(parts[0], origin, version="1.0")
            case ["GET", _, "v2.0", ".well-known", "openid-configuration"]:
                return self._discovery(parts[0], origin, version="2.0")
            case ["GET", _, "discovery", "keys"] | ["GET", _, "discovery", "v2.0", "keys"]:
                return _answer(200, self._tokens.public_keys())
            case ["POST", _, "oauth2", "token"]:
                return self._token(parts[0], body, origin, version="1.0")
            case ["POST", _, "oauth2", "v2.0", "token"]:
                return self._token(parts[0], body, origin, version="2.0")
        return None

    def _instance(self, origin: str) -> dict[str, object]:
        host = origin.partition("://")[2]
        return {
            "tenant_discovery_endpoint": f"{origin}/{self._tokens.tenant_id}/v2.0/.well-known/openid-configuration",
            "api-version": "1.1",
            "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
        }

    def _issuer(self, origin: str, version: str) -> str:
        return f"{origin}/{self._tokens.tenant_id}/" + ("v2.0" if version == "2.0" else "")

    def _discovery(self, tenant: str, origin: str, *, version: str) -> Answer:
        if not self._known(tenant):
            return self._no_tenant(tenant)
        base, middle = f"{origin}/{self._tokens.tenant_id}", "/v2.0" if version == "2.0" else ""
        document = {
            "issuer": self._issuer(origin, version),
            "authorization_endpoint": f"{base}/oauth2{middle}/authorize",
            "token_endpoint": f"{base}/oauth2{middle}/token",
            "jwks_uri": f"{base}/discovery{middle}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "response_types_supported": ["token"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "tenant_region_scope": "WW",
        }
        return _answer(200, document)

    def _token(self, tenant: str, body: bytes, origin: str, *, version: str) -> Answer:
        if not self._known(tenant):
            return self._no_tenant(tenant)
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        grant, client_id = form.get("grant_type", ""), form.get("client_id", "")
        if grant != "client_credentials":
            message = f"AADSTS70003: the grant type '{grant[:40]}' is not offered; use client_credentials."
            return _refused(400, "unsupported_grant_type", message)
        if client_id.lower() not in self._tokens.clients:
            return _refused(
                400, "unauthorized_client", f"AADSTS700016: there is no application '{client_id[:60]}' in the tenant."
            )
        if "client_assertion" in form:
            if form.get("client_assertion_type") != ASSERTION_TYPE:
                return _refused(
                    400, "invalid_request", f"AADSTS900144: client_assertion_type must be {ASSERTION_TYPE}."
                )
            if (why := refusal(self._tokens.federations, client_id, form["client_assertion"])) is not None:
                return _refused(401, "invalid_client", why)
        elif not self._tokens.secret_fits(client_id, form.get("client_secret", "")):
            return _refused(
                401, "invalid_client", f"AADSTS7000215: the client secret of application '{client_id}' is wrong."
            )
        audience = _audience(form, version)
        if audience is None:
            wanted = "scope ending in /.default" if version == "2.0" else "resource"
            return _refused(400, "invalid_scope", f"AADSTS70011: the request needs a {wanted}.")
        token, seconds = self._tokens.issue(client_id, audience, self._issuer(origin, version), version=version)
        value: dict[str, object] = {
            "token_type": "Bearer",
            "expires_in": seconds,
            "ext_expires_in": seconds,
            "access_token": token,
        }
        if version == "1.0":  # there, numbers are strings
            value |= {"expires_in": str(seconds), "ext_expires_in": str(seconds), "resource": audience}
        return _answer(200, value)

    def _known(self, tenant: str) -> bool:
        return tenant.lower() == self._tokens.tenant_id.lower() or tenant.lower() in _TENANT_WORDS

    def _no_tenant(self, tenant: str) -> Answer:
        return _refused(400, "invalid_tenant", f"AADSTS90002: there is no tenant '{tenant[:60]}' here.")


def _audience(form: Mapping[str, str], version: str) -> str | None:
    if version == "1.0":
        return form.get("resource") or None
    scopes = [scope for scope in form.get("scope", "").split() if scope.endswith("/.default")]
    return scopes[0].removesuffix("/.default") if len(scopes) == 1 else None


def _clouds(origin: str, api_version: str) -> object:
    login = {
        "loginEndpoint": origin,
        "audiences": [*PUBLIC_AUDIENCES, origin],
        "tenant": "common",
        "identityProvider": "AAD",
    }
    if api_version < "2019":  # one cloud, in the older shape
        return {"galleryEndpoint": "", "graphEndpoint": origin, "portalEndpoint": origin, "authentication": login}
    cloud = {
        "name": "AmsEmulator",
        "resourceManager": origin,
        "authentication": login,
        "portal": origin,
        "graph": origin,
        "graphAudience": origin,
        "gallery": origin,
        "batch": origin,
        "media": V2_AUDIENCE,
        "sqlManagement": origin,
        "activeDirectoryDataLake": origin,
        "vmImageAliasDoc": origin,
        "suffixes": {"storage": "core.windows.net", "keyVaultDns": "vault.azure.net"},
    }
    return [cloud]


def _refused(status: int, error: str, description: str) -> Answer:
    codes = [int(digits)] if (digits := "".join(filter(str.isdigit, description.partition(":")[0]))) else []
    return _answer(status, {"error": error, "error_description": description, "error_codes": codes})


def _answer(status: int, value: object) -> Answer:
    return Answer(status, json.dumps(value).encode(), {"Cache-Control": "no-store"}, content_type=_JSON)
