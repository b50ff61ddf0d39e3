"""Links and forms equal those of botocore, whatever the key, the name, the credentials and the time."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import boto3
import botocore.auth
import botocore.signers
from botocore.config import Config
from hypothesis import given, settings
from hypothesis import strategies as st

from app.adapters.aws import objects as objects_module
from app.adapters.aws.objects import SIGNING_SECONDS, S3Objects
from app.domain.uploads import FORM_SECONDS, LINK_SECONDS
from tests.support.aws import BUCKET_NAME
from tests.support.fakes import StoppedClock

KEYS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
NAMES = st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
TOKENS = st.sampled_from([None, "of a role+/="])
STYLES = st.sampled_from(["path", "virtual"])
TIMES = st.integers(1_600_000_000, 4_000_000_000)
FILE_TIMES = st.none() | st.datetimes(timezones=st.just(timezone(timedelta(hours=9))))


@cache
def connect(style: str, token: str | None) -> tuple[Any, S3Objects]:
    session = boto3.Session("key", "secret", token, region_name="eu-central-1")
    s3: Any = {"addressing_style": style}
    client = session.client("s3", config=Config(signature_version="s3v4", s3=s3))
    credentials = session.get_credentials()
    assert credentials
    return client, S3Objects(client, BUCKET_NAME, credentials)


@contextmanager
def stop_clocks(ours: int, of_botocore: int) -> Iterator[None]:
    moment = datetime.fromtimestamp(of_botocore, UTC)
    with (
        patch.object(objects_module, "time", StoppedClock(start=ours)),
        patch.object(botocore.auth, "get_current_datetime", lambda: moment),
        patch.object(botocore.signers, "get_current_datetime", lambda: moment),
    ):
        yield


@given(KEYS, NAMES, TOKENS, STYLES, TIMES)
@settings(max_examples=50)
def test_link_equals_that_of_botocore(key: str, name: str | None, token: str | None, style: str, now: int) -> None:
    client, objects = connect(style, token)

    with stop_clocks(now, now // SIGNING_SECONDS * SIGNING_SECONDS):
        link = objects.link(key, download=name)
        parameters = {
            "Bucket": BUCKET_NAME,
            "Key": key,
            "ResponseContentDisposition": parse_qs(urlsplit(link).query)["response-content-disposition"][0],
        }
        expected = client.generate_presigned_url("get_object", Params=parameters, ExpiresIn=LINK_SECONDS)

    assert link.partition("?")[0] == expected.partition("?")[0]
    assert sorted(link.partition("?")[2].split("&")) == sorted(expected.partition("?")[2].split("&"))


@given(KEYS, KEYS, FILE_TIMES, TOKENS, STYLES, TIMES)
@settings(max_examples=50)
def test_form_equals_that_of_botocore(
    key: str, name: str, file_time: datetime | None, token: str | None, style: str, now: int
) -> None:
    client, objects = connect(style, token)

    with stop_clocks(now, now):
        form = objects.upload_form(key, "image/png", name, 5, file_time)
        fields = {field: value for field, value in form.fields.items() if field.startswith(("Content", "x-amz-meta-"))}
        conditions = [*({field: value} for field, value in fields.items()), ["content-length-range", 5, 5]]
        expected = client.generate_presigned_post(
            BUCKET_NAME, key, Fields=fields, Conditions=conditions, ExpiresIn=FORM_SECONDS
        )

    assert form.url == expected["url"]
    assert form.fields == expected["fields"]
    policy = json.loads(base64.b64decode(form.fields["policy"]))
    assert datetime.fromisoformat(policy["expiration"]).timestamp() == now + FORM_SECONDS
