"""Creates upload forms and links for the S3 bucket, and reads and writes images' objects."""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from botocore.exceptions import ClientError
from typing_extensions import override

from app.adapters.aws.parts import S3Parts, dump_metadata, load_upload
from app.adapters.aws.presigning import Presigner
from app.domain.errors import ObjectTooLarge
from app.domain.file_names import make_disposition
from app.domain.ids import Rendition
from app.domain.images import MAX_UPLOAD_BYTES
from app.domain.ports import Objects
from app.domain.uploads import (
    FORM_SECONDS,
    LINK_SECONDS,
    PIECE_BYTES,
    ObjectEntry,
    Upload,
    UploadForm,
    are_equal,
)

if TYPE_CHECKING:
    from botocore.credentials import Credentials
    from mypy_boto3_s3.client import S3Client

SIGNING_SECONDS: Final = 1800  # links stay the same for this time, so that browsers can cache the objects


class S3Objects(Objects):
    """Reads and writes images' objects, and signs forms and links.

    Args:
        client: The S3 client. It must use signature version s3v4 and the credentials below.
        name: The bucket's name.
        credentials: The credentials that sign links.
    """

    def __init__(self, client: "S3Client", name: str, credentials: "Credentials") -> None:
        self._client = client
        self._name = name
        self._credentials = credentials
        self._parts = S3Parts(client, name)

    @property
    @override
    def parts(self) -> S3Parts:
        return self._parts

    @property
    @override
    def origin(self) -> str:
        base = urlsplit(self._base)
        return f"{base.scheme}://{base.netloc}"

    @cached_property
    def _base(self) -> str:
        """The part of a link before the key."""
        link = self._client.generate_presigned_url("get_object", Params={"Bucket": self._name, "Key": "key"})
        return link.partition("?")[0].removesuffix("key")

    @cached_property
    def _presigner(self) -> Presigner:
        return Presigner(self._base, self._client.meta.region_name, self._credentials)

    @cached_property
    def _form_url(self) -> str:
        """The address to which clients send forms."""
        url: str = self._client.generate_presigned_post(self._name, "key")["url"]
        return url

    @override
    def upload_form(
        self, key: str, media_type: str, name: str, size: int, file_time: datetime | None = None
    ) -> UploadForm:
        metadata = dump_metadata(name, file_time)
        fields = {"Content-Type": media_type} | {f"x-amz-meta-{field}": value for field, value in metadata.items()}
        conditions = [
            *({field: value} for field, value in fields.items()),
            ["content-length-range", size, size],
            {"bucket": self._name},
            {"key": key},
        ]
        fields |= {"key": key}
        return UploadForm(self._form_url, self._presigner.sign_form(fields, conditions, int(time.time()), FORM_SECONDS))

    @override
    def link(self, key: str, *, download: str | None = None) -> str:
        signed_at = int(time.time()) // SIGNING_SECONDS * SIGNING_SECONDS
        return self._presigner.sign_link(key, make_disposition(download), signed_at, LINK_SECONDS)

    @override
    def find_key(self, url: str) -> str | None:
        try:
            link = urlsplit(url)
        except ValueError:
            return None
        path = unquote(link.path).removeprefix("/")
        if (link.hostname or "").startswith(f"{self._name}."):
            return path
        bucket, _, key = path.partition("/")
        return key if bucket == self._name else None

    @override
    def find(self, key: str) -> Upload | None:
        try:
            response = self._client.get_object(Bucket=self._name, Key=key)
        except self._client.exceptions.NoSuchKey:
            return None
        if (size := response["ContentLength"]) > MAX_UPLOAD_BYTES:
            raise ObjectTooLarge(size, MAX_UPLOAD_BYTES)
        return load_upload(response["Body"].read(), response["ContentType"], response["Metadata"])

    @override
    def find_equal(self, key: str, data: bytes) -> Upload | None:
        try:
            response = self._client.get_object(Bucket=self._name, Key=key)
        except self._client.exceptions.NoSuchKey:
            return None
        with closing(response["Body"]) as body:
            if response["ContentLength"] != len(data) or not are_equal(data, body.iter_chunks(PIECE_BYTES)):
                return None
        return load_upload(data, response["ContentType"], response["Metadata"])

    @override
    def claim(self, key: str, upload: Upload) -> bool:
        try:
            self._client.put_object(
                Bucket=self._name,
                Key=key,
                Body=upload.data,
                ContentType=upload.media_type,
                Metadata=dump_metadata(upload.name, upload.file_time),
                IfNoneMatch="*",
            )
        except self._client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise
            return False
        return True

    @override
    def replace(self, key: str, upload: Upload) -> None:
        self._client.put_object(
            Bucket=self._name,
            Key=key,
            Body=upload.data,
            ContentType=upload.media_type,
            Metadata=dump_metadata(upload.name, upload.file_time),
        )

    @override
    def is_intact(self, key: str, size: int, sha256: str) -> bool:
        try:
            response = self._client.head_object(Bucket=self._name, Key=key)
        except self._client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "404":  # the response of HEAD has no body with another code
                raise
            return False
        return response["ContentLength"] == size

    @override
    def put_derived(self, key: str, data: bytes) -> None:
        self._client.put_object(
            Bucket=self._name,
            Key=key,
            Body=data,
            ContentType="image/jpeg",
            CacheControl="private, max-age=31536000, immutable",
        )

    @override
    def put_copy(self, key: str, data: bytes, media_type: str) -> None:
        self._client.put_object(Bucket=self._name, Key=key, Body=data, ContentType=media_type)

    @override
    def list_keys(self, prefix: str) -> Iterator[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._name, Prefix=prefix)
        return (entry["Key"] for page in pages for entry in page.get("Contents", []))

    @override
    def list_owners(self) -> set[str]:
        paginator = self._client.get_paginator("list_objects_v2")
        pages = (
            page
            for rendition in Rendition
            for page in paginator.paginate(Bucket=self._name, Prefix=f"{rendition}/", Delimiter="/")
        )
        return {prefix["Prefix"].split("/")[1] for page in pages for prefix in page.get("CommonPrefixes", [])}

    @override
    def list_entries(self, prefix: str, after: str = "") -> Iterator[ObjectEntry]:
        paginator = self._client.get_paginator("list_objects_v2")
        pages = paginator.paginate(Bucket=self._name, Prefix=prefix, StartAfter=after)
        return (
            ObjectEntry(entry["Key"], entry["Size"], entry["LastModified"].timestamp())
            for page in pages
            for entry in page.get("Contents", [])
        )

    @override
    def find_entry(self, key: str) -> ObjectEntry | None:
        return next((entry for entry in self.list_entries(key) if entry.key == key), None)

    @override
    def delete(self, *keys: str) -> None:
        response = self._client.delete_objects(
            Bucket=self._name, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
        )
        for error in response.get("Errors", []):
            raise ClientError({"Error": {"Code": error["Code"], "Message": error["Message"]}}, "DeleteObjects")
