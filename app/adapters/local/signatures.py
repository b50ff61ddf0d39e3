"""Signs links and upload forms with a secret of this installation, and verifies them."""

import hmac
import json
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final
from urllib.parse import quote, unquote

from app.adapters.local.database import Database
from app.adapters.local.secrets import Secrets, load_secrets
from app.domain.errors import FormExpired, InvalidForm, InvalidLink, LinkExpired
from app.domain.parts import PART_SECONDS
from app.domain.uploads import FORM_SECONDS, LINK_SECONDS

SIGNING_SECONDS: Final = 1800  # links stay the same for this time, so that browsers can cache the objects
MAX_LINKS: Final = 4096  # that are kept, because lists and searches contain the same photos again
SECRET: Final = "object-secret"  # noqa: S105 - the name of the setting
SECRET_BYTES: Final = 32
NAME: Final = "x-amz-meta-name"  # the field of the percent-encoded file name, as in a form for S3
SIZE: Final = "size"
PART_SOURCE: Final = "GET /uploads/{id}"  # returns new links of parts

_FORM_FIELDS: Final = ("key", "Content-Type", NAME, SIZE, "expires")

_PART_PARAMETERS: Final = ("part", "size", "expires")
_SECONDS: Final = re.compile("[0-9]{1,12}")
_SECRET: Final = re.compile(f"[0-9a-f]{{{2 * SECRET_BYTES}}}")


@dataclass(frozen=True, slots=True)
class FormContent:
    """The values that an upload form accepts."""

    key: str
    media_type: str
    name: str
    size: int


class Signatures:
    """Signs links and forms, and verifies them. All processes of an installation use the secret in its database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._make_query = lru_cache(MAX_LINKS)(self._sign_query)

    @cached_property
    def _start(self) -> hmac.HMAC:
        """The start of each signature with the secret. Copying it is faster than a new HMAC with the secret.

        The first process that needs the secret creates it. If it is damaged, links and forms end early.
        """
        values = load_secrets(self._database, (SECRET,), lambda: (secrets.token_hex(SECRET_BYTES),), _is_usable)
        return hmac.new(bytes.fromhex(values[SECRET]), digestmod="sha256")

    def sign_link(self, key: str, download: str) -> str:
        """Return the query of a link to this key. It is the same for half an hour."""
        expires = int(time.time()) // SIGNING_SECONDS * SIGNING_SECONDS + LINK_SECONDS
        return self._make_query(key, str(expires), download)

    def _sign_query(self, key: str, expires: str, download: str) -> str:
        name = f"&name={quote(download, safe='')}" if download else ""
        return f"expires={expires}{name}&signature={self._sign('link', key, expires, download)}"

    def verify_link(self, key: str, parameters: Sequence[tuple[str, str]]) -> str:
        """Verify a link's parameters. Return the file name for browsers, which is empty for an inline object.

        Raises:
            InvalidLink: a parameter is missing, unknown, repeated or altered.
            LinkExpired: the link has expired.
        """
        values = dict(parameters)
        required = {"expires", "signature", *(("name",) if values.get("name") else ())}
        if len(parameters) != len(values) or values.keys() != required:
            raise InvalidLink
        expires, name = values["expires"], values.get("name", "")
        if not self._is_signature(values["signature"], "link", key, expires, name) or not _SECONDS.fullmatch(expires):
            raise InvalidLink
        if time.time() >= int(expires):
            raise LinkExpired
        return name

    def sign_part(self, key: str, number: int, size: int) -> dict[str, str]:
        """Return the parameters of the link of a part with this number and size in bytes."""
        expires = str(int(time.time()) + PART_SECONDS)
        signature = self._sign("part", key, str(number), str(size), expires)
        return {"part": str(number), "size": str(size), "expires": expires, "signature": signature}

    def verify_part(self, key: str, parameters: Sequence[tuple[str, str]]) -> tuple[int, int]:
        """Verify the parameters of the link of a part. Return the number of the part and its size in bytes.

        Raises:
            InvalidLink: a parameter is missing, unknown, repeated or altered.
            LinkExpired: the link has expired.
        """
        values = dict(parameters)
        if len(parameters) != len(values) or values.keys() != {*_PART_PARAMETERS, "signature"}:
            raise InvalidLink(PART_SOURCE)
        number, size, expires = (values[name] for name in _PART_PARAMETERS)
        if not self._is_signature(values["signature"], "part", key, number, size, expires):
            raise InvalidLink(PART_SOURCE)
        if time.time() >= int(expires):
            raise LinkExpired(PART_SOURCE)
        return int(number), int(size)

    def sign_form(self, content: FormContent) -> dict[str, str]:
        """Return the fields of an upload form."""
        expires, name = str(int(time.time()) + FORM_SECONDS), quote(content.name)
        return {
            "key": content.key,
            "Content-Type": content.media_type,
            NAME: name,
            SIZE: str(content.size),
            "expires": expires,
            "signature": self._sign("form", content.key, content.media_type, name, str(content.size), expires),
        }

    def verify_form(self, fields: Mapping[str, str]) -> FormContent:
        """Verify the fields of an upload form. Return what it accepts.

        Raises:
            InvalidForm: a field is missing, unknown or altered.
            FormExpired: the form has expired.
        """
        if fields.keys() != {*_FORM_FIELDS, "signature"}:
            raise InvalidForm
        key, media_type, name, size, expires = (fields[field] for field in _FORM_FIELDS)
        if not self._is_signature(fields["signature"], "form", key, media_type, name, size, expires):
            raise InvalidForm
        if time.time() >= int(expires):
            raise FormExpired
        return FormContent(key, media_type, unquote(name), int(size))

    def _sign(self, *parts: str) -> str:
        signature = self._start.copy()
        signature.update(json.dumps(parts).encode())
        return signature.hexdigest()

    def _is_signature(self, signature: str, *parts: str) -> bool:
        """Return whether this is the signature of these parts. The time does not depend on where it differs."""
        return hmac.compare_digest(self._sign(*parts).encode(), signature.encode(errors="surrogatepass"))


def _is_usable(values: Secrets) -> bool:
    return bool(_SECRET.fullmatch(values[SECRET]))
