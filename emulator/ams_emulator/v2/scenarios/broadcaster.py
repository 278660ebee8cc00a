"""`broadcaster`: channels that run around the clock, protected films, and a job that is being worked on."""

from __future__ import annotations

from ams_emulator.state import Resource
from ams_emulator.v2.scenarios import protection
from ams_emulator.v2.scenarios.builder import PROCESSING, QUEUED, Builder
from ams_emulator.v2.scenarios.live import channel, encoding, program
from ams_emulator.world import World


def broadcaster(world: World, account: Resource) -> None:
    """Four channels, two of them Running with a running program each; DRM, AES and clear content; filters; units."""
    make = Builder(world, account, "broadcaster")
    news = channel(make, "news", "RTMP", "Running")
    program(make, "news-now", news, "Running", days=1)
    program(make, "news-yesterday", news, days=2)
    slate = make.asset("slate", 600, ("slate.jpg",))
    sport = channel(
        make,
        "sport",
        "RTMP",
        "Running",
        EncodingType="Standard",
        Encoding=encoding(),
        Slate={"InsertSlateOnAdMarker": True, "DefaultSlateAssetId": slate},
    )
    program(make, "match", sport, "Running", days=0.1, window="PT25H")
    arena = channel(make, "arena", "FragmentedMP4", VanityUrl=True)
    program(make, "concert", arena, days=200)
    channel(make, "spare", "RTMP")
    _films(make)
    make.units(2, 10)
    make.job("Encode tonight's film", "H264 Multiple Bitrate 1080p", 0.02, PROCESSING)
    make.job("Encode tomorrow's film", "H264 Multiple Bitrate 1080p", 0.01, QUEUED)
    for number in range(12):
        make.job(f"Encode film {number}", "H264 Multiple Bitrate 1080p", 10 + number)
    make.endpoint(resourceState="Running", scaleUnits=2)


def _films(make: Builder) -> None:
    host = f"{make.account.name}.keydelivery.mediaservices.windows.net"
    premium, policies = protection.drm(make, host)
    apple, skd = protection.fairplay(make, host)
    members, aes = protection.aes(make, host)
    clear = make.delivery("clear", 2, 7)
    ranged = {"Property": "Bitrate", "Value": "0-1500000", "Operator": "Equal"}
    make.add("Filters", Name="mobile", Tracks=[{"PropertyConditions": [ranged]}])
    for number in range(8):
        film = make.encoded(f"film-{number}", 100 + number)
        if number < 4:
            cenc, cbcs = make.key(f"cenc {number}", 0, premium), make.key(f"cbcs {number}", 6, apple)
            make.link("Assets", film, "ContentKeys", cenc, cbcs)
            make.link("Assets", film, "DeliveryPolicies", *policies, skd)
        elif number < 6:
            make.link("Assets", film, "ContentKeys", make.key(f"aes {number}", 4, members))
            make.link("Assets", film, "DeliveryPolicies", aes)
        else:
            make.link("Assets", film, "DeliveryPolicies", clear)
        make.publish(film, 90 + number)
    window = {"PresentationWindowDuration": "1200000000", "LiveBackoffDuration": "0", "Timescale": "10000000"}
    make.add(
        "AssetFilters", Id=f"{film}__###__trailer", Name="trailer", ParentAssetId=film, PresentationTimeRange=window
    )
