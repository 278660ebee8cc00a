"""The standard encoder's codecs with their layers. Each codec knows its `@odata.type`."""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from ams_operator.api.base import ApiModel, OneOf
from ams_operator.api.durations import between
from ams_operator.api.encoder_values import (
    AacProfile,
    Complexity,
    EntropyMode,
    FrameRate,
    H264Profile,
    H265Profile,
    Label,
    Length,
    LevelName,
    Position,
    PositiveInt,
    RateControlMode,
    StartPosition,
    StretchMode,
    SyncMode,
)

MAX_LAYERS: Final = 20
KeyFrameInterval = Annotated[str, Field(max_length=16), between("PT0.5S", "PT20S", "PT2S")]
BufferWindow = Annotated[str, Field(max_length=16), between("PT0.1S", "PT100S", "PT5S")]


class CodecBase(ApiModel):
    label: Label | None = None
    """Name by which outputFiles can pick this stream. Absent means none."""


class Audio(CodecBase):
    """Audio with the service's choice of codec."""

    odata_type: ClassVar[str] = "#Microsoft.Media.Audio"

    channels: PositiveInt | None = None
    """Number of channels. Absent means that the service chooses."""
    sampling_rate: PositiveInt | None = None
    """Samples per second (Hz). Absent means that the service chooses."""
    bitrate: PositiveInt | None = None
    """Bits per second. Absent means that the service chooses."""


class AacAudio(Audio):
    """Audio as AAC."""

    odata_type: ClassVar[str] = "#Microsoft.Media.AacAudio"

    profile: AacProfile | None = None
    """AacLc, HeAacV1 or HeAacV2. Absent means that the service chooses."""


class DDAudio(Audio):
    """Audio as Dolby Digital."""

    odata_type: ClassVar[str] = "#Microsoft.Media.DDAudio"


class CopyAudio(CodecBase):
    """The input's audio, unchanged."""

    odata_type: ClassVar[str] = "#Microsoft.Media.CopyAudio"


class CopyVideo(CodecBase):
    """The input's video, unchanged."""

    odata_type: ClassVar[str] = "#Microsoft.Media.CopyVideo"


class Video(CodecBase):
    """Video with the service's choice of codec."""

    odata_type: ClassVar[str] = "#Microsoft.Media.Video"

    key_frame_interval: KeyFrameInterval | None = None
    """Distance of key frames, PT0.5S to PT20S. The service's default is PT2S."""
    stretch_mode: StretchMode | None = None
    """How the picture is fitted to the output size. The service's default is AutoSize."""
    sync_mode: SyncMode | None = None
    """How frames are timed. The service's default is Auto."""


class LayerBase(ApiModel):
    width: Length | None = None
    """Width in pixels (1280) or per cent of the input (50%). Absent means that the service chooses."""
    height: Length | None = None
    """Height in pixels (720) or per cent of the input (50%). Absent means that the service chooses."""
    label: Label | None = None
    """Name by which outputFiles can pick this layer. Absent means none."""


class VideoLayer(LayerBase):
    bitrate: PositiveInt
    """Average bits per second."""
    max_bitrate: PositiveInt | None = None
    """Highest bits per second. The service's default is bitrate."""
    b_frames: Annotated[int, Field(ge=0, le=64)] | None = None
    """Number of B-frames. Absent means that the service chooses, by profile and level."""
    frame_rate: FrameRate | None = None
    """Frames per second as a number (29.97) or a fraction (30000/1001). Absent means the input's."""
    slices: Annotated[int, Field(ge=0, le=64)] | None = None
    """Number of slices per frame. The service's default is 0, which means one."""
    adaptive_b_frame: bool | None = None
    """Whether B-frames are placed adaptively. The service's default is true where the profile permits it."""
    level: LevelName | None = None
    """Level of the codec such as 4.1, or Auto. The service's default is Auto."""
    buffer_window: BufferWindow | None = None
    """Length of the VBV buffer, PT0.1S to PT100S. The service's default is PT5S."""
    reference_frames: Annotated[int, Field(ge=0, le=64)] | None = None
    """Number of reference frames. Absent means that the service chooses, by complexity."""
    crf: Annotated[float, Field(ge=0, le=51)] | None = None
    """Quality for rate control CRF: 0 is best, 51 worst. Absent means that the service chooses."""


