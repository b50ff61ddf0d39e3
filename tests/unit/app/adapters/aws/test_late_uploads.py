"""Uploads that the worker processes after DynamoDB has deleted their pending images, which live for a day."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from app.adapters.aws.row_keys import attributes, image_key
from app.domain.capture_times import format_capture_time
from app.domain.images import Image
from app.domain.ports import Images, Objects, Quotas
from app.services.ingest import Ingest
from app.services.part_uploads import PartUploads
from tests.support.aws import BUCKET_NAME, TABLE_NAME

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_s3.client import S3Client

MODIFIED_AT = datetime.fromisoformat("2019-07-28T01:03:00.123+09:00")

Send = Callable[[bytes], Image]


@pytest.fixture
def send_with_form(ingest: Ingest, s3: "S3Client", owner: str) -> Send:
    """Return a function that uploads a file with a form. It does what S3 does with the fields of a form."""

    def send(data: bytes) -> Image:
        image, form = ingest.offer(
            owner, name="Düne.jpg", media_type="image/jpeg", size=len(data), file_time=MODIFIED_AT
        )
        metadata = {
            name.removeprefix("x-amz-meta-"): value
            for name, value in form.fields.items()
            if name.startswith("x-amz-meta-")
        }
        s3.put_object(Bucket=BUCKET_NAME, Key=form.fields["key"], Body=data, Metadata=metadata)
        return image

    return send


@pytest.fixture
def send_in_parts(images: Images, objects: Objects, quotas: Quotas, s3: "S3Client", owner: str) -> Send:
    """Return a function that uploads a file in parts."""

    def send(data: bytes) -> Image:
        uploads = PartUploads(images, objects, quotas)
        image, (link,) = uploads.offer(
            owner, name="Düne.jpg", media_type="image/jpeg", size=len(data), file_time=MODIFIED_AT
        )
        upload_id = parse_qs(urlsplit(link.url).query)["uploadId"][0]
        key = f"incoming/{owner}/{image.id}"
        s3.upload_part(Bucket=BUCKET_NAME, Key=key, UploadId=upload_id, PartNumber=link.part.number, Body=data)
        return uploads.complete(owner, image.id)

    return send


@pytest.mark.parametrize("way", ["send_with_form", "send_in_parts"])
def test_late_upload_keeps_its_name_and_the_time_of_the_file(
    request: pytest.FixtureRequest,
    ingest: Ingest,
    dynamodb: "DynamoDBClient",
    owner: str,
    photo: bytes,
    check_consistency: Callable[[], None],
    way: str,
) -> None:
    send: Send = request.getfixturevalue(way)
    pending = send(photo)
    dynamodb.delete_item(TableName=TABLE_NAME, Key=attributes(image_key(owner, pending.id)))

    ready = ingest.ingest(owner, pending.id)

    assert ready
    assert ready.taken
    assert (ready.name, ready.file_time) == ("Düne.jpg", MODIFIED_AT)
    assert (format_capture_time(ready.taken), ready.taken.source) == ("2019-07-28T01:03:00+09:00", "file")
    check_consistency()
