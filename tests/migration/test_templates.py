"""URLs of licences and keys: what is left of them tells one customer's from another's, and says what it lacks."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ams_operator.domain.model import JSON
from ams_operator.migration import templates
from ams_operator.migration.census import Census, view
from ams_operator.migration.conditions import Type
from ams_operator.migration.entities import SETS
from ams_operator.migration.inputs import Inputs, Listing
from ams_operator.migration.mapping.combinations import Combined, combined
from ams_operator.migration.model import Known, Verdict
from ams_operator.migration.reduce import keyed
from ams_operator.migration.verdicts import judge

from .accounts import FILM, LONG_AGO, NOW, ROWS, TODAY, config, done, inventory, listed, policy_name, rows, said, target

DIGEST = keyed(b"test")
AES = "https://keys.contoso.com/aes"
PLAYREADY = "https://playready.ezdrm.example/cency/preauth.aspx?pX={}"
WIDEVINE = "https://widevine.ezdrm.example/proxy?pX={}"
CENC = "/commonEncryptionCenc/drm/{}/customLicenseAcquisitionUrlTemplate"


def row(urls: dict[str, str], kind: int = 4, protocol: int = 2) -> JSON:
    text = json.dumps([{"Key": int(key[1:]), "Value": value} for key, value in urls.items()])
    return {"Id": "nb:adpid:UUID:x", "Name": "ezdrm", "AssetDeliveryProtocol": protocol,
            "AssetDeliveryPolicyType": kind, "AssetDeliveryConfiguration": text, "Created": LONG_AGO}  # fmt: skip


def made(kind: int, protocol: int, **urls: str) -> Combined:
    reduce = SETS["AssetDeliveryPolicies"].reduce
    assert reduce is not None
    return combined([(kind, protocol, dict(reduce(row(urls, kind, protocol), DIGEST)["Configuration"]))])


def ezdrm(customer: str) -> dict[str, str]:
    return {"_4": PLAYREADY.format(customer), "_7": WIDEVINE.format(customer)}


def test_policies_that_differ_only_in_the_values_of_their_urls_are_two_and_say_what_they_lack() -> None:
    one, other = (made(4, 2, **ezdrm(customer)) for customer in ("9F3A10", "BB71E2"))
    assert one.name != other.name
    assert one.fields == other.fields
    assert one.fields["commonEncryptionCenc"]["drm"]["widevine"] == {
        "customLicenseAcquisitionUrlTemplate": "https://widevine.ezdrm.example/proxy?pX="
    }
    assert set(one.give) == {CENC.format("playReady"), CENC.format("widevine")}
    assert "its URLs have lost their values, which have to be given again" in one.notes
    assert made(4, 2, **ezdrm("9F3A10")) == one
    assert not made(4, 2, _4="https://licences.example.org/").give


@pytest.mark.parametrize(
    ("kind", "protocol", "exact", "base", "pointer"),
    [
        (3, 7, 1, 2, "envelopeEncryption/customKeyAcquisitionUrlTemplate"),
        (4, 2, 7, 8, "commonEncryptionCenc/drm/widevine/customLicenseAcquisitionUrlTemplate"),
        (5, 4, 9, 10, "commonEncryptionCbcs/drm/fairPlay/customLicenseAcquisitionUrlTemplate"),
    ],
)
@pytest.mark.parametrize(
    ("url", "plain", "template"),
    [
        (AES, AES, f"{AES}?KID={{ContentKeyId}}"),
        (f"{AES}/?", f"{AES}/?", f"{AES}/?KID={{ContentKeyId}}"),
        (f"{AES}?c=9F3A10", f"{AES}?c=", f"{AES}?c=&KID={{ContentKeyId}}"),
    ],
)
def test_a_base_url_gets_the_keys_id_which_version_2_appends(
    kind: int, protocol: int, exact: int, base: int, pointer: str, url: str, plain: str, template: str
) -> None:
    def at(policy: Combined) -> Any:
        found: Any = policy.fields
        for name in pointer.split("/"):
            found = found[name]
        return found

    with_key, as_it_is = made(kind, protocol, **{f"_{base}": url}), made(kind, protocol, **{f"_{exact}": url})
    assert at(with_key) == template
    assert at(as_it_is) == plain
    assert with_key.name != as_it_is.name
    assert any("{ContentKeyId} stands" in one for one in with_key.notes)
    assert list(with_key.give) == ([f"/{pointer}"] if "c=" in url else [])


def test_urls_that_name_one_key_each_are_one_template() -> None:
    one, other = (made(4, 2, _7=f"https://wv.example.org/?kid={FILM[:-1]}{digit}") for digit in "78")
    assert one == other
    assert one.fields["commonEncryptionCenc"]["drm"]["widevine"] == {
        "customLicenseAcquisitionUrlTemplate": "https://wv.example.org/?kid={ContentKeyId}"
    }
    assert not one.give


@pytest.mark.parametrize(
    ("name", "query", "reason"),
    [
        ("drm", "?kid={ContentKeyId}", "Protected"),
        ("drm", f"?kid={FILM}", "CombinationUnmapped"),
        ("", "?kid={ContentKeyId}", "Protected"),
        ("", f"?kid={FILM}", "SecretMismatch"),
        ("", "?kid=", "SecretMismatch"),
        ("", "?KID={ContentKeyId}", "Protected"),
    ],
)
@pytest.mark.parametrize(("key", "url"), [("_7", f"?kid={FILM}"), ("_8", "?kid={ContentKeyId}&x={AlternativeMediaId}")])
def test_a_policy_by_which_all_players_ask_for_one_key_is_no_template(
    key: str, url: str, name: str, query: str, reason: str
) -> None:
    place, more = "https://wv.example.org/", "&x={AlternativeMediaId}&KID={ContentKeyId}" if key == "_8" else ""
    mine = made(4, 2, **{key: place + url})
    there = f"{place}?kid={{ContentKeyId}}{more}"
    assert there in json.dumps(mine.fields)
    fields = json.loads(json.dumps(mine.fields).replace(there, place + query + more))
    found = said(in_account({key: place + url}, (name or mine.name, fields)))
    assert found[Type.PROTECTION].reason == reason


def test_the_services_own_urls_are_no_templates_and_make_no_two_of_one() -> None:
    host = "https://a.keydelivery.mediaservices.windows.net/Widevine/?KID="
    both = {made(4, 2, _7=f"{host}{FILM[:-1]}{digit}").name for digit in "78"}
    assert len(both) == 1
    assert made(4, 2, _8=host).fields == made(4, 2, _7=host).fields


def judged(customer: str) -> Verdict:
    """What an asset with that customer's delivery policy becomes."""
    known = Known(TODAY)
    reduce = SETS["AssetDeliveryPolicies"].reduce
    assert reduce is not None
    judge("AssetDeliveryPolicies", reduce(row(ezdrm(customer)), DIGEST), known)
    return judge("Combinations", {"Id": f"nb:cid:UUID:{FILM}", "kinds": [0]}, known).verdict


