"""Values of the standard encoder: enumerations and the forms of its strings."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from ams_operator.api.base import Matches
from ams_operator.api.durations import ISO8601_PATTERN

INT32_MAX: Final = 2**31 - 1

PositiveInt = Annotated[int, Field(ge=1, le=INT32_MAX)]
Share = Annotated[float, Field(ge=0, le=1)]
Label = Annotated[str, Field(min_length=1, max_length=128)]
LevelName = Annotated[
    str, Field(max_length=16), Matches(r"Auto|[1-9](\.[0-9])?", "must be the level of a codec such as 4.1, or Auto")
]
OptionKey = Annotated[str, Field(min_length=1, max_length=128)]
OptionValue = Annotated[str, Field(max_length=1024)]

_PERCENT: Final = r"[0-9]+(\.[0-9]+)?%"
Length = Annotated[
    str,
    Field(max_length=16),
    Matches(rf"[0-9]+|{_PERCENT}", "must be a number of pixels ('1280') or a percentage ('50%'), in quotes"),
]
Colour = Annotated[
    str,
    Field(max_length=64),
    Matches(
        r"[A-Za-z]+|rgb\( *[0-9]{1,3} *, *[0-9]{1,3} *, *[0-9]{1,3} *\)|(#|0x)[0-9A-Fa-f]{6}",
        "must be the CSS name of a colour, or a value such as rgb(255,0,0), #FF0000 or 0xFF0000",
    ),
]
FrameRate = Annotated[
    str,
    Field(max_length=16),
    Matches(
        r"[0-9]+(\.[0-9]+)?|[0-9]+/[0-9]+", "must be frames per second as '30', '29.97' or '30000/1001', in quotes"
    ),
]
Position = Annotated[
    str,
    Field(max_length=32),
    Matches(
        rf"[0-9]+|{_PERCENT}|{ISO8601_PATTERN}",
        "must be an ISO 8601 duration (PT5S), a frame count ('30') or a percentage ('10%')",
    ),
]
StartPosition = Annotated[
    str,
    Field(max_length=32),
    Matches(
        rf"\{{Best\}}|[0-9]+|{_PERCENT}|{ISO8601_PATTERN}",
        "must be an ISO 8601 duration (PT5S), a frame count ('30'), a percentage ('10%') or '{Best}'",
    ),
]


class EncoderNamedPreset(StrEnum):
    """Recipes that the service knows by name."""

    AAC_GOOD_QUALITY_AUDIO = "AACGoodQualityAudio"
    ADAPTIVE_STREAMING = "AdaptiveStreaming"
    CONTENT_AWARE_ENCODING = "ContentAwareEncoding"
    CONTENT_AWARE_ENCODING_EXPERIMENTAL = "ContentAwareEncodingExperimental"
    COPY_ALL_BITRATE_NON_INTERLEAVED = "CopyAllBitrateNonInterleaved"
    DD_GOOD_QUALITY_AUDIO = "DDGoodQualityAudio"
    H264_MULTIPLE_BITRATE_1080P = "H264MultipleBitrate1080p"
    H264_MULTIPLE_BITRATE_720P = "H264MultipleBitrate720p"
    H264_MULTIPLE_BITRATE_SD = "H264MultipleBitrateSD"
    H264_SINGLE_BITRATE_1080P = "H264SingleBitrate1080p"
    H264_SINGLE_BITRATE_720P = "H264SingleBitrate720p"
    H264_SINGLE_BITRATE_SD = "H264SingleBitrateSD"
    H265_ADAPTIVE_STREAMING = "H265AdaptiveStreaming"
    H265_CONTENT_AWARE_ENCODING = "H265ContentAwareEncoding"
    H265_SINGLE_BITRATE_1080P = "H265SingleBitrate1080p"
    H265_SINGLE_BITRATE_4K = "H265SingleBitrate4K"
    H265_SINGLE_BITRATE_720P = "H265SingleBitrate720p"


class Complexity(StrEnum):
    """Speed of encoding against compression."""

    SPEED = "Speed"
    BALANCED = "Balanced"
    QUALITY = "Quality"


class InterleaveOutput(StrEnum):
    NON_INTERLEAVED_OUTPUT = "NonInterleavedOutput"
    INTERLEAVED_OUTPUT = "InterleavedOutput"


class AacProfile(StrEnum):
    AAC_LC = "AacLc"
    HE_AAC_V1 = "HeAacV1"
    HE_AAC_V2 = "HeAacV2"


class StretchMode(StrEnum):
    NONE = "None"
    AUTO_SIZE = "AutoSize"
    AUTO_FIT = "AutoFit"


class SyncMode(StrEnum):
    AUTO = "Auto"
    PASSTHROUGH = "Passthrough"
    CFR = "Cfr"
    VFR = "Vfr"


class RateControlMode(StrEnum):
    ABR = "ABR"
    CBR = "CBR"
    CRF = "CRF"


class H264Profile(StrEnum):
    AUTO = "Auto"
    BASELINE = "Baseline"
    MAIN = "Main"
    HIGH = "High"
    HIGH422 = "High422"
    HIGH444 = "High444"


class H265Profile(StrEnum):
    AUTO = "Auto"
    MAIN = "Main"
    MAIN10 = "Main10"


class EntropyMode(StrEnum):
    CABAC = "Cabac"
    CAVLC = "Cavlc"


class DeinterlaceMode(StrEnum):
    OFF = "Off"
    AUTO_PIXEL_ADAPTIVE = "AutoPixelAdaptive"


class DeinterlaceParity(StrEnum):
    AUTO = "Auto"
    TOP_FIELD_FIRST = "TopFieldFirst"
    BOTTOM_FIELD_FIRST = "BottomFieldFirst"


class Rotation(StrEnum):
    AUTO = "Auto"
    NONE = "None"
    ROTATE0 = "Rotate0"
    ROTATE90 = "Rotate90"
    ROTATE180 = "Rotate180"
    ROTATE270 = "Rotate270"
