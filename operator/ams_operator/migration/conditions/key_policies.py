"""Which ContentKeyPolicies of the target may stand for which authorization policies of version 2.

Comparing options costs much, and both the comparison of secrets and the judgement need what comes of it: it is worked
out once for each state of what it rests on.
"""

from __future__ import annotations

from typing import Any, Final

from ams_operator.domain.model import JSON
from ams_operator.migration import digests, odata
from ams_operator.migration.conditions.known import MOST_COMPARED, has, placed, retired
from ams_operator.migration.digests import Standing
from ams_operator.migration.inputs import Inputs

KEYS: Final = "ContentKeyAuthorizationPolicies"


def standing(inputs: Inputs) -> Standing:
    """What is known of `inputs` already, where that is still good."""
    tally, listing = inputs.inventory.tally(KEYS), inputs.target.lists.get("ContentKeyPolicy")
    known, items = inputs.target.secrets.standing, inputs.objects.items
    if known is not None and known.rests_on(tally, listing, items):
        return known
    found = {str(one["name"]): tuple(_policies(inputs, one)) for one in tally.targets.values()}
    return Standing(tally, listing, items, found)


def sought(inputs: Inputs, stands: Standing) -> dict[str, list[JSON]]:
    """ContentKeyPolicies of the target, each with what it may stand for, as far as secrets can be compared."""
    there = inputs.target.items("ContentKeyPolicy")
    found: dict[str, list[JSON]] = {}
    for one in inputs.inventory.tally(KEYS).targets.values():
        if digests.comparable(one.get("secrets", ())) and not retired(inputs, one["name"], *one["ids"]):
            for name in stands.policies[one["name"]]:
                if name in there:
                    found.setdefault(name, []).append(one)
    return found


def _policies(inputs: Inputs, wanted: JSON) -> list[str]:
    """Named by an object, of its name, or with equal options. What version 2 made is shown by version 3 too, can't be
    changed there, and does not count."""
    there = inputs.target.items("ContentKeyPolicy")
    for one in placed(inputs, "ContentKeyPolicy", (wanted["name"], *wanted["ids"])):
        if one.ready == "True":
            return [one.azure_name]
    if wanted["name"] in there:
        return [str(wanted["name"])]
    options = _options(wanted["fields"])
    if not options or len(there) * len(inputs.inventory.tally(KEYS).targets) > MOST_COMPARED:
        return []
    old = {odata.guid(identifier) for identifier in wanted["ids"]}
    return [
        name
        for name, found in there.items()
        if odata.guid(name) not in old
        and name.lower() != str(found.get("policyId")).lower()
        and _covered(options, _options(found))
    ]


def _options(fields: JSON) -> list[JSON]:
    found = fields.get("options")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _covered(wanted: list[JSON], found: list[JSON]) -> bool:
    """Whether each option has one of its own that says the same, secrets and names apart."""
    rest = list(found)
    for option in wanted:
        bare: Any = {name: value for name, value in option.items() if name != "name"}
        match = next((one for one in rest if has({}, bare, one)), None)
        if match is None:
            return False
        rest.remove(match)
    return not rest