def account(customer: str, *policies: tuple[str, JSON]) -> Inputs:
    """One with that customer's delivery policy, and these streaming policies in version 3."""
    return in_account(ezdrm(customer), *policies)


def in_account(urls: dict[str, str], *policies: tuple[str, JSON]) -> Inputs:
    """The same of a delivery policy with these URLs."""
    found = inventory(rows("AssetDeliveryPolicies", row(urls), base=ROWS), listed())
    whole = target(found)
    items = {name: templates.of_target(properties, DIGEST) for name, properties in policies}
    lists = {**whole.lists, "StreamingPolicy": Listing(NOW, 60.0, items)}
    lists["ContentKeyPolicy"] = Listing(NOW, 60.0, {policy_name(found): {"options": []}})
    return done(inventory=found, target=replace(whole, lists=lists))


@pytest.mark.parametrize(
    "url",
    [
        "//lic.example/pr?token={}",
        "https://lic.example/pr?{}",
        "https://lic.example/pr?a=&{}",
        "https://lic.example/pr?{}==",
        "https://lic.example/pr?{}andMoreOfBase64=",
        "https://lic.example/pr?a%3D{}=1",
        "https://lic.example/pr#{}",
        "https://lic.example/pr?a={{ContentKeyId}}#token={}",
        "https://lic.example/pr;sig={}",
        "https://lic.example/pr;a;sig={}/x",
        "https://lic.example/pr;{}",
        "https://lic.example;{}/pr",
        "https://lic.example/pr,{}=1",
        "https://lic.example/pr;a={{ContentKeyId}},{}",
        "https://lic.example/pr&{}",
        "https://lic.example/r/{{{}}}/x",
        "https://lic.example/pr?{{{}}}={{ContentKeyId}}",
        "https://lic.example/r/%7B{}%7D",
        "https://lic.example/sig={}/x",
        "https://lic.example/r/https%3A%2F%2Fx%3Fsig%3D{}",
        "https://lic.example/r/https%253A%252F%252Fx%253Fsig%253D{}/x",
        "https://lic.example/r?u={{{}}}",
        "https://{}:x@lic.example/pr",
        " https://{}:x@lic.example/pr",
    ],
)
def test_values_are_values_wherever_they_stand_in_a_url(url: str) -> None:
    mine = {"_7": url.format("SECRETVAL")}
    found = in_account(mine).inventory
    census = Census("a", "", {name: one.tally for name, one in found.sets.items() if one.tally is not None})
    kept = json.dumps({name: one.dump() for name, one in census.tallies.items()})
    assert "SECRETVAL" not in json.dumps(view(census)) + kept
    policy = made(4, 2, **mine)
    assert list(policy.give) == [CENC.format("widevine")]
    for value, reason in (("SECRETVAL", "Protected"), ("OTHERVAL", "SecretMismatch")):
        fields = json.loads(json.dumps(policy.fields))
        fields["commonEncryptionCenc"]["drm"]["widevine"]["customLicenseAcquisitionUrlTemplate"] = url.format(value)
        assert said(in_account(mine, (policy.name, fields)))[Type.PROTECTION].reason == reason


