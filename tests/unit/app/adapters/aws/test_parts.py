from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError

from app.domain.errors import ImageChanged, UploadExpired
from app.domain.ids import new_id
from app.domain.images import Image, ImageState
from app.domain.parts import PART_SECONDS, Part
from app.domain.ports import Objects
from tests.support.aws import before
from tests.support.fakes import image

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

PARTS = [Part(1, 0, 8)]


@pytest.fixture
def pending(objects: Objects, owner: str) -> Image:
    return begin(objects, owner)


def begin(objects: Objects, owner: str) -> Image:
    image_without_upload = image(owner, ImageState.PENDING)
    return replace(image_without_upload, upload_id=objects.parts.begin(image_without_upload))


def refuse(code: str, operation: str) -> Callable[[], None]:
    """Return a function that raises an error of S3."""

    def raise_error() -> None:
        raise ClientError({"Error": {"Code": code}}, operation)

    return raise_error


def send(s3: "S3Client", objects: Objects, image: Image) -> None:
    """Send the only part of a file."""
    query = parse_qs(urlsplit(objects.parts.link(image, PARTS[0])).query)
    s3.upload_part(
        Bucket="photographs",
        Key=f"incoming/{image.owner}/{image.id}",
        UploadId=query["uploadId"][0],
        PartNumber=1,
        Body=b"8 bytes.",
    )


def test_link_signs_the_exact_length_of_the_part(objects: Objects, pending: Image) -> None:
    link = urlsplit(objects.parts.link(pending, Part(3, 16, 8)))

    query = parse_qs(link.query)
    assert link.path.endswith(f"/incoming/{pending.owner}/{pending.id}")
    assert query["X-Amz-SignedHeaders"] == ["content-length;host"]
    assert query["X-Amz-Expires"] == [str(PART_SECONDS)]
    assert (query["partNumber"], query["uploadId"]) == (["3"], [pending.upload_id])


def test_begin_requires_no_checksums_that_a_browser_does_not_send(s3: "S3Client", objects: Objects, owner: str) -> None:
    headers: list[str] = []
    call = "before-send.s3.CreateMultipartUpload"
    s3.meta.events.register(call, lambda request, **_: headers.extend(request.headers))

    begin(objects, owner)

    assert "x-amz-meta-name" in headers
    assert not [name for name in headers if "checksum" in name.lower()]


def test_complete_while_a_part_is_sent_again_raises_image_changed(
    s3: "S3Client", objects: Objects, pending: Image
) -> None:
    send(s3, objects, pending)

    with (
        before(s3, "s3.CompleteMultipartUpload", refuse("InvalidPart", "CompleteMultipartUpload")),
        pytest.raises(ImageChanged),
    ):
        objects.parts.complete(pending, PARTS)


def test_complete_while_the_upload_is_removed_raises_upload_expired(
    s3: "S3Client", objects: Objects, pending: Image
) -> None:
    send(s3, objects, pending)

    with (
        before(s3, "s3.CompleteMultipartUpload", refuse("NoSuchUpload", "CompleteMultipartUpload")),
        pytest.raises(UploadExpired),
    ):
        objects.parts.complete(pending, PARTS)


def test_other_errors_of_s3_are_not_hidden(s3: "S3Client", objects: Objects, pending: Image) -> None:
    send(s3, objects, pending)
    operations: dict[str, Callable[[], object]] = {
        "ListParts": lambda: objects.parts.received(pending),
        "CompleteMultipartUpload": lambda: objects.parts.complete(pending, PARTS),
        "AbortMultipartUpload": lambda: objects.parts.abort(pending),
    }

    for name, run in operations.items():
        with before(s3, f"s3.{name}", refuse("InternalError", name)), pytest.raises(ClientError, match="InternalError"):
            run()


def test_abort_all_removes_the_uploads_of_the_owner(objects: Objects, pending: Image) -> None:
    other = begin(objects, new_id())
    begin(objects, pending.owner)

    assert objects.parts.abort_all(pending.owner)
    assert not objects.parts.abort_all(pending.owner)
    assert objects.parts.received(other) == {}
