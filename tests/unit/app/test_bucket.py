import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from app.bucket import FORM_SECONDS, LINK_SECONDS, Bucket, Upload
from app.errors import WrongSize
from app.images import MAX_UPLOAD_BYTES
from tests.conftest import BUCKET_NAME

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

UPLOAD = Upload(b"bytes", "image/png", "Große Düne 🏖.png")


def test_an_upload_is_read_as_it_was_written(bucket: Bucket) -> None:
    assert bucket.claim("incoming/a", UPLOAD)

    assert bucket.find("incoming/a") == UPLOAD
    assert bucket.find("incoming/b") is None


def test_only_the_first_claims_a_key(bucket: Bucket) -> None:
    bucket.claim("originals/a", UPLOAD)

    assert not bucket.claim("originals/a", Upload(b"other", "image/png", "other.png"))
    assert bucket.find("originals/a") == UPLOAD


def test_a_claim_that_fails_otherwise_is_an_error(s3: "S3Client") -> None:
    with Stubber(s3) as stub:
        stub.add_client_error("put_object", "AccessDenied")

        with pytest.raises(ClientError):
            Bucket(s3, BUCKET_NAME).claim("originals/a", UPLOAD)


def test_too_large_an_object_is_not_read(s3: "S3Client") -> None:
    with Stubber(s3) as stub:
        stub.add_response("get_object", {"ContentLength": MAX_UPLOAD_BYTES + 1, "Metadata": {}})

        with pytest.raises(WrongSize, match="more than 50 MiB"):
            Bucket(s3, BUCKET_NAME).find("incoming/a")


def test_the_digest_is_of_the_bytes() -> None:
    assert UPLOAD.sha256 == "277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9"


def test_what_is_deleted_is_gone_and_may_be_deleted_again(bucket: Bucket) -> None:
    bucket.put_derived("thumbnails/a", b"jpeg")

    bucket.delete("thumbnails/a")
    bucket.delete("thumbnails/a")

    assert bucket.find("thumbnails/a") is None


def test_the_keys_of_a_prefix_are_listed_up_to_a_number(bucket: Bucket) -> None:
    for key in ("thumbnails/a/1", "thumbnails/a/2", "thumbnails/b/1", "previews/a/1"):
        bucket.put_derived(key, b"jpeg")

    assert bucket.list_keys("thumbnails/a/", 10) == ["thumbnails/a/1", "thumbnails/a/2"]
    assert bucket.list_keys("thumbnails/", 1) == ["thumbnails/a/1"]
    assert bucket.list_keys("originals/", 10) == []


def test_a_form_takes_one_key_one_type_and_a_bounded_size(bucket: Bucket) -> None:
    form = bucket.upload_form("incoming/a", "image/png", "Düne.png")

    policy = json.loads(base64.b64decode(form.fields["policy"]))
    conditions = [
        one for one in policy["conditions"] if isinstance(one, list) or not next(iter(one)).startswith("x-amz-")
    ]
    assert conditions == [
        {"Content-Type": "image/png"},
        ["content-length-range", 1, MAX_UPLOAD_BYTES],
        {"bucket": BUCKET_NAME},
        {"key": "incoming/a"},
    ]
    assert {"x-amz-meta-name": "D%C3%BCne.png"} in policy["conditions"]
    assert FORM_SECONDS == 300


@pytest.mark.parametrize(
    ("download", "disposition"), [(None, "inline"), ('a"b\r\nc.png', "attachment; filename*=UTF-8''a%22b%0D%0Ac.png")]
)
def test_a_link_says_how_it_is_shown_and_when_it_ends(bucket: Bucket, download: str | None, disposition: str) -> None:
    link = urlsplit(bucket.link("originals/a", download=download))

    signed = parse_qs(link.query)
    assert link.path.endswith("originals/a")
    assert signed["response-content-disposition"] == [disposition]
    assert signed["X-Amz-Expires"] == [str(LINK_SECONDS)]