@pytest.mark.parametrize(
    "url",
    [
        "https://lic.example:8443/a/b/?kid={ContentKeyId}&m={AlternativeMediaId}",
        "//l.example/a//b",
        "//l.example/{ContentKeyId}/a-{alternativemediaid}.b;kid={ContentKeyId},{ContentKeyId}",
    ],
)
def test_a_url_without_values_stays_as_it_is(url: str) -> None:
    assert templates.reduced(url, DIGEST) == url


def in_version_3(verdict: Verdict, customer: str | None) -> JSON:
    """The policy with its values given, or as it was copied."""
    text = json.dumps(verdict.fields)
    return dict(json.loads(text.replace("pX=", f"pX={customer}") if customer is not None else text))


def test_only_a_policy_with_the_values_of_version_2_takes_its_place() -> None:
    mine = judged("9F3A10")
    for name, customer, reason in [
        (mine.name, "9F3A10", "Protected"),
        ("drm", "9F3A10", "Protected"),
        (mine.name, None, "SecretMismatch"),
        (mine.name, "BB71E2", "SecretMismatch"),
        ("drm", "BB71E2", "CombinationUnmapped"),
        ("drm", None, "CombinationUnmapped"),
    ]:
        found = said(account("9F3A10", (name, in_version_3(mine, customer))))[Type.PROTECTION]
        assert found.reason == reason, (name, customer, found.message)
    meant = account("9F3A10", (mine.name, in_version_3(mine, "BB71E2")))
    retired = config(retired=frozenset({mine.name}))
    assert said(replace(meant, config=retired))[Type.PROTECTION].status == "True"
    moved = json.loads(json.dumps(in_version_3(mine, None)).replace("ezdrm.example", "axinom.example"))
    assert said(account("9F3A10", (mine.name, moved)))[Type.PROTECTION].status == "True", "meant to be another"


def test_values_are_in_nothing_that_is_shown_or_kept() -> None:
    found = account("9F3A10").inventory
    census = Census("a", "", {name: one.tally for name, one in found.sets.items() if one.tally is not None})
    shown = json.dumps(view(census))
    assert "9F3A10" not in shown + json.dumps({name: one.dump() for name, one in census.tallies.items()})
    (one,) = (
        one for one in view(census)["targets"] if one["kind"] == "StreamingPolicy" and one["set"] == "Combinations"
    )
    assert one["give"] == [CENC.format("playReady"), CENC.format("widevine")]
    digests = [
        pair[1] for pair in census.tallies["Combinations"].targets[f"StreamingPolicy/{one['name']}"]["secrets"][0]
    ]
    assert len(set(digests)) == 1, "the values are the same"
    assert digests[0] not in shown
