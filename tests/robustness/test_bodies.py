"""Bodies as no client of ours would send them: each is answered with 4xx, whatever the route."""

from collections.abc import Iterator

import boto3
import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.adapters.aws.quotas import Limits, Quotas
from app.main import app
from tests.robustness.test_authorisation import ROWS, Named, Row
from tests.robustness.torture import cases
from tests.support.fakes import FakeDetector
from tests.support.tokens import SETTINGS, claims, sign
from tests.support.wired_app import wired

NAMED = Named("01jd8xk3v5m0z8q4n2c7r9t1wy", "0" * 12, "0" * 26, "6f2f1d9e-4c8a-4d5e-9e0a-0a1b2c3d4e5f")
JSON = "application/json"

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "a space": b" ",
    "NUL": b"\0",
    "null": b"null",
    "a number": b"1",
    "text": b'"text"',
    "a list": b"[]",
    "a list of objects": b"[{}]",
    "an empty object": b"{}",
    "cut off": b'{"ids": ["',
    "two documents": b"{}{}",
    "a comma too many": b'{"query": "dog",}',
    "a comment": b'{"query": "dog"} // all of them',
    "single quotes": b"{'query': 'dog'}",
    "NaN": b'{"count": NaN}',
    "Infinity": b'{"count": -Infinity}',
    "1e400": b'{"count": 1e400}',
    "5,000 digits": b'{"count": ' + b"9" * 5_000 + b"}",
    "2^70": b'{"size": 1180591620717411303424}',
    "a lone surrogate": b'{"query": "\\ud800"}',
    "half an escape": b'{"query": "\\u12"}',
    "bad UTF-8": b'{"query": "\xff\xfe"}',
    "overlong UTF-8": b'{"query": "\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"query": "\xed\xa0\x80"}',
    "UTF-16": '{"query": "dog"}'.encode("utf-16"),
    "a byte-order mark": b'\xef\xbb\xbf{"query": "dog"}',
    "a raw control character": b'{"query": "a\x00b"}',
    "NUL, escaped": b'{"query": "\\u0000", "x": 1}',
    "2,000 lists deep": b"[" * 2_000 + b"]" * 2_000,
    "2,000 objects deep": b'{"a":' * 2_000 + b"1" + b"}" * 2_000,
    "100,000 lists begun": b"[" * 100_000,
    "a key twice": b'{"query": "dog", "query": "cat"}',
    "a key twice, spelt otherwise": b'{"query": "dog", "qu\\u0065ry": "cat"}',
    "keys of the table": b'{"pk": "U#x", "sk": "IMAGE#x", "#pk": 1, ":v": 2}',
    "keys of JavaScript": b'{"__proto__": {"admin": true}, "constructor": 1}',
    "an owner": b'{"owner": "somebody", "username": "somebody", "sub": "somebody", "user_id": 1}',
    "true for a number": b'{"tags": [{"tag": "dog", "count": true}]}',
    "text for a number": b'{"tags": [{"tag": "dog", "count": "1"}]}',
    "a float for a number": b'{"tags": [{"tag": "dog", "count": 1.5}]}',
    "10,000 tags": b'{"tags": [' + b",".join([b'{"tag": "dog"}'] * 10_000) + b"]}",
    "a tag of 400 kB": b'{"tags": [{"tag": "' + b"a" * 400_000 + b'"}]}',
    "a megabyte": b'{"query": "' + b"a" * 2**20 + b'"}',
    "an empty key": b'{"": ""}',
    "multipart": b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--x--\r\n',
    "a form": b"query=dog&owner=somebody",
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03",
    "a pickle": b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00.",
}
SENT_AS = (
    JSON,
    "",
    "text/plain",
    "application/json; charset=utf-16",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
)
FEW = ("nothing", "text", "a list", "bad UTF-8", "multipart", "a form", "2,000 lists deep", "a key twice")
CASES = [(JSON, name) for name in BODIES] + [(kind, name) for kind in SENT_AS[1:] for name in FEW]


def takes_a_body(row: Row) -> bool:
    return bool(row.ask(NAMED).keys() & {"json", "data", "files"})


ROUTES = [pytest.param(*route, id=" ".join(route)) for route, row in ROWS.items() if takes_a_body(row)]


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    session = boto3.Session("test", "test", region_name="us-east-1")
    with wired(session, FakeDetector()):
        often = Limits(uploads_per_minute=10**6, edits_per_minute=10**6, detections_per_minute=10**6)
        generous = Quotas(session.client("dynamodb"), SETTINGS.table, often)
        app.dependency_overrides[wiring.quotas] = lambda: generous
        headers = {"Authorization": f"Bearer {sign(claims(NAMED.owner))}", "X-PixTag": "1"}
        yield TestClient(app, headers=headers, raise_server_exceptions=False, follow_redirects=False)


def test_there_are_enough_of_them() -> None:
    assert len(ROUTES) * len(CASES) >= 500


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_no_body_is_too_strange(client: TestClient, method: str, path: str) -> None:
    address = path.format(image_id=NAMED.image, detection_id=NAMED.box)
    answers = {}
    for kind, name in CASES:
        cases.append(1)
        headers = {"Content-Type": kind} if kind else {}
        answers[kind, name] = client.request(method, address, content=BODIES[name], headers=headers)

    statuses = {case: answer.status_code for case, answer in answers.items()}
    assert {case: status for case, status in statuses.items() if not 400 <= status < 429} == {}
    assert {answer.headers["Content-Type"] for answer in answers.values()} == {"application/problem+json"}
