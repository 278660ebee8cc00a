"""Version 2's answer to one request: who may ask, in which version and format, and what for."""

from __future__ import annotations

import re
from dataclasses import replace

from ams_emulator.access import Access
from ams_emulator.call import Answer, Call
from ams_emulator.v2 import address, jobs, live, metadata, write
from ams_emulator.v2.address import Address
from ams_emulator.v2.errors import V2Error, bad
from ams_emulator.v2.functions import call_function, key_delivery_url
from ams_emulator.v2.place import Place, find_account
from ams_emulator.v2.protocol import CONTENT_TYPES, Format, check_version, format_of
from ams_emulator.v2.read import find, known_set, read
from ams_emulator.v2.render import Writer, error
from ams_emulator.v2.sets import ONLY_BY_WAY, SETS
from ams_emulator.v2.url import Segment, split
from ams_emulator.world import World

_TUNNELLED = ("MERGE", "PATCH", "PUT", "DELETE")
_COLLECTIONS = frozenset({*SETS, *(way.name for item in SETS.values() for way in item.navigations if way.many)})
_FUNCTIONS_THAT_WRITE = frozenset({"canceljob", "createfileinfos"})


class V2Service:
    """Answers requests to accounts' own endpoints."""

    def __init__(self, world: World, access: Access) -> None:
        self._world = world
        self._access = access

    def answer(self, call: Call) -> Answer:
        """The answer, with its effect. Never raises V2Error."""
        place = address.parse(call.raw_path)
        assert place is not None
        form: Format = "minimal"
        try:
            form = format_of(call.headers)
            answer = self._answer(call, place, form)
        except V2Error as refusal:
            answer = self.refusal(refusal, form)
        return answer

    def refusal(self, refusal: V2Error, form: Format) -> Answer:
        odata = self._world.variants.is_("v2.error-shape", "odata.error")
        kind = CONTENT_TYPES[form] if form != "atom" else "application/xml;charset=utf-8"
        return Answer(refusal.status, error(refusal, form, odata=odata), content_type=kind)

    def unauthorized(self, call: Call, message: str) -> Answer:
        """A token that is bad, or of another audience."""
        try:
            form = format_of(call.headers)
        except V2Error:
            form = "minimal"
        return self.refusal(V2Error(401, "", message), form)

    def _answer(self, call: Call, place: Address, form: Format) -> Answer:
        check_version(call.headers, call.query)
        account = find_account(self._world, place.account, place.label)
        if account is None:
            raise V2Error(403, "", f"The Media Services account '{place.account}' was not found.")
        here = Place(self._world, account)
        if here.own.retired:
            status = int(self._world.variants.answer("v2.retired"))
            raise V2Error(status, "", "Version 2 of the API has been retired.")
        if any(denial.covers(_at(call, account.id), "write") for denial in self._access.denials):
            raise V2Error(401, "", "The caller is neither Contributor nor Owner of the Media Services account.")
        if place.front and not self._world.variants.is_("v2.endpoint-redirect", "serves"):
            other = self._world.variants.is_("v2.endpoint-redirect", "301-other-host")
            origin = address.other_origin(call.origin) if other else call.origin
            return Answer(301, None, {"Location": address.cluster(account, origin)})
        if here.own.disabled and method_of(call) != "GET":
            raise V2Error(403, "", f"The Media Services account '{account.name}' is disabled.")
        zone = self._world.variants.is_("v2.dates", "zone") or method_of(call) != "GET"
        return self._served(call, here, split(place.rest), Writer(f"{call.origin}{place.prefix}", form, zone))

    def _served(self, call: Call, place: Place, segments: list[Segment], writer: Writer) -> Answer:
        method = method_of(call)
        if segments and segments[0].name in ("Jobs", "Tasks"):
            jobs.forget(place)
        if method == "GET" and not segments:
            kind = CONTENT_TYPES[writer.format] if writer.format != "atom" else "application/atomsvc+xml;charset=utf-8"
            return Answer(200, writer.service(name for name in SETS if name not in ONLY_BY_WAY), content_type=kind)
        if method == "GET" and segments[0].name == "$metadata":
            return Answer(200, metadata.document(SETS.values()), content_type="application/xml;charset=utf-8")
        if method == "GET":
            return call_function(call, place, segments[0].name, writer) or read(call, place, segments, writer)
        if not segments:
            raise write.not_allowed(method)
        return self._written(call, place, method, segments, writer)

    def _written(self, call: Call, place: Place, method: str, segments: list[Segment], writer: Writer) -> Answer:
        first, *rest = segments
        if len(rest) == 2 and rest[0].name == "$links" and method in ("POST", "DELETE"):
            return write.link(call, place, segments, method)
        entity_set = known_set(first.name)
        if method == "POST" and first.key is None and not rest:
            return write.create(call, place, entity_set, writer)
        if first.key is None or len(rest) > 1:
            raise write.not_allowed(method)
        if not rest and method in ("MERGE", "PATCH", "PUT"):
            return write.update(call, place, entity_set, first.key)
        if not rest and method == "DELETE":
            return write.delete(call, place, entity_set, first.key)
        row = find(place, entity_set, first.key)
        if rest and method == "POST" and rest[0].name in entity_set.actions:
            return live.act(call, place, entity_set, row, rest[0].name)
        if rest and method == "POST" and (first.name, rest[0].name) == ("ContentKeys", "GetKeyDeliveryUrl"):
            return key_delivery_url(call, place, row["Id"], writer)
        raise write.not_allowed(method)


def method_of(call: Call) -> str:
    """The method, also when it is tunnelled through POST."""
    if call.method != "POST":
        return call.method
    given = call.headers.get("x-http-method", "POST").upper()
    if given == "POST":
        return given
    if given not in _TUNNELLED:
        raise bad(f"X-HTTP-Method: '{given[:20]}' can't be tunnelled through POST.")
    return given


def headers(request_id: str, client_request_id: str) -> dict[str, str]:
    """What every answer carries."""
    found = {"request-id": request_id, "x-ms-request-id": request_id, "DataServiceVersion": "3.0;"}
    return found | ({"x-ms-client-request-id": client_request_id} if client_request_id else {})


def subject(call: Call) -> tuple[str, bool]:
    """What a request is about, for the log, such as `LIST v2/Assets`; and whether it writes. Never raises."""
    place = address.parse(call.raw_path)
    parts = [part for part in (place.rest if place else "").split("/") if part]
    names = [re.sub(r"(\(|%28).*", "", part, flags=re.DOTALL) for part in parts]
    method = call.headers.get("x-http-method", call.method).upper() if call.method == "POST" else call.method
    about = ".".join(names)[:120] or "service"
    listed = method == "GET" and bool(parts) and parts[-1] in _COLLECTIONS
    writes = method not in ("GET", "HEAD") or about.lower() in _FUNCTIONS_THAT_WRITE
    return f"{'LIST' if listed else method} v2/{about}", writes


def _at(call: Call, path: str) -> Call:
    """The call as if it were for the account: rights are given there."""
    return replace(call, path=path)
