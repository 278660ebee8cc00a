"""Content keys, who may have them, and how content is delivered: ContentKeyPolicy and StreamingPolicy."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from ams_operator.domain.model import JSON
from ams_operator.migration import odata, templates
from ams_operator.migration.gaps import UNREAD
from ams_operator.migration.mapping import combinations, policies, streaming
from ams_operator.migration.model import Judgement, Known, Verdict, gap, maps, not_needed, visible

VISIBLE: Final = Judgement(visible("a property of its asset's locators; version 3 shows it and can't change it"))
CONTENT: Final = frozenset({0, 4, 6})
"""types of keys that encrypt content"""

_SAMPLED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "alike": "version 3 names one streaming policy for these assets, some of which were looked at",
        "unread": "there are too many assets to ask each; the others are taken to be like those that were",
    }
)
_MOST_SHOWN: Final = 4
"""streaming policies that version 3 shows one asset with"""


def key(row: JSON, known: Known) -> Judgement:
    """Keys of content are properties of locators in version 3; two types are parts of a FairPlay configuration."""
    policy = odata.guid(row.get("AuthorizationPolicyId"))
    kind = odata.whole(row.get("ContentKeyType"))
    if kind in CONTENT:
        if policy:
            known.used_policies.add(policy)
        if known.same_account:
            return VISIBLE
        return Judgement(maps("StreamingLocator", "contentKeys", "made with its locator, with the same id and value"))
    match kind:
        case 1:
            return Judgement(visible("the encryption key of its asset"))
        case 7 | 8:
            return Judgement(maps("ContentKeyPolicy", "fairPlayConfiguration", "part of the FairPlay configuration"))
        case 2 | 3:
            why = "a key that encrypts configurations or URLs"
            return Judgement(gap("configuration-encryption", why, inferred=True), (("configuration-encryption", why),))
    return Judgement(gap("undocumented", "a key of a type that nobody documented"))


def option(row: JSON, _: Known) -> Judgement:
    """One option of a policy; the policy's own verdict says the whole."""
    made = policies.option(row)
    if made.gap:
        return Judgement(gap(made.gap, made.why, inferred=True), ((made.gap, "authorization option"),))
    kind = (
        str(made.body["configuration"]["@odata.type"]).rpartition("ContentKeyPolicy")[2].removesuffix("Configuration")
    )
    evidence = tuple((identifier, f"{kind} option") for identifier in made.evidence)
    return Judgement(maps("ContentKeyPolicy", "options", f"a {kind} option of a ContentKeyPolicy"), evidence)


def authorization(row: JSON, known: Known) -> Judgement:
    """Policies with the same content become one ContentKeyPolicy; those that no key names become none."""
    guid = odata.guid(row["Id"])
    if guid is None:
        return Judgement(gap("undocumented", "its id is none of a policy"))
    if guid not in known.used_policies:
        return Judgement(not_needed("no key of content names it"))
    options = sorted(known.options.get(guid, []), key=lambda one: str(one.get("Content")))
    if not options:
        return Judgement(gap("unreadable-policy", "a policy without options delivers no key", inferred=True))
    content = "".join(str(one.get("Content")) for one in options)
    made = policies.policy(options)
    if made.lost is not None and not made.fields["options"]:
        return Judgement(gap(made.lost.gap, "a policy none of whose options has a place in version 3", inferred=True))
    why = "the same rights; its keys have to be given again" if made.give else "the same rights"
    verdict = maps("ContentKeyPolicy", f"v2-{_short(content)}-{len(options)}", why, made.fields)
    return Judgement(replace(verdict, give=made.give, secrets=made.secrets, note=made.note))


def _short(content: str) -> str:
    """A digest of keyed digests."""
    return hashlib.blake2b(content.encode(), digest_size=6).hexdigest()


def delivery(row: JSON, known: Known) -> Judgement:
    """A section of a streaming policy. Which ones an asset combines is judged by `combination`."""
    protocol, kind = odata.whole(row.get("AssetDeliveryProtocol")), odata.whole(row.get("AssetDeliveryPolicyType"))
    if protocol is None or kind is None or not 1 <= kind <= 5 or row.get("Unreadable"):
        return Judgement(gap("undocumented", "a delivery policy with values that nobody documented"))
    known.deliveries.add(row["Id"], [kind, protocol, *row["Configuration"]])
    evidence = []
    name = odata.text(row.get("Name"))[:60]
    if protocol & streaming.HDS and protocol != streaming.ALL:
        evidence.append(("hds", f"delivery policy {name}"))
        if protocol == streaming.HDS:
            return Judgement(gap("hds", "a delivery policy for HDS alone", inferred=True), tuple(evidence))
    if dict(row["Configuration"]).keys() & templates.VECTORS:
        evidence.append(("delivery-features", f"delivery policy {name}"))
    if kind == streaming.BLOCKED:
        return Judgement(not_needed("version 3 delivers only what a streaming policy enables"), tuple(evidence))
    if not protocol:
        return Judgement(not_needed("it names no protocol: nothing is delivered by it"), tuple(evidence))
    why = "a section of the streaming policies of those assets that have it"
    return Judgement(maps("StreamingPolicy", streaming.SECTIONS[kind], why), tuple(evidence))


def combination(row: JSON, known: Known) -> Judgement:
    """All delivery policies of one published asset together: the streaming policy that says the same. Of an asset that
    nobody looked at, what those say that were, if they agree."""
    if "kinds" not in row:
        return Judgement(
            gap(UNREAD, "too many assets are published to ask each, and the others don't say", inferred=True)
        )
    found = [known.deliveries.kinds[number] for number in row["kinds"]]
    if row.get("unknown"):
        verdict = gap("undocumented", "a published asset with a delivery policy that nobody could read")
    else:
        made = combinations.combined([(kind, protocol, dict(pairs)) for kind, protocol, *pairs in found])
        verdict = _streaming_policy(made, row)
    if row.get("how") != "unread":
        return Judgement(verdict)
    evidence = [(UNREAD, "published asset that was not asked")]
    evidence += [(verdict.gap, verdict.why)] if verdict.gap else []
    return Judgement(replace(verdict, inferred=True), tuple(evidence))


def _streaming_policy(made: combinations.Combined, row: JSON) -> Verdict:
    if made.gap:
        return gap(made.gap, made.why, inferred=True)
    if not made.name:
        return not_needed(made.why)
    keys = row.get("keys")
    notes = list(made.notes)
    if keys is not None and (missing := [one for one in made.keys if one not in keys]):
        notes.append(f"an asset that has these policies has no key for {', '.join(missing)}")
    if shown := row.get("shown"):
        said = " and ".join(name[:80] or "a policy that it does not say" for name in shown[:_MOST_SHOWN])
        notes.append(f"version 3 shows locators of the same assets with {said}")
    if how := _SAMPLED.get(str(row.get("how"))):
        notes.append(how)
    verdict = maps("StreamingPolicy", made.name, made.why, made.fields)
    beside = {"contentKeys": list(made.keys)} if made.keys else {}
    secrets = [[[pointer, digest] for pointer, digest in made.give.items()]] if made.give else []
    return replace(verdict, note="; ".join(notes), beside=beside, give=tuple(made.give), secrets=secrets)
