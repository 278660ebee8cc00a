"""Which tests show what becomes of a field, of a value of an enumeration, of a trap. A path names a file below `tests`
and a function in it. What tests are given one by one is taken from there."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from tests.migration import test_enums, test_fields
from tests.migration.coverage_enums import Enumeration
from tests.migration.coverage_reasons import STATED, UNASKED

from ams_operator.migration import entities

TESTS: Final = Path(__file__).parents[1]
_FIELDS: Final = "migration/test_fields.py::"
_ENUMS: Final = "migration/test_enums.py::"
UNASKED_FOR: Final = f"{_FIELDS}test_what_is_not_asked_for_does_not_come_in"
_KEYS: Final = "migration/test_client.py::test_every_set_is_read_whatever_the_service_answers_to_what_is_open"

SHOWN: Final[Mapping[str, Mapping[str, str]]] = {
    "MediaProcessors": {"migration/test_fields.py::test_tasks_are_judged_by_the_name_of_their_processor": "Id Name"},
    "Assets": {
        "migration/test_mapping.py::test_assets_say_what_version_3_would_not_do_again": "State Options Name",
        "migration/test_mapping.py::test_origin_of_nameless_assets": "Name Created",
        "migration/test_fields.py::test_what_locators_are_made_of_is_remembered_while_it_is_new": "Created",
    },
    "AccessPolicies": {
        "migration/test_fields.py::test_what_locators_are_made_of_is_remembered_while_it_is_new": "Created",
        "migration/test_published.py::test_a_locator_is_not_older_than_what_it_is_made_of": "Id Created",
    },
    "Locators": {
        "migration/test_mapping.py::test_locators": "Type ExpirationDateTime AccessPolicyId AssetId",
        "migration/test_published.py::test_a_locator_is_not_older_than_what_it_is_made_of": "AssetId AccessPolicyId",
    },
    "ContentKeys": {"migration/test_protection.py::test_keys": "ContentKeyType AuthorizationPolicyId"},
    "ContentKeyAuthorizationPolicies": {
        "migration/test_policies.py::test_policies_are_one_where_their_content_is_and_only_there": "Id",
    },
    "ContentKeyAuthorizationPolicyOptions": {
        "migration/test_protection.py::test_options":
            "KeyDeliveryType KeyDeliveryConfiguration Restrictions[].KeyRestrictionType Restrictions[].Requirements",
        "migration/test_policies.py::test_tokens_say_who_may_watch_and_name_what_has_to_be_given":
            "Restrictions[].Requirements",
        "migration/test_policies.py::test_playready_licences": "KeyDeliveryConfiguration",
        "migration/test_policies.py::test_fairplay_needs_its_three_secrets_and_loses_its_vector":
            "KeyDeliveryConfiguration",
    },
    "AssetDeliveryPolicies": {
        "migration/test_protection.py::test_delivery_gaps":
            "AssetDeliveryProtocol AssetDeliveryPolicyType AssetDeliveryConfiguration",
        "migration/test_combinations.py::test_assets_that_version_3_names_one_policy_for_are_looked_at_by_a_few": "Id",
    },
    "Combinations": {
        "migration/test_combinations.py::test_assets_that_version_3_names_one_policy_for_are_looked_at_by_a_few": "Id",
    },
    "Channels": {
        "migration/test_mapping.py::test_channels": "Name EncodingType VanityUrl",
        "migration/test_enums.py::test_a_channels_preset_that_is_not_version_3s_default_is_told": (
            "EncodingType Encoding.SystemPreset"
        ),
        "migration/test_mapping.py::test_channels_on_air_block": "State",
        "migration/test_mapping.py::test_channel_gaps": "State EncodingType",
        "migration/test_mapping.py::test_who_may_send_to_a_channel": "Input.AccessControl.IP.Allow",
        "migration/test_mapping.py::test_programs": "Id Output.Hls.FragmentsPerSegment",
    },
    "Programs": {
        "migration/test_mapping.py::test_programs": "Name ChannelId State",
        "migration/test_fields.py::test_a_program_without_an_asset_never_recorded": "AssetId",
    },
    "StreamingEndpoints": {"migration/test_mapping.py::test_endpoints": "StreamingEndpointVersion ScaleUnits"},
    "Filters": {"migration/test_mapping.py::test_filters": "Name"},
    "AssetFilters": {
        "migration/test_mapping.py::test_filters": "Id Name",
        "migration/test_fields.py::test_a_filters_asset_is_named_by_its_parent": "ParentAssetId",
    },
    "JobTemplates": {"migration/test_mapping.py::test_what_else_there_is": "TemplateType"},
    "TaskTemplates": {
        "migration/test_presets.py::test_processors": "MediaProcessorId Configuration",
        "migration/test_enums.py::test_verdicts_on_each_value": "Options",
    },
    "Jobs": {
        "migration/test_mapping.py::test_jobs_in_flight_block": "State",
        "migration/test_fields.py::test_a_member_is_found_again": "JobNotificationSubscriptions",
    },
    "Tasks": {
        "migration/test_presets.py::test_processors": "MediaProcessorId Configuration EndTime",
        "migration/test_presets.py::test_encrypted_configurations_are_not_kept": "Options Configuration",
        "migration/test_fields.py::test_a_task_under_way_is_as_old_as_its_beginning": "StartTime",
    },
    "NotificationEndPoints": {
        "migration/test_enums.py::test_verdicts_on_each_value": "EndPointType",
        "migration/test_mapping.py::test_of_addresses_only_the_place_is_kept": "EndPointAddress",
    },
    "IngestManifests": {"migration/test_mapping.py::test_what_else_there_is": "State"},
}  # fmt: skip
VALUES: Final[Mapping[str, str]] = {
    "Assets.State": "migration/test_mapping.py::test_assets_say_what_version_3_would_not_do_again",
    "Assets.Options": "migration/test_mapping.py::test_assets_say_what_version_3_would_not_do_again",
    "Locators.Type": "migration/test_mapping.py::test_locators",
    "ContentKeys.ContentKeyType": "migration/test_protection.py::test_keys",
    "ContentKeyAuthorizationPolicyOptions.KeyDeliveryType": "migration/test_protection.py::test_options",
    "AssetDeliveryPolicies.AssetDeliveryPolicyType": "migration/test_combinations.py::test_predefined",
    "AssetDeliveryPolicies.AssetDeliveryProtocol": "migration/test_combinations.py::test_predefined",
    "Jobs.State": "migration/test_mapping.py::test_jobs_in_flight_block",
    "JobTemplates.TemplateType": "migration/test_mapping.py::test_what_else_there_is",
    "Channels.State": "migration/test_mapping.py::test_channels_on_air_block",
    "Channels.EncodingType": "migration/test_mapping.py::test_channels",
    "Tasks.MediaProcessorId (name of the processor)": "migration/test_presets.py::test_processors",
    "Tasks.Configuration": "migration/test_presets.py::test_system_presets",
    "Tasks.Configuration/Codecs/Condition": "migration/test_presets.py::test_preset_gaps",
    "Tasks.Configuration/Sources/Rotation": "migration/test_sources.py::test_rotation",
    "Tasks.Configuration/Sources/Deinterlace": "migration/test_sources.py::test_deinterlacing",
    "ContentKeyAuthorizationPolicyOptions.FairPlay/RentalAndLeaseKeyType":
        "migration/test_policies.py::test_fairplay_leases",
    "ContentKeyAuthorizationPolicyOptions.TokenRestrictionTemplate/TokenType":
        "migration/test_policies.py::test_types_of_tokens",
}  # fmt: skip
"""tests of enumerations besides those that name each value"""


def of_field(name: str, path: str) -> list[str]:
    """The tests that show what becomes of a field."""
    found = [test for test, paths in SHOWN.get(name, {}).items() if path in paths.split()]
    found += [f"{_FIELDS}{test}" for test, pairs in _LISTED.items() if (name, path) in pairs]
    one = entities.SETS[name]
    found += [_KEYS] if path == one.key else []
    found += [f"{_FIELDS}test_every_set_with_a_date_can_be_asked_for_what_changed"] if path == one.dated else []
    return list(dict.fromkeys(found))


_LISTED: Final[Mapping[str, set[tuple[str, str]]]] = {
    "test_a_member_is_found_again": {(one[0], one[1]) for one in test_fields.BY_NAME},
    "test_a_member_is_found_again_in_another_account": {(one[0], one[1]) for one in test_fields.ELSEWHERE},
    "test_when_version_2_was_worked_with": set(test_fields.DATED),
    "test_what_holds_secrets_does_not_come_in": set(test_fields.DROPPED),
    "test_the_report_shows_fields_beside_what_takes_their_place": set(test_fields.BESIDE),
    "test_polls_know_when_channels_and_jobs_were_made": set(test_fields.POLLED),
    "test_people_are_told_the_name_of_a_row": {(name, "Name") for name in test_fields.NAMED},
    "test_what_is_said_to_decide_nothing_does_not": {(name, path) for name, some in STATED.items() for path in some},
}


def of_value(one: Enumeration) -> list[str]:
    """The tests that show what becomes of each value of an enumeration."""
    top = one.path.partition(".")[0].partition("[")[0]
    if top in UNASKED.get(one.of, {}):
        return [UNASKED_FOR]
    found = [f"{_ENUMS}test_verdicts_on_each_value"] if one.title in test_enums.VERDICTS else []
    found += [f"{_ENUMS}test_what_each_value_becomes"] if one.title in test_enums.MEMBERS else []
    found += [f"{_ENUMS}test_values_that_make_no_difference"] if one.title in test_enums.ALIKE else []
    if one.title == "AssetDeliveryPolicies.AssetDeliveryConfiguration[].Key":
        found.append(f"{_ENUMS}test_each_setting_of_a_delivery_policy")
    return [*found, *([VALUES[one.title]] if found and one.title in VALUES else [])]


@cache
def _definitions(file: Path) -> Mapping[str, str]:
    """Source of what a module defines by itself, by name; what it imports of other tests from there."""
    text = file.read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for node in ast.parse(text).body:
        names = [getattr(node, "name", "")] + [
            target.id for target in getattr(node, "targets", [getattr(node, "target", None)])
            if isinstance(target, ast.Name)
        ]  # fmt: skip
        decorators = "\n".join(ast.unparse(one) for one in getattr(node, "decorator_list", ()))
        found |= {name: f"{decorators}\n{ast.get_source_segment(text, node)}" for name in names if name}
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests."):
            other = TESTS.parent / f"{(node.module or '').replace('.', '/')}.py"
            if other.exists():
                found |= {one.name: _definitions(other).get(one.name, "") for one in node.names}
    return found


def source(test: str) -> str:
    """What a test and all that it uses of its file say; empty where there is no such test."""
    path, _, name = test.partition("::")
    file = TESTS / path
    known = _definitions(file) if file.exists() else {}
    return "\n".join(known[one] for one in _used(known, name)) if name.startswith("test_") and name in known else ""


def _used(known: Mapping[str, str], name: str) -> Iterator[str]:
    seen, waiting = set[str](), [name]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        yield one
        words = {node.id for node in ast.walk(ast.parse(known[one].strip() or "0")) if isinstance(node, ast.Name)}
        waiting += sorted(words & known.keys())
