"""Strange request bodies: each route that has a body returns a 4xx response to each of them."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.main import app
from tests.robustness.routes import ROWS, Resources, Row
from tests.robustness.torture import cases
from tests.support.fakes import FakeDetector
from tests.support.sampling import TORTURE, sample
from tests.support.user_pool import EMAIL
from tests.support.wired_app import lift_rate_limits, wire_app

RESOURCES = Resources("01jd8xk3v5m0z8q4n2c7r9t1wy", "0" * 12, "0" * 26, "6f2f1d9e-4c8a-4d5e-9e0a-0a1b2c3d4e5f")
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
    "a trailing comma": b'{"query": "dog",}',
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
    "a key twice, once with an escape": b'{"query": "dog", "qu\\u0065ry": "cat"}',
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
CONTENT_TYPES = (
    JSON,
    "",
    "text/plain",
    "application/json; charset=utf-16",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
)
BODIES_OF_OTHER_TYPES = (
    "nothing",
    "text",
    "a list",
    "bad UTF-8",
    "multipart",
    "a form",
    "2,000 lists deep",
    "a key twice",
)
STRIDE = 5  # in `make test` each route gets one in five of the bodies
CASES = [(JSON, name) for name in BODIES] + [
    (content_type, name) for content_type in CONTENT_TYPES[1:] for name in BODIES_OF_OTHER_TYPES
]


def has_body(row: Row) -> bool:
    return bool(row.make_request(RESOURCES).keys() & {"json", "data", "files"})


OAUTH_PATHS = {"/auth/token", "/auth/revoke"}  # RFC 6749 names the media type of their errors
ROUTES = [pytest.param(*route, id=" ".join(route)) for route, row in ROWS.items() if has_body(row)]


@pytest.fixture(scope="module", params=["local", "aws"] if TORTURE else ["local"])
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with wire_app(request.param, tmp_path_factory.mktemp("data"), FakeDetector()) as pixtag:
        lift_rate_limits()
        claims = pixtag.add_person(EMAIL)
        headers = {"Authorization": f"Bearer {pixtag.signer.sign(claims)}", "X-PixTag": "1"}
        yield TestClient(app, pixtag.url, headers=headers, raise_server_exceptions=False, follow_redirects=False)


def test_requests_with_strange_bodies_are_at_least_500() -> None:
    assert len(ROUTES) * len(CASES) >= 500


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_request_with_a_strange_body_returns_a_problem(client: TestClient, method: str, path: str) -> None:
    url = path.format(**RESOURCES.ids)
    responses = {}
    for content_type, name in sample(CASES, STRIDE, start=list(ROWS).index((method, path))):
        cases.append(1)
        headers = {"Content-Type": content_type} if content_type else {}
        responses[content_type, name] = client.request(method, url, content=BODIES[name], headers=headers)

    statuses = {case: response.status_code for case, response in responses.items()}
    assert {case: status for case, status in statuses.items() if not 400 <= status < 429} == {}
    expected = "application/json" if path in OAUTH_PATHS else "application/problem+json"
    assert {response.headers["Content-Type"] for response in responses.values()} == {expected}
