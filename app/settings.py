"""Reads the settings that differ between deployments from the `PIXTAG_…` environment variables."""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

DEFAULT_URL: Final = "http://127.0.0.1:8000"  # uvicorn's default address
DEFAULT_FOLDER: Final = Path("pixtag-data")
PREFIX: Final = "PIXTAG_"
MAX_PORT: Final = 65_535

_HOST: Final = r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]"
_ORIGIN: Final = re.compile(rf"https?://({_HOST})(:(?P<port>[0-9]{{1,5}}))?", re.ASCII)

_DEFAULT_PORT: Final = re.compile(r"^(http://.*):80$|^(https://.*):443$")

_ENTRY: Final = r"[^@\s,]*@[^@\s,]+\.[^@\s,]+"  # an address, or "@" and a domain
_REGISTRATION: Final = re.compile(rf"open|closed|{_ENTRY}(\s*,\s*{_ENTRY})*")

_GIGABYTES: Final = range(1, 1_000_001)


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


def _check_gigabytes(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdecimal() and int(text) in _GIGABYTES):
        raise ValueError(f"Use a whole number from {_GIGABYTES[0]} to {_GIGABYTES[-1]}")
    return int(text)


def _check_url(text: str) -> str:
    """Return the URL in lower case and without the final slash."""
    url = text.strip().lower().removesuffix("/")
    if url and not _is_origin(url):
        raise ValueError("Use an address without a path, such as https://photos.example.com")
    return url


def _require_text(text: str) -> str:
    if not text:
        raise ValueError("String should have at least 1 character")
    return text


def _setting(parse: Callable[[str], object], **options: Any) -> Any:  # noqa: ANN401 - as `field`
    """Return a field of a dataclass that is read from a variable. `parse` raises a ValueError."""
    return field(metadata={"parse": parse}, **options)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSettings:
    """The settings of each deployment.

    Attributes:
        registration: The people who may register without an invitation.
        cors_origins: The origins whose pages may use the API with a key or an access token, as browsers write them and
            with commas between them.
    """

    registration: str = _setting(_check_registration, default="open")
    cors_origins: str = _setting(_check_origins, default="")

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins in `cors_origins`."""
        return tuple(filter(None, self.cors_origins.split(",")))


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsSettings(SharedSettings):
    """The settings of a deployment on AWS. `infra/aws/template.yaml` sets them for both Lambda functions.

    `upload_gb_per_day` is the GB (10^9 bytes) that each account may upload per day. S3 keeps deleted files for 30 days.
    """

    table: str = _setting(_require_text)
    bucket: str = _setting(_require_text)
    queue_url: str = _setting(_require_text)
    user_pool_id: str = _setting(_require_text)
    client_id: str = _setting(_require_text)
    issuer: str = _setting(_require_text)
    jwks_url: str = _setting(_require_text)
    topic_prefix: str = _setting(_require_text)
    mailbox_url: str = _setting(str)
    ui_url: str = _setting(_require_text)
    upload_gb_per_day: int = _setting(_check_gigabytes, default=100)


@dataclass(frozen=True, slots=True, kw_only=True)
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

    data: Path = _setting(Path, default=DEFAULT_FOLDER)  # noqa: RUF009 - it only calls `field`
    url: str = _setting(_check_url, default="")
    smtp_url: str | None = _setting(str, default=None, repr=False)
    upload_gb_per_day: int = _setting(_check_gigabytes, default=500)

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
    only_aws = {each.name for each in fields(AwsSettings)} - {each.name for each in fields(LocalSettings)}
    names = {f"{PREFIX}{name.upper()}" for name in only_aws} & environment.keys()
    is_lambda = "AWS_LAMBDA_FUNCTION_NAME" in environment
    if names and f"{PREFIX}DATA" in environment:
        raise InvalidSettings(f"Set either PIXTAG_DATA or the settings of AWS, not both: {', '.join(sorted(names))}.")
    return _parse(AwsSettings if names or is_lambda else LocalSettings, environment)


def _parse(kind: type[Settings], environment: Mapping[str, str]) -> Settings:
    values: dict[str, Any] = {}
    faults = []
    for each in fields(kind):
        variable = f"{PREFIX}{each.name.upper()}"
        try:
            if variable in environment:
                values[each.name] = each.metadata["parse"](environment[variable])
            elif each.default is MISSING:
                faults.append(f"{variable}: Field required")
        except ValueError as error:
            faults.append(f"{variable}: {error}")
    if faults:
        raise InvalidSettings(f"These settings are missing or not valid: {', '.join(faults)}.")
    return kind(**values)
