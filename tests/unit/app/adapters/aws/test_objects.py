import base64
import json
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from app.adapters.aws import objects as bucket_module
from app.adapters.aws.objects import SIGNING_SECONDS, S3Objects
from app.domain.errors import WrongSize
from app.domain.images import MAX_UPLOAD_BYTES
from app.domain.uploads import FORM_SECONDS, LINK_SECONDS, Upload
from tests.support.aws import BUCKET_NAME, credentials
from tests.support.fakes import Clock

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

NOON = datetime.fromisoformat("2019-07-28T12:00:00.123+09:00")
UPLOAD = Upload(b"bytes", "image/png", "Große Düne 🏖.png", NOON)


def test_find_of_claimed_key_returns_the_upload(objects: S3Objects) -> None:
    assert objects.claim("incoming/a", UPLOAD)

    assert objects.find("incoming/a") == UPLOAD
    assert objects.find("incoming/b") is None


def test_claim_of_existing_key_returns_false_and_changes_nothing(objects: S3Objects) -> None:
    objects.claim("originals/a", UPLOAD)

    assert not objects.claim("originals/a", Upload(b"other", "image/png", "other.png"))
    assert objects.find("originals/a") == UPLOAD


@pytest.mark.parametrize("code", ["AccessDenied", "ConditionalRequestConflict"])
def test_claim_with_other_s3_error_raises_client_error(s3: "S3Client", code: str) -> None:
    with Stubber(s3) as stub:
        stub.add_client_error("put_object", code)

        with pytest.raises(ClientError):
            S3Objects(s3, BUCKET_NAME, credentials()).claim("originals/a", UPLOAD)


def test_is_intact_with_an_s3_error_raises_client_error(s3: "S3Client") -> None:
    with Stubber(s3) as stub:
        stub.add_client_error("head_object", "503")

        with pytest.raises(ClientError):
            S3Objects(s3, BUCKET_NAME, credentials()).is_intact("originals/a", 5, UPLOAD.sha256)


def test_find_of_too_large_object_raises_wrong_size(s3: "S3Client") -> None:
    with Stubber(s3) as stub:
        stub.add_response("get_object", {"ContentLength": MAX_UPLOAD_BYTES + 1, "Metadata": {}})

        with pytest.raises(WrongSize, match="larger than 200 MiB"):
            S3Objects(s3, BUCKET_NAME, credentials()).find("incoming/a")


def test_sha256_is_the_digest_of_the_bytes() -> None:
    # pragma: allowlist nextline secret - the digest of a file
    assert UPLOAD.sha256 == "277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9"


def test_delete_of_deleted_object_changes_nothing(objects: S3Objects) -> None:
    objects.put_derived("thumbnails/a", b"jpeg")
    objects.put_derived("thumbnails/b", b"jpeg")

    objects.delete("thumbnails/a", "thumbnails/b")
    objects.delete("thumbnails/a")

    assert list(objects.list_keys("")) == []


def test_delete_of_object_that_s3_keeps_raises_client_error(s3: "S3Client") -> None:
    with Stubber(s3) as stub:
        errors = [{"Key": "originals/b", "Code": "InternalError", "Message": "We encountered an error."}]
        stub.add_response("delete_objects", {"Errors": errors})

        with pytest.raises(ClientError, match="InternalError"):
            S3Objects(s3, BUCKET_NAME, credentials()).delete("originals/a", "originals/b")


def test_list_keys_yields_only_keys_with_the_prefix(objects: S3Objects) -> None:
    for key in ("thumbnails/a/1", "thumbnails/a/2", "thumbnails/b/1", "previews/a/1"):
        objects.put_derived(key, b"jpeg")

    assert list(objects.list_keys("thumbnails/a/")) == ["thumbnails/a/1", "thumbnails/a/2"]
    assert list(objects.list_keys("originals/")) == []


def test_upload_form_accepts_one_key_one_type_and_one_size(objects: S3Objects) -> None:
    form = objects.upload_form("incoming/a", "image/png", "Düne.png", 2_048)

    policy = json.loads(base64.b64decode(form.fields["policy"]))
    conditions = [
        condition
        for condition in policy["conditions"]
        if isinstance(condition, list) or not next(iter(condition)).startswith("x-amz-")
    ]
    assert conditions == [
        {"Content-Type": "image/png"},
        ["content-length-range", 2_048, 2_048],
        {"bucket": BUCKET_NAME},
        {"key": "incoming/a"},
    ]
    assert {"x-amz-meta-name": "D%C3%BCne.png"} in policy["conditions"]
    assert "x-amz-meta-file-time" not in form.fields
    assert FORM_SECONDS == 300


def test_upload_form_fixes_the_time_of_the_file(objects: S3Objects) -> None:
    form = objects.upload_form("incoming/a", "image/png", "a.png", 5, NOON)

    assert form.fields["x-amz-meta-file-time"] == "2019-07-28T12:00:00.123000+09:00"
    policy = json.loads(base64.b64decode(form.fields["policy"]))
    assert {"x-amz-meta-file-time": form.fields["x-amz-meta-file-time"]} in policy["conditions"]


@pytest.mark.parametrize(
    ("download", "disposition"),
    [(None, "inline"), ('a"b\r\nc.png', "attachment; filename=\"a_b__c.png\"; filename*=UTF-8''a%22b%0D%0Ac.png")],
)
def test_link_contains_disposition_and_lifetime(objects: S3Objects, download: str | None, disposition: str) -> None:
    link = urlsplit(objects.link("originals/a", download=download))

    parameters = parse_qs(link.query)
    assert link.path.endswith("originals/a")
    assert parameters["response-content-disposition"] == [disposition]
    assert parameters["X-Amz-Expires"] == [str(LINK_SECONDS)]


def test_link_changes_every_half_hour_and_is_valid_half_an_hour_longer(
    objects: S3Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    clock.ahead = -int(clock.time()) % SIGNING_SECONDS  # the start of a period
    monkeypatch.setattr(bucket_module, "time", clock)
    first = objects.link("thumbnails/a")

    clock.ahead += SIGNING_SECONDS // 2
    assert objects.link("thumbnails/a") == first
    clock.ahead += SIGNING_SECONDS // 2 + 1
    assert objects.link("thumbnails/a") != first
    assert (SIGNING_SECONDS, LINK_SECONDS) == (1800, 3600)
