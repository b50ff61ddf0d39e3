"""Reads the settings that differ between deployments from the `PIXTAG_…` environment variables."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AliasGenerator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)

DEFAULT_URL: Final = "http://127.0.0.1:8000"  # uvicorn's default address
PREFIX: Final = "PIXTAG_"
MAX_PORT: Final = 65_535

_HOST: Final = r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]"
_ORIGIN: Final = re.compile(rf"https?://({_HOST})(:(?P<port>[0-9]{{1,5}}))?", re.ASCII)

_DEFAULT_PORT: Final = re.compile(r"^(http://.*):80$|^(https://.*):443$")

_ENTRY: Final = r"[^@\s,]*@[^@\s,]+\.[^@\s,]+"  # an address, or "@" and a domain
_REGISTRATION: Final = re.compile(rf"open|closed|{_ENTRY}(\s*,\s*{_ENTRY})*")

_FROM_VARIABLES: Final = ConfigDict(
    frozen=True,
    alias_generator=AliasGenerator(validation_alias=lambda name: f"{PREFIX}{name.upper()}"),
    populate_by_name=True,
)


Filled = Annotated[str, Field(min_length=1)]
GigabytesPerDay = Annotated[int, Field(ge=1, le=1_000_000)]


class InvalidSettings(Exception):
    """The environment variables are not valid. The message names them."""


def _check_registration(text: str) -> str:
    """Return the setting in lower case. `app/domain/registration.py` parses it."""
    registration = text.strip().lower()
    if not _REGISTRATION.fullmatch(registration):
        raise ValueError("Use open, closed, or a list such as anna@example.org, @example.net")
    return registration


def _check_origins(text: str) -> str:
    """Return the origins in the form in which browsers send them, with commas between them."""
    origins = [_DEFAULT_PORT.sub(r"\1\2", origin.strip().lower().removesuffix("/")) for origin in text.split(",")]
    if text.strip() and not all(map(_is_origin, origins)):
        raise ValueError("Use a list of origins such as https://app.example.com, http://localhost:5173")
    return ",".join(dict.fromkeys(origins))


class SharedSettings(BaseModel):
    """The settings of each deployment.

    Attributes:
        registration: The people who may register without an invitation.
        cors_origins: The origins whose pages may use the API with a key or an access token.
    """

    model_config = _FROM_VARIABLES

    registration: Annotated[str, AfterValidator(_check_registration)] = "open"
    cors_origins: Annotated[str, AfterValidator(_check_origins)] = ""

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins in `cors_origins`."""
        return tuple(filter(None, self.cors_origins.split(",")))


class AwsSettings(SharedSettings):
    """The settings of a deployment on AWS. `infra/aws/template.yaml` sets them for both Lambda functions.

    `upload_gb_per_day` is the GB (10^9 bytes) that each account may upload per day. S3 keeps deleted files for 30 days.
    """

    table: Filled
    bucket: Filled
    queue_url: Filled
    user_pool_id: Filled
    client_id: Filled
    issuer: Filled
    jwks_url: Filled
    topic_prefix: Filled
    mailbox_url: str
    ui_url: Filled
    upload_gb_per_day: GigabytesPerDay = 100


class LocalSettings(SharedSettings):
    """The settings of PixTag on one machine. Every setting is optional.

    Attributes:
        data: The folder for all data.
        url: The public address of PixTag behind a reverse proxy. If it is empty, PixTag is used on this machine only.
        smtp_url: The mail server, such as `smtps://user:password@mail.example.com`. If it is missing, e-mails are shown
            on the mailbox page.
        upload_gb_per_day: The GB (10^9 bytes) that each account may upload per day. The default is the largest size of
            a library, because deleted files take no space on this machine.
    """

    data: Path = Path("pixtag-data")
    url: str = ""
    smtp_url: SecretStr | None = None
    upload_gb_per_day: GigabytesPerDay = 500

    @field_validator("url")
    @classmethod
    def _check_url(cls, text: str) -> str:
        """Return the URL in lower case and without the final slash."""
        url = text.strip().lower().removesuffix("/")
        if url and not _is_origin(url):
            raise ValueError("Use an address without a path, such as https://photos.example.com")
        return url

    @property
    def ui_url(self) -> str:
        """The address of the web UI in e-mails."""
        return self.url or DEFAULT_URL

    @property
    def is_public(self) -> bool:
        """Whether PixTag is reached through a reverse proxy."""
        return bool(self.url) and urlsplit(self.url).hostname not in LOOPBACK_NAMES

    @property
    def mailbox_url(self) -> str:
        """The address of the mailbox page. It is empty if the page would be public or is not needed."""
        return "" if self.is_public or self.smtp_url else self.ui_url


def _is_origin(url: str) -> bool:
    """Return whether the URL consists of http or https, a host name in ASCII and an optional port."""
    if not (match := _ORIGIN.fullmatch(url)):
        return False
    return match["port"] is None or 0 < int(match["port"]) <= MAX_PORT


LOOPBACK_NAMES: Final = frozenset({"127.0.0.1", "localhost", "::1"})

Settings = AwsSettings | LocalSettings


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings in the environment variables. Without any, PixTag runs on one machine.

    Raises:
        InvalidSettings: variables are missing or not valid, or they contradict each other.
    """
    only_aws = AwsSettings.model_fields.keys() - LocalSettings.model_fields.keys()
    names = {f"{PREFIX}{name.upper()}" for name in only_aws} & environment.keys()
    is_lambda = "AWS_LAMBDA_FUNCTION_NAME" in environment
    if names and f"{PREFIX}DATA" in environment:
        raise InvalidSettings(f"Set either PIXTAG_DATA or the settings of AWS, not both: {', '.join(sorted(names))}.")
    settings: type[AwsSettings | LocalSettings] = AwsSettings if names or is_lambda else LocalSettings
    try:
        return settings.model_validate(dict(environment))
    except ValidationError as error:
        faults = ", ".join(
            f"{fault['loc'][0]}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors(include_input=False)
        )
        raise InvalidSettings(f"These settings are missing or not valid: {faults}.") from None
