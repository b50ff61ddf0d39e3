"""Receives uploads in parts with S3's multipart uploads.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote

from typing_extensions import override

from app.domain.errors import ImageChanged, UploadExpired
from app.domain.ids import Rendition
from app.domain.images import Image
from app.domain.parts import PART_SECONDS, Part, Parts, require_all
from app.domain.uploads import Upload

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import PartTypeDef

NAME: Final = "name"  # the metadata key of an upload's percent-encoded file name
FILE_TIME: Final = "file-time"


class S3Parts(Parts):
    """Receives uploads in parts.

    Args:
        client: The S3 client. It must use signature version s3v4.
        name: The bucket's name.
    """

    def __init__(self, client: "S3Client", name: str) -> None:
        self._client = client
        self._name = name

    @override
    def begin(self, image: Image) -> str:
        response = self._client.create_multipart_upload(
            Bucket=self._name,
            Key=_key(image),
            ContentType=image.media_type,
            Metadata=dump_metadata(image.name, image.file_time),
        )
        return response["UploadId"]

    @override
    def link(self, image: Image, part: Part) -> str:
        # The length is signed as a header, so S3 rejects a part of any other size.
        return self._client.generate_presigned_url(
            "upload_part",
            Params={
                "Bucket": self._name,
                "Key": _key(image),
                "UploadId": image.upload_id,
                "PartNumber": part.number,
                "ContentLength": part.size,
            },
            ExpiresIn=PART_SECONDS,
        )

    @override
    def received(self, image: Image) -> Mapping[int, int]:
        return {part["PartNumber"]: part["Size"] for part in self._list(image)}

    @override
    def complete(self, image: Image, parts: Iterable[Part]) -> None:
        stored = self._list(image)
        require_all(parts, {part["PartNumber"]: part["Size"] for part in stored})
        try:
            self._client.complete_multipart_upload(
                Bucket=self._name,
                Key=_key(image),
                UploadId=image.upload_id,
                MultipartUpload={
                    "Parts": [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in stored]
                },
            )
        except self._client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchUpload":
                raise UploadExpired from error
            if error.response["Error"]["Code"] == "InvalidPart":  # it was sent again after it was listed
                raise ImageChanged from error
            raise

    @override
    def abort(self, image: Image) -> None:
        self._abort(_key(image), image.upload_id)

    @override
    def abort_all(self, owner: str) -> bool:
        paginator = self._client.get_paginator("list_multipart_uploads")
        pages = paginator.paginate(Bucket=self._name, Prefix=Rendition.INCOMING.key(owner, ""))
        uploads = [upload for page in pages for upload in page.get("Uploads", [])]
        for upload in uploads:
            self._abort(upload["Key"], upload["UploadId"])
        return bool(uploads)

    def _abort(self, key: str, upload_id: str) -> None:
        try:
            self._client.abort_multipart_upload(Bucket=self._name, Key=key, UploadId=upload_id)
        except self._client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchUpload":
                raise

    def _list(self, image: Image) -> list["PartTypeDef"]:
        paginator = self._client.get_paginator("list_parts")
        pages = paginator.paginate(Bucket=self._name, Key=_key(image), UploadId=image.upload_id)
        try:
            return [part for page in pages for part in page.get("Parts", [])]
        except self._client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchUpload":
                raise
            raise UploadExpired from error


def dump_metadata(name: str, file_time: datetime | None) -> dict[str, str]:
    """Return the metadata of an object: the name of the file, and when it was last modified."""
    return {NAME: quote(name), **({FILE_TIME: file_time.isoformat()} if file_time else {})}


def load_upload(data: bytes, media_type: str, metadata: Mapping[str, str]) -> Upload:
    """Return the upload with the metadata of an object."""
    file_time = metadata.get(FILE_TIME)
    return Upload(
        data, media_type, unquote(metadata.get(NAME, "")), datetime.fromisoformat(file_time) if file_time else None
    )


def _key(image: Image) -> str:
    return Rendition.INCOMING.key(image.owner, image.id)
