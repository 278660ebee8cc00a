"""What surprises whoever works with version 2, each with the tests that show that it is minded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TRAPS: Final[Mapping[str, tuple[str, ...]]] = {
    "The host of an account's endpoint names a cluster, which is not always its region: it is asked for, never built":
        ("emulator/test_v2_protocol.py::test_discovery",
         "migration/test_traps.py::test_the_endpoint_is_the_one_that_is_named"),
    "A redirect to the cluster has to be followed by hand: common clients drop the token, and make a GET of a POST":
        ("migration/test_client.py::test_every_set_is_read_whatever_the_service_answers_to_what_is_open",
         "migration/test_client.py::test_redirects_are_never_less_safe"),
    "Tokens are for another audience than Resource Manager's, whose tokens version 2 refuses":
        ("migration/test_client.py::test_each_cloud_has_its_audience",
         "emulator/test_v2_protocol.py::test_tokens_are_of_their_own_audience"),
    "Metadata in the body of a request is taken in the verbose format only":
        ("emulator/test_v2_writes.py::test_verbose_bodies_may_have_metadata",
         "emulator/test_v2_writes.py::test_refused_creations"),
    "64-bit numbers are texts, smaller ones are numbers, spans are ISO durations":
        ("migration/test_odata.py::test_whole_numbers", "migration/test_odata.py::test_durations",
         "emulator/test_v2_protocol.py::test_wide_integers_are_strings_and_narrow_ones_are_not"),
    "Dates come with a zone or without, with seven decimals, and as the year 1 where they are not set; all are UTC":
        ("migration/test_odata.py::test_moments",
         "emulator/test_v2_protocol.py::test_dates_of_queries_have_no_zone"),
    "Who does not ask for JSON gets XML":
        ("migration/test_traps.py::test_json_is_asked_for",
         "emulator/test_v2_protocol.py::test_who_does_not_ask_for_json_gets_xml"),
    "Creating a program answers 202 like a long operation, but names none to wait for":
        ("emulator/test_v2_running.py::test_creating_a_program_has_no_operation",),
    "Start and Stop are POSTs, whatever their page says":
        ("emulator/test_v2_running.py::test_channels_and_programs_in_order",),
    "What is stored says its state and kind by numbers, what is on air by words":
        ("migration/test_enums.py::test_numbers_and_words_are_not_mixed_up",
         "migration/test_mapping.py::test_jobs_in_flight_block",
         "migration/test_mapping.py::test_channels_on_air_block"),
    "A sample gives PlayReady's URL the number of another setting: 4 is right, 2 is the base URL of envelope keys":
        ("migration/test_traps.py::test_a_playready_url_is_number_4",),
    "A task's state is a job's, from 0 to 6, and not one of the four that its page lists":
        ("migration/test_traps.py::test_a_tasks_state_is_a_jobs",
         "emulator/test_v2_running.py::test_a_job_takes_its_course"),
    "A streaming endpoint's state is a word, although its page says that it is a number":
        ("migration/test_traps.py::test_an_endpoints_state_is_a_word",),
    "An asset's name in version 3 is its bare GUID; `asset-` and the GUID is the name of its container":
        ("migration/test_mapping.py::test_assets_say_what_version_3_would_not_do_again",
         "emulator/test_v2_shared.py::test_assets_of_version_2_are_named_by_their_guid"),
    "Channels and programs can't be managed with version 3, although one page has lost the word that says so":
        ("migration/test_mapping.py::test_channels",
         "emulator/test_v2_shared.py::test_channels_programs_and_jobs_do_not_show_in_version_3"),
    "Availability sets of endpoints are among the features without counterpart, and in no field of version 2":
        ("migration/test_traps.py::test_what_no_field_shows_has_to_be_declared",),
    "Live events of version 3 may run around the clock; older pages say a day at most":
        ("migration/test_traps.py::test_no_channel_is_refused_for_how_long_it_runs",),
    "The primary storage account is a flag in the old version of Resource Manager's API, and a word in later ones":
        ("emulator/test_v2_protocol.py::test_discovery",),
    "Presets of version 3 differ in the case of one letter, 720P and 720p":
        ("migration/test_traps.py::test_presets_of_version_3_are_spelled_as_it_spells_them",),
    "A task's configuration is a preset's name, JSON, XML, another processor's XML, or nothing":
        ("migration/test_presets.py::test_what_is_no_preset",
         "migration/test_presets.py::test_xml_and_json_are_one_preset"),
    "Templates of licences and tokens are XML with namespaces in a fixed order, and hold secrets":
        ("migration/test_odata.py::test_xml_without_its_namespaces",
         "migration/test_inventory.py::test_no_secret_is_in_report_checkpoint_or_logs"),
}  # fmt: skip
