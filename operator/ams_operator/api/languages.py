"""Names of languages."""

from typing import Annotated

from pydantic import Field

from ams_operator.api.base import Matches

Language = Annotated[
    str,
    Field(max_length=35),
    Matches(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", "must be a language tag (BCP 47) such as en-US"),
]