class H264Layer(VideoLayer):
    """One H.264 rendition."""

    profile: H264Profile | None = None
    """Profile of the codec. The service's default is Auto."""
    entropy_mode: EntropyMode | None = None
    """Cabac or Cavlc. Absent means that the service chooses, by profile and level."""


class H265Layer(VideoLayer):
    """One H.265 rendition."""

    profile: H265Profile | None = None
    """Profile of the codec. The service's default is Auto."""


class JpgLayer(LayerBase):
    """One size of JPEG images."""

    quality: Annotated[int, Field(ge=0, le=100)] | None = None
    """Quality of compression, 0 to 100. The service's default is 70."""


class PngLayer(LayerBase):
    """One size of PNG images."""


class H264Video(Video):
    """Video as H.264."""

    odata_type: ClassVar[str] = "#Microsoft.Media.H264Video"

    complexity: Complexity | None = None
    """Speed, Balanced or Quality. The service's default is Balanced."""
    layers: Annotated[list[H264Layer], Field(max_length=MAX_LAYERS)] | None = None
    """The renditions. Absent means that the service chooses."""
    rate_control_mode: RateControlMode | None = None
    """ABR, CBR or CRF. Absent means that the service chooses."""
    scene_change_detection: bool | None = None
    """Key frames at scene changes; only for a single rendition. The service's default is false."""


class H265Video(Video):
    """Video as H.265."""

    odata_type: ClassVar[str] = "#Microsoft.Media.H265Video"

    complexity: Complexity | None = None
    """Speed, Balanced or Quality. The service's default is Balanced."""
    layers: Annotated[list[H265Layer], Field(max_length=MAX_LAYERS)] | None = None
    """The renditions. Absent means that the service chooses."""
    scene_change_detection: bool | None = None
    """Key frames at scene changes; only for a single rendition. The service's default is false."""


class Image(Video):
    """Thumbnails in the service's choice of format."""

    odata_type: ClassVar[str] = "#Microsoft.Media.Image"

    start: StartPosition
    """Position of the first image: PT5S, a frame count, per cent, or {Best} for one well chosen image."""
    step: Position | None = None
    """Distance between images: PT5S, a frame count or per cent. The service's default is 10%."""
    range: Position | None = None
    """Where images end, from start: PT5M, a frame count or per cent. The service's default is 100%."""


class JpgImage(Image):
    """Thumbnails as JPEG."""

    odata_type: ClassVar[str] = "#Microsoft.Media.JpgImage"

    layers: Annotated[list[JpgLayer], Field(max_length=MAX_LAYERS)] | None = None
    """The sizes. Absent means that the service chooses."""
    sprite_column: PositiveInt | None = None
    """Number of columns of one combined sprite image. Absent means an image each."""


class PngImage(Image):
    """Thumbnails as PNG."""

    odata_type: ClassVar[str] = "#Microsoft.Media.PngImage"

    layers: Annotated[list[PngLayer], Field(max_length=MAX_LAYERS)] | None = None
    """The sizes. Absent means that the service chooses."""


class Codec(OneOf):
    """What is encoded, and how."""

    aac_audio: AacAudio | None = None
    """Audio as AAC."""
    audio: Audio | None = None
    """Audio with the service's choice of codec."""
    copy_audio: CopyAudio | None = None
    """The input's audio, unchanged."""
    copy_video: CopyVideo | None = None
    """The input's video, unchanged."""
    dd_audio: DDAudio | None = None
    """Audio as Dolby Digital."""
    h264_video: H264Video | None = None
    """Video as H.264."""
    h265_video: H265Video | None = None
    """Video as H.265."""
    image: Image | None = None
    """Thumbnails in the service's choice of format."""
    jpg_image: JpgImage | None = None
    """Thumbnails as JPEG."""
    png_image: PngImage | None = None
    """Thumbnails as PNG."""
    video: Video | None = None
    """Video with the service's choice of codec."""
