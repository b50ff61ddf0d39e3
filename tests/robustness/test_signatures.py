"""Altered presigned links and forms, checked with a verifier of these tests because emulators accept them all."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import boto3
import pytest
from botocore.config import Config

from app.adapters.aws.objects import S3Objects
from app.domain.ports import Objects
from app.domain.uploads import FORM_SECONDS, LINK_SECONDS
from tests.robustness.sigv4 import allows_get, allows_post
from tests.support.aws import BUCKET_NAME

# pragma: allowlist nextline secret - from Amazon's documentation
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
OWNER, OTHER = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
KEY = f"originals/{OWNER}/01jd8xk3v5m0z8q4n2c7r9t1wy"
INCOMING = KEY.replace("originals", "incoming")
SIZE = 1_000

Link = Callable[[str], str]
Form = Callable[[dict[str, str]], dict[str, str]]


@pytest.fixture(scope="module", params=[None, "a role's+/token="])
def objects(request: pytest.FixtureRequest) -> Objects:
    """A bucket with the keys of a user, and one with the keys and the token of a role, as in Lambda."""
    session = boto3.Session("AKIAIOSFODNN7EXAMPLE", SECRET, request.param, region_name="eu-central-1")
    client = session.client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))
    credentials = session.get_credentials()
    assert credentials
    return S3Objects(client, BUCKET_NAME, credentials)


def now() -> datetime:
    return datetime.now(UTC)


def change_parameter(name: str, value: str | None) -> Link:
    """Return a function that changes a query parameter of a link, or removes it if the value is None."""

    def change(link: str) -> str:
        address, _, query = link.partition("?")
        parameters = [(key, old if key != name else value) for key, old in parse_qsl(query)]
        return f"{address}?{urlencode([pair for pair in parameters if pair[1] is not None], quote_via=quote)}"

    return change


def replace_text(old: str, new: str) -> Link:
    return lambda link: link.replace(old, new, 1)


LINKS: dict[str, Link] = {
    "another owner's": replace_text(OWNER, OTHER),
    "another image's": replace_text("t1wy", "t1wz"),
    "another rendition's": replace_text("originals", "previews"),
    "a folder's": replace_text("/01jd8xk3v5m0z8q4n2c7r9t1wy", "/"),
    "the bucket's": replace_text(f"/{KEY}", "/"),
    "with a parent folder in the path": replace_text("originals/", "originals/../originals/"),
    "with two slashes": replace_text("originals/", "originals//"),
    "another bucket's": replace_text(BUCKET_NAME, "diaries"),
    "another host's": replace_text("s3.", "s3.evil."),
    "with an inline disposition": change_parameter("response-content-disposition", "inline"),
    "with another file name": change_parameter(
        "response-content-disposition", "attachment; filename*=UTF-8''virus.exe"
    ),
    "without a disposition": change_parameter("response-content-disposition", None),
    "with another type": lambda link: link + "&response-content-type=text%2Fhtml",
    "with a version": lambda link: link + "&versionId=1",
    "for the ACL": lambda link: link + "&acl",
    "expiring later": change_parameter("X-Amz-Expires", str(LINK_SECONDS + 1)),
    "expiring after years": change_parameter("X-Amz-Expires", "99999999"),
    "expiring earlier": change_parameter("X-Amz-Expires", "1"),
    "without expiration": change_parameter("X-Amz-Expires", None),
    "starting later": change_parameter("X-Amz-Date", f"{now() + timedelta(minutes=5):%Y%m%dT%H%M%SZ}"),
    "without a start": change_parameter("X-Amz-Date", None),
    "by another signer": change_parameter("X-Amz-Credential", "AKIAEVIL/20260101/eu-central-1/s3/aws4_request"),
    "in another region": replace_text("%2Feu-central-1%2F", "%2Fus-east-1%2F"),
    "for another service": replace_text("%2Fs3%2F", "%2Fsqs%2F"),
    "by another algorithm": change_parameter("X-Amz-Algorithm", "AWS4-ECDSA-P256-SHA256"),
    "without headers": change_parameter("X-Amz-SignedHeaders", ""),
    "with another signature": change_parameter("X-Amz-Signature", "0" * 64),
    "with a truncated signature": lambda link: link[:-1],
    "without a signature": change_parameter("X-Amz-Signature", None),
    "without a query": lambda link: link.partition("?")[0],
}


@pytest.mark.parametrize("download", [None, "Große Düne & Söhne=50 %.png"])
def test_unaltered_link_allows_only_get_until_it_expires(objects: Objects, download: str | None) -> None:
    link = objects.link(KEY, download=download)

    assert allows_get(link, SECRET, now())
    assert allows_get(link, SECRET, now() + timedelta(seconds=LINK_SECONDS // 2 - 60))
    assert not allows_get(link, SECRET, now() + timedelta(seconds=LINK_SECONDS))
    assert not any(allows_get(link, SECRET, now(), method) for method in ("PUT", "DELETE", "HEAD", "POST"))
    assert not allows_get(link, "another secret", now())


@pytest.mark.parametrize("name", LINKS)
def test_altered_link_is_rejected(objects: Objects, name: str) -> None:
    link = objects.link(KEY, download="beach.jpg")
    altered = LINKS[name](link)

    assert altered != link
    assert not allows_get(altered, SECRET, now())


def test_link_contains_the_host_of_its_signature(objects: Objects) -> None:
    link = urlsplit(objects.link(KEY))

    assert (link.scheme, link.hostname) == ("https", f"{BUCKET_NAME}.s3.eu-central-1.amazonaws.com")


def change_fields(**changes: str | None) -> Form:
    """Return a function that changes fields of a form, or removes those that are None."""

    def change(form: dict[str, str]) -> dict[str, str]:
        renamed = {name.replace("_", "-"): value for name, value in changes.items()}
        return {name: value for name, value in (form | renamed).items() if value is not None}

    return change


def change_policy(change_conditions: Callable[[list[object]], list[object]], expiration: str | None = None) -> Form:
    """Return a function that changes the conditions or the expiration in the policy of a form."""

    def change(form: dict[str, str]) -> dict[str, str]:
        document = json.loads(base64.b64decode(form["policy"]))
        document["conditions"] = change_conditions(document["conditions"])
        document["expiration"] = expiration or document["expiration"]
        return form | {"policy": base64.b64encode(json.dumps(document).encode()).decode()}

    return change


FORMS: dict[str, Form] = {
    "another owner's": change_fields(key=INCOMING.replace(OWNER, OTHER)),
    "another image's": change_fields(key=INCOMING + "x"),
    "an original": change_fields(key=KEY),
    "an upload without an owner": change_fields(key="incoming/${filename}"),
    "no key": change_fields(key=None),
    "another type": change_fields(Content_Type="text/html"),
    "no type": change_fields(Content_Type=None),
    "another name": change_fields(x_amz_meta_name="virus.exe"),
    "more metadata": change_fields(x_amz_meta_more="x"),
    "public": change_fields(acl="public-read"),
    "with a redirect": change_fields(success_action_redirect="https://evil.example"),
    "another status": change_fields(success_action_status="200"),
    "another class": change_fields(x_amz_storage_class="GLACIER"),
    "without a policy": change_fields(policy=None),
    "without a signature": change_fields(x_amz_signature=None),
    "another signature": change_fields(x_amz_signature="0" * 64),
    "another signer": change_fields(x_amz_credential="AKIAEVIL/20260101/eu-central-1/s3/aws4_request"),
    "another day": change_fields(x_amz_date="20200101T000000Z"),
    "larger": change_policy(lambda conditions: [each for each in conditions if not isinstance(each, list)]),
    "any key": change_policy(lambda conditions: [*conditions, ["starts-with", "$key", ""]]),
    "later expiration": change_policy(lambda conditions: conditions, "2099-01-01T00:00:00Z"),
    "no conditions": change_policy(lambda conditions: []),
}


def test_unaltered_form_accepts_a_file_of_its_size_for_five_minutes(objects: Objects) -> None:
    form = objects.upload_form(INCOMING, "image/png", "Düne.png", SIZE)

    def accepts(size: int, seconds: int = 0) -> bool:
        return allows_post(form.fields, size, BUCKET_NAME, SECRET, now() + timedelta(seconds=seconds))

    assert accepts(SIZE)
    assert accepts(SIZE, FORM_SECONDS - 10)
    assert not accepts(SIZE - 1)
    assert not accepts(SIZE + 1)
    assert not accepts(SIZE, FORM_SECONDS)
    assert not allows_post(form.fields, SIZE, "diaries", SECRET, now())


@pytest.mark.parametrize("name", FORMS)
def test_altered_form_is_rejected(objects: Objects, name: str) -> None:
    form = objects.upload_form(INCOMING, "image/png", "Düne.png", SIZE).fields
    altered = FORMS[name](form)

    assert altered != form
    assert not allows_post(altered, SIZE, BUCKET_NAME, SECRET, now())
