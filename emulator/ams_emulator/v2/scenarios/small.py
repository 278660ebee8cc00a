"""`small`: a website's videos. Nothing is on air, nothing is protected, nothing is odd."""

from __future__ import annotations

from ams_emulator.state import Resource
from ams_emulator.v2.scenarios.builder import Builder
from ams_emulator.world import World

CUSTOM = (
    '{"Version":1.0,"Codecs":[{"Type":"H264Video","KeyFrameInterval":"00:00:02","H264Layers":[{"Type":"H264Layer",'
    '"Profile":"Auto","Level":"auto","Bitrate":2200,"MaxBitrate":2200,"BufferWindow":"00:00:05","Width":"1280",'
    '"Height":"720","BFrames":3,"ReferenceFrames":3,"AdaptiveBFrame":true,"FrameRate":"0/1"}]},{"Type":"AACAudio",'
    '"Profile":"AACLC","Channels":2,"SamplingRate":48000,"Bitrate":128}],"Outputs":[{"FileName":'
    '"{Basename}_{Resolution}.mp4","Format":{"Type":"MP4Format"}}]}'
)


def small(world: World, account: Resource) -> None:
    """Five assets, three of them published, and three jobs that are done."""
    make = Builder(world, account, "small")
    clear = make.delivery("clear", 2, 7)
    sources = [make.asset(f"{name} (source)", 90, (f"{name}.mp4",)) for name in ("welcome", "tour")]
    for name in ("welcome", "tour", "interview"):
        asset = make.encoded(name, 89)
        make.link("Assets", asset, "DeliveryPolicies", clear)
        make.publish(asset, 88)
    make.job("Encode welcome", "Adaptive Streaming", 30, source=sources[0])
    make.job("Encode tour", "Adaptive Streaming", 29, source=sources[1])
    make.job("Encode tour for phones", CUSTOM, 28, source=sources[1])
    make.endpoint(resourceState="Running")
