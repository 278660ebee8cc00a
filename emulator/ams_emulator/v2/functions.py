"""Functions: GETs that do something or compute something."""

from __future__ import annotations

import base64
import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from ams_emulator.call import Answer, Call
from ams_emulator.v2 import jobs
from ams_emulator.v2.errors import bad, missing
from ams_emulator.v2.place import Place
from ams_emulator.v2.protocol import CONTENT_TYPES, read_body
from ams_emulator.v2.render import Writer
from ams_emulator.v2.rows import blank
from ams_emulator.v2.sets import SETS
from ams_emulator.v2.shared_assets import AssetRows
from ams_emulator.v2.url import literal


def call_function(call: Call, place: Place, name: str, writer: Writer) -> Answer | None:
    """The answer of `GET /NAME?...`; None when there is no such function. Raises V2Error."""
    match name:
        case "CancelJob":
            jobs.cancel(place, _given(call, "jobid"))
            return Answer(204)
        case "CreateFileInfos":
            _create_file_infos(place, _given(call, "assetid"))
            return Answer(204)
        case "GetProtectionKeyId":
            return _scalar(writer, name, hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest().upper())
        case "RebindContentKey":
            return _scalar(writer, name, _rebound(place, _given(call, "id"), _given(call, "x509certificate")))
    return None


def key_delivery_url(call: Call, place: Place, key: str, writer: Writer) -> Answer:
    """`POST ContentKeys('id')/GetKeyDeliveryUrl {"keyDeliveryType"}`."""
    kinds = {1: "PlayReady/", 2: f"?kid={key[-36:]}", 3: f"Widevine/?kid={key[-36:]}", 4: f"FairPlay/?kid={key[-36:]}"}
    kind = read_body(call.headers, call.body).get("keyDeliveryType")
    if kind not in kinds:
        raise bad("keyDeliveryType takes 1 (PlayReady), 2 (clear key), 3 (Widevine) and 4 (FairPlay).")
    host = f"{place.account.name}.keydelivery.mediaservices.windows.net"
    return _scalar(writer, "GetKeyDeliveryUrl", f"https://{host}/{kinds[kind]}")


def _given(call: Call, name: str) -> str:
    value = call.query.get(name)
    if value is None:
        raise bad(f"The parameter '{name}' is missing.")
    return literal(value)


def _scalar(writer: Writer, name: str, value: str) -> Answer:
    return Answer(200, writer.scalar(name, value), content_type=CONTENT_TYPES[writer.format])


def _rebound(place: Place, key: str, certificate: str) -> str:
    """The key's value, encrypted for whoever has the certificate's private key."""
    value = place.own.keys.get(key.lower())
    if value is None:
        raise missing(f"ContentKey '{key[:120]}'")
    try:
        public = x509.load_der_x509_certificate(base64.b64decode(certificate.replace(" ", "+"))).public_key()
    except ValueError:
        raise bad("x509Certificate: expected a certificate as base64.") from None
    if not isinstance(public, rsa.RSAPublicKey):
        raise bad("x509Certificate: expected one with an RSA key.")
    sha1 = hashes.SHA1()  # noqa: S303 - what the service's clients expect
    return base64.b64encode(public.encrypt(value, padding.OAEP(padding.MGF1(sha1), sha1, None))).decode()


def _create_file_infos(place: Place, asset: str) -> None:
    """Make a row for each file that is in the container and has none."""
    resource = AssetRows(place.world, place.account).resource(asset)
    if resource is None:
        raise missing(f"Asset '{asset[:120]}'")
    known = {row["Name"] for row in place.rows("Files").where("ParentAssetId", asset)}
    now = place.world.timestamp()
    for name in place.world.containers.of(resource).files:
        if name not in known:
            row = {**blank(SETS["Files"]), "Id": place.new_id(SETS["Files"]), "Name": name, "ParentAssetId": asset}
            place.rows("Files").put(row | {"Created": now, "LastModified": now})
