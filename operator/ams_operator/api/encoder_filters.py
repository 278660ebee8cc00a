"""What the standard encoder does to picture and sound before it encodes them."""

from typing import Annotated, ClassVar

from pydantic import Field

from ams_operator.api.base import ApiModel, OneOf
from ams_operator.api.durations import Iso8601Duration
from ams_operator.api.encoder_values import (
    Colour,
    DeinterlaceMode,
    DeinterlaceParity,
    Label,
    Length,
    Position,
    Rotation,
    Share,
)


class Rectangle(ApiModel):
    """A window, in pixels (100) or per cent of the input (50%)."""

    left: Length | None = None
    """Distance from the left margin, in pixels (100) or per cent (50%). Absent means that the service chooses."""
    top: Length | None = None
    """Distance from the top margin, in pixels (100) or per cent (50%). Absent means that the service chooses."""
    width: Length | None = None
    """Width of the window, in pixels (100) or per cent (50%). Absent means that the service chooses."""
    height: Length | None = None
    """Height of the window, in pixels (100) or per cent (50%). Absent means that the service chooses."""


class Deinterlace(ApiModel):
    """How interlaced input is treated."""

    mode: DeinterlaceMode | None = None
    """Off or AutoPixelAdaptive. The service's default is AutoPixelAdaptive."""
    parity: DeinterlaceParity | None = None
    """Which field comes first. The service's default is Auto."""


class Fade(ApiModel):
    """A fade from or to a colour."""

    duration: Position
    """How long: PT5S, a frame count or per cent."""
    fade_color: Colour
    """A CSS colour name or a value such as rgb(255,0,0), #FF0000 or 0xFF0000."""
    start: Position | None = None
    """Where it starts: PT5S, a frame count or per cent. The service's default is 0."""


class OverlayBase(ApiModel):
    input_label: Label
    """Label of the job input that is laid over; it must be exactly one file."""
    start: Iso8601Duration | None = None
    """Where it starts in the input, such as PT5S. The service's default is the beginning."""
    end: Iso8601Duration | None = None
    """Where it ends in the input, such as PT30S. The service's default is the end."""
    fade_in_duration: Iso8601Duration | None = None
    """How long it fades in. The service's default is PT0S."""
    fade_out_duration: Iso8601Duration | None = None
    """How long it fades out. The service's default is PT0S."""
    audio_gain_level: Share | None = None
    """Gain of its audio, 0 to 1. The service's default is 1."""


class AudioOverlay(OverlayBase):
    """Sound laid over the input."""

    odata_type: ClassVar[str] = "#Microsoft.Media.AudioOverlay"


class VideoOverlay(OverlayBase):
    """A picture or video laid over the input."""

    odata_type: ClassVar[str] = "#Microsoft.Media.VideoOverlay"

    position: Rectangle | None = None
    """Where it is placed. Absent means that the service chooses."""
    opacity: Share | None = None
    """How opaque it is, 0 to 1. The service's default is 1."""
    crop_rectangle: Rectangle | None = None
    """The part of it that is used. The service's default is all of it."""


class Overlay(OneOf):
    """What is laid over the input."""

    audio: AudioOverlay | None = None
    """Sound."""
    video: VideoOverlay | None = None
    """A picture or video."""


class Filters(ApiModel):
    """What is done before encoding."""

    crop: Rectangle | None = None
    """The part of the picture that is kept. The service's default is all of it."""
    deinterlace: Deinterlace | None = None
    """How interlaced input is treated. Absent means that the service chooses."""
    fade_in: Fade | None = None
    """A fade at the beginning. The service's default is none."""
    fade_out: Fade | None = None
    """A fade at the end. The service's default is none."""
    overlays: Annotated[list[Overlay], Field(max_length=10)] | None = None
    """What is laid over the input. The service's default is nothing."""
    rotation: Rotation | None = None
    """How the picture is turned. The service's default is Auto."""
