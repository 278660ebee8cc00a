"""ContentProtectionMigrated: who may have which key, and how content is encrypted, has a counterpart in the target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ams_operator.domain.model import JSON
from ams_operator.migration import odata, templates
from ams_operator.migration.conditions.finding import FALSE, Finding, Score, Stop, Type, judged, unknown
from ams_operator.migration.conditions.key_policies import KEYS, standing
from ams_operator.migration.conditions.known import (
    accepted,
    accepts,
    answering,
    day,
    doubts,
    evidence,
    has,
    lists_missing,
    nothing_left,
    objects_missing,
    placed,
    readable,
    retired,
    sets_missing,
    uncompared,
    unmapped,
    unread,
)
from ams_operator.migration.conditions.reasons import Why
from ams_operator.migration.gaps import UNREAD
from ams_operator.migration.inputs import Inputs

DELIVERY: Final = "Combinations"
"""of delivery policies: each is one streaming policy"""
_SETS: Final = (
    "Assets",
    "ContentKeys",
    KEYS,
    "ContentKeyAuthorizationPolicyOptions",
    "AssetDeliveryPolicies",
    DELIVERY,
)
SHOWING: Final = "Microsoft.Media/mediaservices/contentKeyPolicies/getPolicyPropertiesWithSecrets/action"
"""what an identity has to be allowed, so that secrets can be compared"""
UNCOMPARED: Final = "uncompared-policies"
"""the declaration that somebody looked after the policies that are too many to be kept and compared"""
_PREDEFINED: Final = "Predefined_"
_CLEAR: Final = frozenset({
    "Predefined_ClearStreamingOnly", "Predefined_DownloadAndClearStreaming", "Predefined_DownloadOnly",
})  # fmt: skip


def content_protection(inputs: Inputs) -> Finding:
    """Judged by the target's LISTs: the operator has no kinds for these policies yet."""
    keys = targets(inputs, KEYS)
    policies = [one for one in targets(inputs, DELIVERY) if one["name"] not in _CLEAR]
    stands = standing(inputs).policies
    found = {str(one["name"]): _policy(inputs, one, stands[one["name"]]) for one in keys}
    lacking = [name for name, policy in found.items() if not _list_missing(inputs, "ContentKeyPolicy") and not policy]
    without = [
        one["name"]
        for one in policies
        if not _list_missing(inputs, "StreamingPolicy") and not _streaming_policy(inputs, one)
    ]
    stops = [*_unused(inputs, keys, policies), *_lost(inputs, lacking, without), *_created(inputs), *_others(inputs)]
    stops += [*_mismatches(inputs, found), *_other_urls(inputs, policies)]
    missing = [*sets_missing(inputs, *_SETS), *doubts(inputs, "storage-encryption", UNREAD, of=(KEYS, DELIVERY))]
    missing += lists_missing(inputs, "ContentKeyPolicy") if keys else []
    missing += lists_missing(inputs, "StreamingPolicy") if _own(policies) else []
    if keys or policies:
        missing += objects_missing(inputs)
    count = len(keys) + len(policies)
    score = Score(count - len(lacking) - len(without), count, "protection policies have their counterpart")
    if not stops and not missing and (count := unread(inputs, UNREAD)):
        looks = f"delivery policies of {count} of {inputs.inventory.tally(DELIVERY).rows} published assets"
        following = f"look at some of them, then acknowledge the gap {UNREAD}"
        return unknown(Type.PROTECTION, [looks], Why.NOT_LOOKED_AT, following, score)
    if not stops and not missing and (more := uncompared(inputs, UNCOMPARED, KEYS, DELIVERY)):
        return unknown(Type.PROTECTION, more, Why.NOT_LOOKED_AT, answering(UNCOMPARED), score)
    if not keys and not policies:
        told = _unneeded(inputs)
        return judged(Type.PROTECTION, score, stops, missing, Why.NOT_USED, told)
    unsure = [one["name"] for one in keys if one["give"] and not _verified(inputs, found, one["name"])]
    equal = "; their secrets are those of version 2" if any(one["give"] for one in keys) else ""
    told = f"{score}{equal}; no API shows that licences are delivered: play something"
    if inputs.config.verified_by:
        told = f"{score}; licences were seen by {inputs.config.verified_by}"
    result = judged(Type.PROTECTION, score, stops, missing, Why.PROTECTED, told)
    if result.status == FALSE or missing or not unsure:
        return result
    following = "play what is protected, then say who saw it in spec.migration.licensesVerifiedBy"
    if inputs.target.secrets.denied:
        following = f"allow {SHOWING}, or {following}"
    missing = [f"the secrets of {name}" for name in unsure]
    return unknown(Type.PROTECTION, missing, Why.SECRETS_NOT_VERIFIED, following, score)


def _unneeded(inputs: Inputs) -> str:
    """Why there is no policy to move."""
    found = (one for name in (KEYS, DELIVERY) for one in inputs.inventory.tally(name).targets.values())
    wishes = {
        "retired": any(one["name"] not in _CLEAR for one in found),
        "acknowledgedGaps": accepts(inputs, KEYS, DELIVERY),
    }
    return nothing_left("version 2 protects nothing", "policy", wishes)


def targets(inputs: Inputs, name: str) -> list[JSON]:
    """What a set's entities in use become, but what is retired."""
    if not readable(inputs, name):
        return []
    found = inputs.inventory.tally(name).targets.values()
    return [one for one in found if not retired(inputs, one["name"], *one["ids"])]


