"""Open questions about version 2."""

from __future__ import annotations

from ams_emulator.guess import Guess

V2: tuple[Guess, ...] = (
    Guess(
        "v2.arm-v3-only",
        "What does an account that has no version 2 answer to api-version 2015-10-01?",
        "No source shows the answer; it may be refused, or shown without endpoints.",
        strict="refuse",
        lenient="no-endpoints",
    ),
    Guess(
        "v2.endpoint-redirect",
        "Does the endpoint that discovery names serve requests, or does it send them to a cluster?",
        "Documented are both a 301 and a 200; clients ask once and use what they are sent to.",
        strict="301",
        lenient="serves",
        others=("301-other-host",),
    ),
    Guess(
        "v2.error-shape",
        "What is the member called that holds an error, when JSON is not asked for as verbose?",
        "OData 3 says odata.error; the only client in the sources that reads one reads error.",
        strict="odata.error",
        lenient="error",
    ),
    Guess(
        "v2.dates",
        "Does a query show dates with their zone?",
        "Published answers to creations have a Z and seven digits, answers to queries have neither.",
        strict="no-zone",
        lenient="zone",
    ),
    Guess(
        "v2.next-link",
        "Does a page that was cut at 1,000 rows say so?",
        "Documented is to go on with $skip; no source shows a link.",
        strict="absent",
        lenient="present",
    ),
    Guess(
        "v2.inlinecount",
        "Does $inlinecount=allpages get the number of rows, under OData's name?",
        "Published requests ask for it, no published answer shows it.",
        strict="ignored",
        lenient="odata",
    ),
    Guess(
        "v2.filter-or",
        "May $filter join comparisons with or?",
        "No source shows a request that does.",
        strict="refuse",
        lenient="accept",
    ),
    Guess(
        "v2.orderby",
        "Is $orderby taken?",
        "No source shows a request that has one.",
        strict="refuse",
        lenient="accept",
    ),
    Guess(
        "v2.locator-name",
        "Which name does a locator that version 2 made have in version 3?",
        "Documented is only to list them.",
        strict="prefixed",
        lenient="guid",
    ),
    Guess(
        "v2.v3-locators",
        "Do locators that version 3 made show in version 2?",
        "Reported is that entities of version 3 either don't show or are not fully functional; assets do show.",
        strict="shown",
        lenient="hidden",
    ),
    Guess(
        "v2.state-refused",
        "Which status refuses what doesn't fit the state, such as to stop a channel with a running program?",
        "The order of actions is documented, its refusal is not.",
        strict="412",
        lenient="400",
        others=("409",),
    ),
    Guess(
        "v2.shared-live-quota",
        "Do channels and live events share the quota of five?",
        "Each API documents its own figure; no source says whether they are one.",
        strict="shared",
        lenient="separate",
    ),
    Guess(
        "v2.asset-delete-locators",
        "What does DELETE of an asset that still has locators do?",
        "Documented is only to delete the locators first.",
        strict="refuse",
        lenient="cascade",
    ),
    Guess(
        "v2.filters-in-v3",
        "Do filters that version 2 made show in version 3?",
        "The migration guide's table of entities leaves them out.",
        strict="hidden",
        lenient="visible",
    ),
    Guess(
        "v2.asset-update-in-v3",
        "May version 3 change an asset that version 2 made?",
        "One page of the migration guide says that assets can be updated, another that nothing of version 2 can.",
        strict="refuse",
        lenient="accept",
    ),
    Guess(
        "v2.units-account",
        "Is the AccountId of the reserved units the mediaServiceId of version 3?",
        "Both are the account's GUID; no source puts them side by side.",
        strict="other",
        lenient="mediaServiceId",
    ),
)
