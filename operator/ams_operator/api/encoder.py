"""The presets of a transform: an encoder's recipe by name, or one of codecs, formats and filters; an analyzer.

Source: StandardEncoderPreset and BuiltInStandardEncoderPreset of Microsoft.Media/mediaservices/transforms, api-version
2022-07-01. A polymorphic object is a `OneOf`; each member knows its `@odata.type`. The keys follow one rule: last
segment of the type, family name ("Preset", "Format", "Overlay") stripped, leading capitals lowered.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from ams_operator.api.analyzers import AudioAnalyzerPreset, FaceDetectorPreset, VideoAnalyzerPreset
from ams_operator.api.base import ApiModel, OneOf, Rule
from ams_operator.api.encoder_codecs import Codec
from ams_operator.api.encoder_filters import Filters
from ams_operator.api.encoder_values import (
    Complexity,
    EncoderNamedPreset,
    InterleaveOutput,
    Label,
    OptionKey,
    OptionValue,
    PositiveInt,
)

MAX_CODECS: Final = 20
MAX_FORMATS: Final = 20
MAX_OUTPUT_FILES: Final = 20


class PresetConfigurations(ApiModel):
    """Limits for the content-aware presets."""

    complexity: Complexity | None = None
    """Speed, Balanced or Quality. Absent means that the service chooses."""
    interleave_output: InterleaveOutput | None = None
    """Whether audio and video share a file or have files of their own. Absent means that the service chooses."""
    key_frame_interval_in_seconds: Annotated[float, Field(gt=0, le=20)] | None = None
    """Distance of key frames in seconds. Absent means that the service chooses."""
    max_bitrate_bps: PositiveInt | None = None
    """Highest bitrate of the top layer, in bits per second. Absent means no such limit."""
    min_bitrate_bps: PositiveInt | None = None
    """Lowest bitrate of the bottom layer, in bits per second. Absent means no such limit."""
    max_height: PositiveInt | None = None
    """Greatest height of a layer, in pixels. Absent means no such limit."""
    min_height: PositiveInt | None = None
    """Smallest height of a layer, in pixels. Absent means no such limit."""
    max_layers: PositiveInt | None = None
    """Greatest number of layers; each costs encoding time. Absent means no such limit."""


class BuiltInStandardEncoderPreset(ApiModel):
    """A recipe that the service knows by name."""

    odata_type: ClassVar[str] = "#Microsoft.Media.BuiltInStandardEncoderPreset"
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "!has(self.configurations) || self.presetName in ['ContentAwareEncoding', 'H265ContentAwareEncoding']",
            "configurations can be set only with presetName ContentAwareEncoding or H265ContentAwareEncoding; "
            "leave them out, or describe the whole recipe in standardEncoder",
            ".configurations",
        ),
    )

    preset_name: EncoderNamedPreset
    """Name of the recipe."""
    configurations: PresetConfigurations | None = None
    """Limits; only for ContentAwareEncoding and H265ContentAwareEncoding. Absent means none."""


class FormatBase(ApiModel):
    filename_pattern: Annotated[str, Field(min_length=1, max_length=260)]
    """Names of the files; macros are {Basename}, {Extension}, {Label}, {Index}, {AudioStream}, {Bitrate}, {Codec},
    {Resolution}."""


class OutputFile(ApiModel):
    """One file."""

    labels: Annotated[list[Label], Field(min_length=1, max_length=20)]
    """Labels of the streams in this file."""


class ImageFormat(FormatBase):
    """Files of images."""

    odata_type: ClassVar[str] = "#Microsoft.Media.ImageFormat"


class JpgFormat(ImageFormat):
    """JPEG files."""

    odata_type: ClassVar[str] = "#Microsoft.Media.JpgFormat"


class PngFormat(ImageFormat):
    """PNG files."""

    odata_type: ClassVar[str] = "#Microsoft.Media.PngFormat"


class MultiBitrateFormat(FormatBase):
    """Files of several renditions."""

    odata_type: ClassVar[str] = "#Microsoft.Media.MultiBitrateFormat"

    output_files: Annotated[list[OutputFile], Field(max_length=MAX_OUTPUT_FILES)] | None = None
    """Which streams share a file. The service's default is its own choice."""


class Mp4Format(MultiBitrateFormat):
    """MP4 files."""

    odata_type: ClassVar[str] = "#Microsoft.Media.Mp4Format"


class TransportStreamFormat(MultiBitrateFormat):
    """MPEG-2 transport streams."""

    odata_type: ClassVar[str] = "#Microsoft.Media.TransportStreamFormat"


class Format(OneOf):
    """What kind of files is written."""

    image: ImageFormat | None = None
    """Files of images."""
    jpg: JpgFormat | None = None
    """JPEG files."""
    mp4: Mp4Format | None = None
    """MP4 files."""
    multi_bitrate: MultiBitrateFormat | None = None
    """Files of several renditions."""
    png: PngFormat | None = None
    """PNG files."""
    transport_stream: TransportStreamFormat | None = None
    """MPEG-2 transport streams."""


class StandardEncoderPreset(ApiModel):
    """A recipe of your own."""

    odata_type: ClassVar[str] = "#Microsoft.Media.StandardEncoderPreset"

    codecs: Annotated[list[Codec], Field(min_length=1, max_length=MAX_CODECS)]
    """What is encoded, and how."""
    formats: Annotated[list[Format], Field(min_length=1, max_length=MAX_FORMATS)]
    """The files that are written."""
    filters: Filters | None = None
    """What is done to the picture and the sound first. Absent means what the service does by itself."""
    experimental_options: Annotated[dict[OptionKey, OptionValue], Field(max_length=32)] | None = None
    """Options of the service that have no field of their own. Absent means none."""


class Preset(OneOf):
    """The recipe of one output."""

    audio_analyzer: AudioAnalyzerPreset | None = None
    """Text of what is spoken, and other insights from the sound."""
    built_in_standard_encoder: BuiltInStandardEncoderPreset | None = None
    """A recipe that the service knows by name."""
    face_detector: FaceDetectorPreset | None = None
    """Finds faces, and blurs them."""
    standard_encoder: StandardEncoderPreset | None = None
    """A recipe of your own."""
    video_analyzer: VideoAnalyzerPreset | None = None
    """Insights from sound and picture."""
