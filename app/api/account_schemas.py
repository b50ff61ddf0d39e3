"""Defines the fields and schemas that several routes of accounts share."""

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, Field

from app.api.schemas import MailboxPage
from app.domain.registration import ADDRESS, NO_ADDRESS

MAX_REFRESH_TOKEN: Final = 4_096  # browsers accept no longer cookie


def _require_address(text: str) -> str:
    if not re.fullmatch(ADDRESS, text):
        raise ValueError(NO_ADDRESS)
    return text


# The address is the username in Cognito. A username can have at most 128 characters.
Email = Annotated[
    str,
    Field(
        max_length=128,
        description="Your e-mail address.",
        examples=["ada@example.com"],
        json_schema_extra={"pattern": ADDRESS},
    ),
    AfterValidator(_require_address),
]
Password = Annotated[
    str,
    Field(
        min_length=1,
        max_length=256,
        description="Your password. A new password has at least 12 characters.",
        examples=["correct horse battery staple 1"],
    ),
]
# Names cannot contain control characters such as line breaks, because e-mails and spreadsheets may contain names.
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$")]
NameOrNone = Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$")]
Code = Annotated[str, Field(min_length=1, max_length=64, description="The code from the e-mail.", examples=["123456"])]


class NewPasswordRequest(BaseModel, extra="forbid", strict=True):
    """Your e-mail address, the code from the e-mail and your password."""

    email: Email
    code: Code
    password: Password


class EmailRequest(BaseModel, extra="forbid", strict=True):
    """Your e-mail address."""

    email: Email


class AccessToken(BaseModel):
    """An access token and its lifetime."""

    access_token: str = Field(description="Send it as `Authorization: Bearer …`.", examples=["eyJraWQiOiIxIn0"])
    token_type: Literal["Bearer"] = Field("Bearer", description="How to send the access token.", examples=["Bearer"])
    expires_in: int = Field(description="Seconds until the access token expires.", examples=[3600])


class NextStepResponse(BaseModel):
    """A description of the next step."""

    detail: str = Field(description="What to do next.", examples=["If the address is new, PixTag sends it a code."])


class CodeResponse(NextStepResponse):
    """A description of the next step, which needs a code, and the page that shows the code."""

    mailbox: MailboxPage
