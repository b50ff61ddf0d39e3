"""What S3 would say of altered links and forms, by a verifier of our own: emulators take them all."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import boto3
import pytest
from botocore.config import Config

from app.adapters.aws.bucket import FORM_SECONDS, LINK_SECONDS, Bucket
from app.domain.images import MAX_UPLOAD_BYTES
from tests.robustness.sigv4 import allows_get, allows_post
from tests.support.aws import BUCKET_NAME

# pragma: allowlist nextline secret - of Amazon's documentation
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
OWNER, OTHER = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
KEY = f"originals/{OWNER}/01jd8xk3v5m0z8q4n2c7r9t1wy"
INCOMING = KEY.replace("originals", "incoming")
SIZE = 1_000

Link = Callable[[str], str]
Form = Callable[[dict[str, str]], dict[str, str]]


@pytest.fixture(scope="module", params=[None, "a role's+/token="])
def bucket(request: pytest.FixtureRequest) -> Bucket:
    """With the keys of a person, and with those that Lambda gives a role."""
    session = boto3.Session("AKIAIOSFODNN7EXAMPLE", SECRET, request.param, region_name="eu-central-1")
    client = session.client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))
    credentials = session.get_credentials()
    assert credentials
    return Bucket(client, BUCKET_NAME, credentials)


def now() -> datetime:
    return datetime.now(UTC)


def asks(name: str, value: str | None) -> Link:
    """The link with another value of a parameter; None: without it."""

    def changed(link: str) -> str:
        address, _, query = link.partition("?")
        said = [(key, old if key != name else value) for key, old in parse_qsl(query)]
        return f"{address}?{urlencode([one for one in said if one[1] is not None], quote_via=quote)}"

    return changed


def at(old: str, new: str) -> Link:
    return lambda link: link.replace(old, new, 1)


LINKS: dict[str, Link] = {
    "another owner's": at(OWNER, OTHER),
    "another image's": at("t1wy", "t1wz"),
    "another rendition's": at("originals", "previews"),
    "a folder's": at("/01jd8xk3v5m0z8q4n2c7r9t1wy", "/"),
    "the bucket's": at(f"/{KEY}", "/"),
    "up the path": at("originals/", "originals/../originals/"),
    "a second slash": at("originals/", "originals//"),
    "another bucket's": at(BUCKET_NAME, "diaries"),
    "another host's": at("s3.", "s3.evil."),
    "shown in place": asks("response-content-disposition", "inline"),
    "under another name": asks("response-content-disposition", "attachment; filename*=UTF-8''virus.exe"),
    "without a disposition": asks("response-content-disposition", None),
    "of another type": lambda link: link + "&response-content-type=text%2Fhtml",
    "of another version": lambda link: link + "&versionId=1",
    "of the ACL": lambda link: link + "&acl",
    "living longer": asks("X-Amz-Expires", str(LINK_SECONDS + 1)),
    "living for ever": asks("X-Amz-Expires", "99999999"),
    "living less long": asks("X-Amz-Expires", "1"),
    "without an end": asks("X-Amz-Expires", None),
    "begun later": asks("X-Amz-Date", f"{now() + timedelta(minutes=5):%Y%m%dT%H%M%SZ}"),
    "without a beginning": asks("X-Amz-Date", None),
    "by another signer": asks("X-Amz-Credential", "AKIAEVIL/20260101/eu-central-1/s3/aws4_request"),
    "in another region": at("%2Feu-central-1%2F", "%2Fus-east-1%2F"),
    "for another service": at("%2Fs3%2F", "%2Fsqs%2F"),
    "by another algorithm": asks("X-Amz-Algorithm", "AWS4-ECDSA-P256-SHA256"),
    "without headers": asks("X-Amz-SignedHeaders", ""),
    "with another signature": asks("X-Amz-Signature", "0" * 64),
    "with a cut signature": lambda link: link[:-1],
    "without a signature": asks("X-Amz-Signature", None),
    "without a query": lambda link: link.partition("?")[0],
}


@pytest.mark.parametrize("download", [None, "Große Düne & Söhne=50 %.png"])
def test_a_link_is_good_as_it_is_until_it_ends_and_for_reading_only(bucket: Bucket, download: str | None) -> None:
    link = bucket.link(KEY, download=download)

    assert allows_get(link, SECRET, now())
    assert allows_get(link, SECRET, now() + timedelta(seconds=LINK_SECONDS // 2 - 60))
    assert not allows_get(link, SECRET, now() + timedelta(seconds=LINK_SECONDS))
    assert not any(allows_get(link, SECRET, now(), method) for method in ("PUT", "DELETE", "HEAD", "POST"))
    assert not allows_get(link, "another secret", now())


@pytest.mark.parametrize("name", LINKS)
def test_an_altered_link_leads_nowhere(bucket: Bucket, name: str) -> None:
    link = bucket.link(KEY, download="beach.jpg")
    altered = LINKS[name](link)

    assert altered != link
    assert not allows_get(altered, SECRET, now())


def test_links_name_the_host_that_the_signature_is_for(bucket: Bucket) -> None:
    link = urlsplit(bucket.link(KEY))

    assert (link.scheme, link.hostname) == ("https", f"{BUCKET_NAME}.s3.eu-central-1.amazonaws.com")


def fields(**changes: str | None) -> Form:
    """The form with other fields; None: without."""

    def changed(form: dict[str, str]) -> dict[str, str]:
        renamed = {name.replace("_", "-"): value for name, value in changes.items()}
        return {name: value for name, value in (form | renamed).items() if value is not None}

    return changed


def policy(change: Callable[[list[object]], list[object]], expiration: str | None = None) -> Form:
    """The form with other terms in its policy."""

    def changed(form: dict[str, str]) -> dict[str, str]:
        terms = json.loads(base64.b64decode(form["policy"]))
        terms["conditions"] = change(terms["conditions"])
        terms["expiration"] = expiration or terms["expiration"]
        return form | {"policy": base64.b64encode(json.dumps(terms).encode()).decode()}

    return changed


FORMS: dict[str, Form] = {
    "another owner's": fields(key=INCOMING.replace(OWNER, OTHER)),
    "another image's": fields(key=INCOMING + "x"),
    "an original": fields(key=KEY),
    "an incoming of nobody": fields(key="incoming/${filename}"),
    "no key": fields(key=None),
    "another type": fields(Content_Type="text/html"),
    "no type": fields(Content_Type=None),
    "another name": fields(x_amz_meta_name="virus.exe"),
    "more metadata": fields(x_amz_meta_more="x"),
    "public": fields(acl="public-read"),
    "led elsewhere": fields(success_action_redirect="https://evil.example"),
    "another status": fields(success_action_status="200"),
    "another class": fields(x_amz_storage_class="GLACIER"),
    "without terms": fields(policy=None),
    "without a signature": fields(x_amz_signature=None),
    "another signature": fields(x_amz_signature="0" * 64),
    "another signer": fields(x_amz_credential="AKIAEVIL/20260101/eu-central-1/s3/aws4_request"),
    "another day": fields(x_amz_date="20200101T000000Z"),
    "larger": policy(lambda terms: [term for term in terms if not isinstance(term, list)]),
    "any key": policy(lambda terms: [*terms, ["starts-with", "$key", ""]]),
    "living longer": policy(lambda terms: terms, "2099-01-01T00:00:00Z"),
    "no terms": policy(lambda terms: []),
}


def test_a_form_takes_a_file_as_it_was_offered_for_five_minutes(bucket: Bucket) -> None:
    form = bucket.upload_form(INCOMING, "image/png", "Düne.png")

    def takes(size: int, after: int = 0) -> bool:
        return allows_post(form.fields, size, BUCKET_NAME, SECRET, now() + timedelta(seconds=after))

    assert takes(1)
    assert takes(MAX_UPLOAD_BYTES)
    assert takes(SIZE, FORM_SECONDS - 10)
    assert not takes(0)
    assert not takes(MAX_UPLOAD_BYTES + 1)
    assert not takes(SIZE, FORM_SECONDS)
    assert not allows_post(form.fields, SIZE, "diaries", SECRET, now())


@pytest.mark.parametrize("name", FORMS)
def test_an_altered_form_is_refused(bucket: Bucket, name: str) -> None:
    form = bucket.upload_form(INCOMING, "image/png", "Düne.png").fields
    altered = FORMS[name](form)

    assert altered != form
    assert not allows_post(altered, SIZE, BUCKET_NAME, SECRET, now())
