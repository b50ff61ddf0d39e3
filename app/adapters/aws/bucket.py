"""The S3 bucket: upload forms and links for clients, and the objects of an image."""

import hashlib
import hmac
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote, urlencode, urlsplit

from botocore.exceptions import ClientError

from app.domain.errors import WrongSize
from app.domain.images import MAX_UPLOAD_BYTES

if TYPE_CHECKING:
    from botocore.credentials import Credentials
    from mypy_boto3_s3.client import S3Client

FORM_SECONDS: Final = 300
LINK_SECONDS: Final = 3600
SIGNING_SECONDS: Final = 1800  # a link is the same for so long, so that browsers fetch what it leads to once
NAME: Final = "name"  # the metadata of an incoming or original object: the file's name, percent-encoded


@dataclass(frozen=True, slots=True)
class UploadForm:
    """A presigned POST: send `fields`, then the field `file`, as multipart/form-data to `url`."""

    url: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Upload:
    """An object that a person sent: its bytes, and what was said of them when it was allowed."""

    data: bytes
    media_type: str
    name: str

    @property
    def sha256(self) -> str:
        """Lower-case hexadecimal digest of the bytes."""
        return hashlib.sha256(self.data).hexdigest()


class Bucket:
    """The objects of all images. The client has to sign with version s3v4, and with these credentials."""

    def __init__(self, client: "S3Client", name: str, credentials: "Credentials") -> None:
        self._client = client
        self._name = name
        self._credentials = credentials

    @property
    def origin(self) -> str:
        """Scheme and host of every link and form, as browsers compare them."""
        base = urlsplit(self._base)
        return f"{base.scheme}://{base.netloc}"

    @cached_property
    def _base(self) -> str:
        """What every link begins with, the key comes next."""
        link = self._client.generate_presigned_url("get_object", Params={"Bucket": self._name, "Key": "key"})
        return link.partition("?")[0].removesuffix("key")

    def upload_form(self, key: str, media_type: str, name: str) -> UploadForm:
        """A form that takes exactly this key and type, 1 byte to `MAX_UPLOAD_BYTES`, for five minutes.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
        """
        fields = {"Content-Type": media_type, f"x-amz-meta-{NAME}": quote(name)}
        post = self._client.generate_presigned_post(
            self._name,
            key,
            Fields=dict(fields),
            Conditions=[
                *({field: value} for field, value in fields.items()),
                ["content-length-range", 1, MAX_UPLOAD_BYTES],
            ],
            ExpiresIn=FORM_SECONDS,
        )
        return UploadForm(post["url"], post["fields"])

    def link(self, key: str, *, download: str | None = None) -> str:
        """A link to one object, good for half an hour or more; shown in place, or saved as the file name `download`.

        All that are made within the same half hour are the same. Botocore signs for this moment only, ten times slower.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
        """
        signer = self._credentials.get_frozen_credentials()
        since = time.time() // SIGNING_SECONDS * SIGNING_SECONDS
        moment = datetime.fromtimestamp(since, UTC).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{moment[:8]}/{self._client.meta.region_name}/s3/aws4_request"
        parameters = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"{signer.access_key}/{scope}",
            "X-Amz-Date": moment,
            "X-Amz-Expires": str(LINK_SECONDS),
            **({"X-Amz-Security-Token": signer.token} if signer.token else {}),
            "X-Amz-SignedHeaders": "host",
            "response-content-disposition": (
                f"attachment; filename*=UTF-8''{quote(download, safe='')}" if download else "inline"
            ),
        }
        query = urlencode(parameters, quote_via=quote, safe="")
        link = urlsplit(self._base + key)
        request = f"GET\n{link.path}\n{query}\nhost:{link.netloc}\n\nhost\nUNSIGNED-PAYLOAD"
        said = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        return f"{link.geturl()}?{query}&X-Amz-Signature={_hmac(_signing_key(signer.secret_key, scope), said).hex()}"

    def find_key(self, url: str) -> str | None:
        """The key that a link to an object of this bucket names, in any of its forms; None for any other link.

        The link may be signed or not, expired, in path or virtual-hosted style, of AWS or of an emulator.
        """
        try:
            link = urlsplit(url)
        except ValueError:
            return None
        path = unquote(link.path).removeprefix("/")
        if (link.hostname or "").startswith(f"{self._name}."):
            return path
        bucket, _, key = path.partition("/")
        return key if bucket == self._name else None

    def find(self, key: str) -> Upload | None:
        """The object, read whole; None if there is none.

        Raises:
            WrongSize: it has more than `MAX_UPLOAD_BYTES`; nothing was read.
        """
        try:
            answer = self._client.get_object(Bucket=self._name, Key=key)
        except self._client.exceptions.NoSuchKey:
            return None
        if answer["ContentLength"] > MAX_UPLOAD_BYTES:
            raise WrongSize(f"The file has more than {MAX_UPLOAD_BYTES // 2**20} MiB.")
        return Upload(answer["Body"].read(), answer["ContentType"], unquote(answer["Metadata"].get(NAME, "")))

    def claim(self, key: str, upload: Upload) -> bool:
        """Write an upload unless the key is taken: of several writers at most one gets True.

        Where S3 could not tell, as another wrote or deleted meanwhile, its error is let out: nothing was written.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        """
        try:
            self._client.put_object(
                Bucket=self._name,
                Key=key,
                Body=upload.data,
                ContentType=upload.media_type,
                Metadata={NAME: quote(upload.name)},
                IfNoneMatch="*",
            )
        except self._client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise
            return False
        return True

    def put_derived(self, key: str, data: bytes) -> None:
        """Write a preview or thumbnail: a JPEG, the same for the same original."""
        self._client.put_object(
            Bucket=self._name,
            Key=key,
            Body=data,
            ContentType="image/jpeg",
            CacheControl="private, max-age=31536000, immutable",
        )

    def list_keys(self, prefix: str) -> Iterator[str]:
        """The keys that begin with the prefix, in their order, read as they are asked for."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._name, Prefix=prefix)
        return (found["Key"] for page in pages for found in page.get("Contents", []))

    def delete(self, *keys: str) -> None:
        """Remove objects, up to 1,000 in the one call that is made; what is not there is no error.

        Raises:
            ClientError: S3 refused to remove one of them, though it answered the call with success.
        """
        answer = self._client.delete_objects(
            Bucket=self._name, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
        )
        for error in answer.get("Errors", []):
            raise ClientError({"Error": {"Code": error["Code"], "Message": error["Message"]}}, "DeleteObjects")


@lru_cache(maxsize=4)
def _signing_key(secret_key: str, scope: str) -> bytes:
    key = b"AWS4" + secret_key.encode()
    for part in scope.split("/"):
        key = _hmac(key, part)
    return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
