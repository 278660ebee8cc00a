"""Presets that analyse media instead of encoding it.

Source: AudioAnalyzerPreset, VideoAnalyzerPreset and FaceDetectorPreset of Microsoft.Media/mediaservices/transforms,
api-version 2022-07-01. Azure itself stopped offering the latter two on 2023-09-14; other services may have them.
"""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from ams_operator.api.base import ApiModel, Rule
from ams_operator.api.encoder_values import OptionKey, OptionValue
from ams_operator.api.languages import Language

Options = Annotated[dict[OptionKey, OptionValue], Field(max_length=32)]


class AudioAnalysisMode(StrEnum):
    STANDARD = "Standard"
    BASIC = "Basic"


class InsightsType(StrEnum):
    AUDIO_INSIGHTS_ONLY = "AudioInsightsOnly"
    VIDEO_INSIGHTS_ONLY = "VideoInsightsOnly"
    ALL_INSIGHTS = "AllInsights"


class AnalysisResolution(StrEnum):
    SOURCE_RESOLUTION = "SourceResolution"
    STANDARD_DEFINITION = "StandardDefinition"


class FaceRedactorMode(StrEnum):
    ANALYZE = "Analyze"
    REDACT = "Redact"
    COMBINED = "Combined"


class BlurType(StrEnum):
    BOX = "Box"
    LOW = "Low"
    MED = "Med"
    HIGH = "High"
    BLACK = "Black"


class AudioAnalyzerPreset(ApiModel):
    """Text of what is spoken, and other insights from the sound."""

    odata_type: ClassVar[str] = "#Microsoft.Media.AudioAnalyzerPreset"
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "!has(self.mode) || self.mode != 'Basic' || has(self.audioLanguage)",
            "mode Basic does not find out the language: set audioLanguage",
            ".audioLanguage",
            "FieldValueRequired",
        ),
    )

    audio_language: Language | None = None
    """The language that is spoken, such as en-US. Absent means that it is found out, which mode Basic can't."""
    mode: AudioAnalysisMode | None = None
    """Standard, or Basic for the text alone. The service's default is Standard."""
    experimental_options: Options | None = None
    """Options of the service that have no field of their own. Absent means none."""


class VideoAnalyzerPreset(AudioAnalyzerPreset):
    """Insights from sound and picture. Azure retired it in 2023."""

    odata_type: ClassVar[str] = "#Microsoft.Media.VideoAnalyzerPreset"

    insights_to_extract: InsightsType | None = None
    """AudioInsightsOnly, VideoInsightsOnly or AllInsights. The service's default is AllInsights."""


class FaceDetectorPreset(ApiModel):
    """Finds faces, and blurs them. Azure retired it in 2023."""

    odata_type: ClassVar[str] = "#Microsoft.Media.FaceDetectorPreset"

    resolution: AnalysisResolution | None = None
    """The resolution that is analysed at most. The service's default is SourceResolution."""
    mode: FaceRedactorMode | None = None
    """Analyze only finds faces, Redact blurs those that an earlier analysis found, Combined does both. The service's
    default is Analyze."""
    blur_type: BlurType | None = None
    """How faces are blurred: Box only frames them. Absent means that the service chooses."""
    experimental_options: Options | None = None
    """Options of the service that have no field of their own. Absent means none."""