def _own(policies: list[JSON]) -> list[JSON]:
    """Those that version 3 has not by itself."""
    return [one for one in policies if not one["name"].startswith(_PREDEFINED)]


def _list_missing(inputs: Inputs, kind: str) -> bool:
    return bool(lists_missing(inputs, kind) or objects_missing(inputs))


def _policy(inputs: Inputs, wanted: JSON, found: Sequence[str]) -> str:
    """The ContentKeyPolicy of the target for it; of several that say the same, one that holds its secrets."""
    ranks = {True: 0, None: 1, False: 2}
    return min(found, key=lambda name: ranks[inputs.target.secrets.equal.get((name, wanted["name"]))], default="")


def _streaming_policy(inputs: Inputs, wanted: JSON) -> str:
    name = str(wanted["name"])
    there = inputs.target.items("StreamingPolicy")
    if name.startswith(_PREDEFINED) or name in there:
        return name
    for one in placed(inputs, "StreamingPolicy", (name, *wanted["ids"])):
        if one.ready == "True":
            return one.azure_name
    fields = templates.whole(wanted["fields"], _lost_values(wanted))
    # What version 2 made is shown by version 3 too, under a GUID [inferred], and can't be changed there.
    same = (one for one, found in there.items() if odata.guid(one) is None and fields and has({}, fields, found))
    return next(same, "")


def _verified(inputs: Inputs, found: Mapping[str, str], name: str) -> bool:
    """Whether the secrets of its policy are known to be right, or somebody saw it work."""
    return bool(inputs.config.verified_by) or inputs.target.secrets.equal.get((found[name], name)) is True


def _mismatches(inputs: Inputs, found: Mapping[str, str]) -> list[Stop]:
    wrong = {name: policy for name, policy in found.items() if inputs.target.secrets.equal.get((policy, name)) is False}
    if not wrong or _list_missing(inputs, "ContentKeyPolicy"):
        return []
    names = tuple(name if policy == name else f"{policy} (for {name})" for name, policy in wrong.items())
    following = "give the content key policy the secrets that version 2 has; if it is meant to have others, "
    return [Stop(Why.SECRET_MISMATCH, names, f"{following}name {min(wrong)} in spec.migration.retired")]


def _lost_values(wanted: JSON) -> dict[str, str]:
    """Digests of what its URLs have lost."""
    return {pointer: digest for option in wanted.get("secrets", ()) for pointer, digest in option}


def _other_urls(inputs: Inputs, policies: list[JSON]) -> list[Stop]:
    """Streaming policies of the target by whose URLs players would ask for another customer's licences, or for none."""
    there = {} if _list_missing(inputs, "StreamingPolicy") else inputs.target.items("StreamingPolicy")
    wrong = [
        str(one["name"])
        for one in policies
        if (policy := there.get(_streaming_policy(inputs, one)))
        and templates.differ(one["fields"], _lost_values(one), policy)
    ]
    if not wrong:
        return []
    following = "make a streaming policy whose URLs have the values of version 2's; if it is meant to have others, "
    return [Stop(Why.SECRET_MISMATCH, tuple(wrong), f"{following}name {min(wrong)} in spec.migration.retired")]


def _lost(inputs: Inputs, lacking: list[str], without: list[str]) -> list[Stop]:
    keys = _unmade(
        inputs, KEYS, Why.POLICY_MISSING, lacking,
        "make a content key policy of this name with the secrets of version 2",
        "write the policy by hand, and acknowledge the gap",
    )  # fmt: skip
    deliveries = _unmade(
        inputs, DELIVERY, Why.COMBINATION_UNMAPPED, without,
        "make a streaming policy of this name",
        "acknowledge the gap, or change the policy",
    )  # fmt: skip
    return [*keys, *deliveries]


def _unmade(inputs: Inputs, name: str, why: Why, lacking: list[str], make: str, otherwise: str) -> list[Stop]:
    """What is not there yet (`lacking`), and what of a set becomes nothing."""
    lost, count = unmapped(inputs, name) if readable(inputs, name) else ([], 0)
    if not lacking and not count:
        return []
    following = f"{make}: {min(lacking)}" if lacking else otherwise
    return [Stop(why, (*lacking, *lost), following, len(lacking) + count)]


def _created(inputs: Inputs) -> list[Stop]:
    newest = inputs.inventory.tally("ContentKeys").newest() if readable(inputs, "ContentKeys") else ""
    if newest < day(inputs.now - inputs.config.quiet):
        return []
    following = "find who still makes keys in version 2, then wait for spec.migration.quietPeriod"
    return [Stop(Why.V2_KEYS_STILL_CREATED, (f"a key of {newest}Z",), following)]


def _others(inputs: Inputs) -> list[Stop]:
    seen = evidence(inputs).get("storage-encryption")
    if seen is None or accepted(inputs, "storage-encryption"):
        return []
    following = "acknowledge the gap storage-encryption: what is encrypted stays readable"
    return [Stop(Why.STORAGE_ENCRYPTED, tuple(seen.samples), following, seen.count)]


def _unused(inputs: Inputs, keys: list[JSON], policies: list[JSON]) -> list[Stop]:
    protects = [*keys, *policies]
    if "content_protection" not in inputs.config.not_used or not protects:
        return []
    following = "take contentProtection out of spec.migration.scenarios"
    return [Stop(Why.DECLARED_UNUSED_BUT_SEEN, tuple(one["name"] for one in protects), following)]
