import json
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.api.dependencies import provide
from app.api.request_validation import MAX_DEPTH, MAX_JSON_BYTES, MAX_VALUES, read_json
from app.domain.errors import InvalidRequest, WrongSize
from app.domain.ports import Subscriptions
from app.main import app

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

ROUTES: dict[str, dict[str, Any]] = {
    "/search": {"tags": [{"tag": "dog", "count": 2}]},
    "/tags": {"add": [{"tag": "dog"}], "images": {"query": "dog"}},
    "/tags/rename": {"old": "dog", "new": "cat"},
    "/images/trash": {"images": {"query": "dog"}},
    "/images/purge": {"images": {"ids": ["0" * 26], "dry_run": True}},
    "/uploads": {"name": "a.jpg", "type": "image/jpeg", "size": 1},
}
MAX_BYTES = {"/search": 80_436, "/uploads": 321_420}
OPERATIONS = [
    (method, path.replace("{", "").replace("}", ""), operation)
    for path, operations in app.openapi()["paths"].items()
    for method, operation in operations.items()
    if path != "/health"
]

NOT_UTF_8 = "body: This is not UTF-8 (at byte "
NOT_JSON = "body: This is not JSON: "
NOT_OBJECT = "body: This is JSON, but not an object"
NOT_FINITE = "body/a: This is not a finite number of at most 20 digits"
TOO_MANY_DIGITS = "body: This is not a finite number of at most 20 digits"
DUPLICATE = "Duplicate key"
NOT_TEXT = "A text cannot contain "
TOO_DEEP = "This is nested more than 16 levels deep"
TOO_MANY = "The body has more than 1,100 members"

INVALID_JSON: dict[bytes, str] = {
    b"": "body: Field required",
    b" ": f"{NOT_JSON}Expecting value (line 1, column 2)",
    b"\0": NOT_JSON,
    b"{": NOT_JSON,
    b"}": NOT_JSON,
    b"{]": NOT_JSON,
    b'{"a"}': f"{NOT_JSON}Expecting ':' delimiter (line 1, column 5)",
    b'{"a": }': NOT_JSON,
    b'{"a": 1,}': NOT_JSON,
    b'{"a": 1 "b": 2}': NOT_JSON,
    b'{"a": 1}\n{"b": 2}': f"{NOT_JSON}Extra data (line 2, column 1)",
    b'{"a": 1} x': NOT_JSON,
    b'{"a": 1}\0': NOT_JSON,
    b"{'a': 1}": NOT_JSON,
    b"{a: 1}": NOT_JSON,
    b'{"a": 01}': NOT_JSON,
    b'{"a": +1}': NOT_JSON,
    b'{"a": .5}': NOT_JSON,
    b'{"a": 1.}': NOT_JSON,
    b'{"a": 0x10}': NOT_JSON,
    b'{"a": 1_000}': NOT_JSON,
    b'{"a": True}': NOT_JSON,
    b'{"a": undefined}': NOT_JSON,
    b'{"a": 1 /* one */}': NOT_JSON,
    b'{"a": "\n"}': NOT_JSON,
    b'{"a": "\0"}': NOT_JSON,
    b'{"a": "\\x41"}': NOT_JSON,
    b'{"a": "\\u12"}': NOT_JSON,
    b'{"a": "': NOT_JSON,
    b"a=1&b=2": NOT_JSON,
    b"<a>1</a>": NOT_JSON,
    b'\xef\xbb\xbf{"a": 1}': f"{NOT_JSON}Unexpected UTF-8 BOM",
    '{"a": 1}'.encode("utf-16"): NOT_UTF_8,
    '{"a": 1}'.encode("utf-32"): NOT_UTF_8,
    '{"a": 1}'.encode("utf-16-le"): NOT_JSON,
    b'{"a": "\xff"}': f"{NOT_UTF_8}8)",
    b'{"a": "\xc0\x80"}': NOT_UTF_8,
    b'{"a": "\xed\xa0\x80"}': NOT_UTF_8,
    b'{"a": "\xf4\x90\x80\x80"}': NOT_UTF_8,
    b'{"a": "\xe2\x82"}': NOT_UTF_8,
    b"\x80": NOT_UTF_8,
    b"[]": NOT_OBJECT,
    b"[{}]": NOT_OBJECT,
    b'"a"': NOT_OBJECT,
    b"1": NOT_OBJECT,
    b"true": NOT_OBJECT,
    b"null": NOT_OBJECT,
    b"NaN": NOT_OBJECT,
    b'{"a": NaN}': NOT_FINITE,
    b'{"a": Infinity}': NOT_FINITE,
    b'{"a": -Infinity}': NOT_FINITE,
    b'{"a": 1e400}': NOT_FINITE,
    b'{"a": -1e400}': NOT_FINITE,
    b'{"a": 1' + b"0" * 400 + b".0}": NOT_FINITE,
    b'{"a": %d}' % 2**70: NOT_FINITE,
    b'{"a": -1' + b"0" * 20 + b"}": NOT_FINITE,
    b'{"a": ' + b"9" * 4_000 + b"}": NOT_FINITE,
    b'{"a": ' + b"9" * 5_000 + b"}": TOO_MANY_DIGITS,
    b'{"a": -' + b"9" * 5_000 + b"}": TOO_MANY_DIGITS,
    b'{"a": 1, "a": 1}': f"body/a: {DUPLICATE}",
    b'{"a": 1, "\\u0061": 2}': f"body/a: {DUPLICATE}",
    b'{"a": {"b": [1, {"c": 1, "c": 2}]}}': f"body/a/b/1/c: {DUPLICATE}",
    b'{"": 1, "": 2}': f"body/: {DUPLICATE}",
    b'{"a": "x\\u0000"}': f"body/a: {NOT_TEXT}'\\x00' (character 2)",
    b'{"a": "\\ud800"}': f"body/a: {NOT_TEXT}'\\ud800' (character 1)",
    b'{"a": ["b", "\\udfff"]}': f"body/a/1: {NOT_TEXT}",
    b'{"a": "\\ude00\\ud83d"}': f"body/a: {NOT_TEXT}",
    b'{"a": {"\\udc00": 1}}': f"body/a: {NOT_TEXT}",
    b'{"\\u0000": 1}': f"body: {NOT_TEXT}",
    b'{"a": ' * 17 + b"1" + b"}" * 17: TOO_DEEP,
    b'{"a": ' * 2_000 + b"1" + b"}" * 2_000: TOO_DEEP,
    b'{"a": ' + b"[" * 2_000 + b"]" * 2_000 + b"}": TOO_DEEP,
    b"[" * 100_000: TOO_DEEP,
    b'{"tags": [' + b"1, " * 10_000 + b"1]}": f"body/tags: {TOO_MANY}",
    b'{"a": [' + b"[1, 1]," * 400 + b"1]}": f"body/a/349: {TOO_MANY}",
    json.dumps(dict.fromkeys(map(str, range(10_000)))).encode(): f"body: {TOO_MANY}",
    b'{"' + b"a" * 200_000 + b'": 1, "' + b"a" * 200_000 + b'": 1}': "body/aaaa",
}


@pytest.mark.parametrize("path", ROUTES)
def test_invalid_json_returns_422_with_pointer_and_detail(client: TestClient, path: str) -> None:
    assert client.post(path, json=ROUTES[path]).is_success

    for body, detail in INVALID_JSON.items():
        response = client.post(path, content=body, headers=JSON)

        if len(body) > MAX_BYTES.get(path, MAX_JSON_BYTES):
            assert response.status_code == 413
            continue
        assert response.status_code == 422, (body[:50], response.text)
        assert response.headers["Content-Type"] == "application/problem+json"
        assert detail in response.json()["detail"], body[:50]
        assert response.json()["errors"][0]["pointer"].startswith("body")
        assert len(response.content) < 5_000


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_every_operation_rejects_invalid_encoding_and_duplicate_keys(
    client: TestClient, method: str, path: str, operation: dict[str, Any]
) -> None:
    kinds = operation.get("requestBody", {}).get("content", {})

    assert client.request(method, f"{path}?%ff").json()["errors"][0]["pointer"] == "query"
    for kind, body in {"application/json": b'{"a": 1, "a": 1}', FORM["Content-Type"]: b"a=1&a=1"}.items():
        if kind in kinds:
            response = client.request(method, path, content=body, headers={"Content-Type": kind})
            assert response.json()["errors"] == [{"pointer": "body/a", "detail": "Duplicate key. Send it once."}]


@pytest.mark.parametrize(
    "count", ["1", "true", "1.0", "1e0", "0", "-1", "1000", str(2**63), "null", "[1]", '{"a": 1}', '"1"']
)
def test_count_outside_bounds_or_not_integer_returns_422(client: TestClient, count: str) -> None:
    response = client.post("/search", content=f'{{"tags": [{{"tag": "a", "count": {count}}}]}}', headers=JSON)

    assert response.status_code == (200 if count == "1" else 422)
    if count != "1":
        assert response.json()["errors"][0]["pointer"].startswith("body/tags/0/count")


@pytest.mark.parametrize(
    "content_type", [None, "", "text/plain", "text/json", "application/jsonp", "x", *FORM.values(), "json"]
)
def test_json_with_other_media_type_returns_422(client: TestClient, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}

    response = client.post("/search", content=json.dumps(ROUTES["/search"]), headers=headers)

    assert response.status_code == 422
    assert response.json()["errors"] == [
        {"pointer": "body", "detail": "Send JSON with `Content-Type: application/json`."}
    ]


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-16", "application/x+json"])
def test_json_in_other_encoding_than_utf_8_is_rejected(client: TestClient, content_type: str) -> None:
    body = json.dumps(ROUTES["/search"])

    assert client.post("/search", content=body, headers={"Content-Type": content_type}).status_code == 200
    assert client.post("/search", content=body.encode("utf-16"), headers={"Content-Type": content_type}).is_client_error


def test_many_faults_or_long_value_return_short_response(client: TestClient) -> None:
    unknown = {f"{number}{'x' * 500}": 1 for number in range(900)}

    response = client.post("/tags", json=unknown)
    huge = client.post("/uploads", json=ROUTES["/uploads"] | {"type": "video/" + "\1" * 249})

    assert (response.status_code, huge.status_code) == (422, 415)
    assert len(response.json()["errors"]) == 20
    assert len(response.content) < 30_000
    assert len(huge.content) < 5_000


def test_read_json_with_valid_json_returns_it_unchanged() -> None:
    deep: dict[str, Any] = {}
    for _ in range(MAX_DEPTH - 1):
        deep = {"a": deep}

    values: list[dict[str, Any]] = [
        {
            "a": [1, -1, 1.5, 1e300, 2**63, -(10**18), True, None, "é", "\N{GRINNING FACE}", "\ufeff", "\x7f", {}],
            "": {},
        },
        {"a": list(range(MAX_VALUES - 1))},
        deep,
    ]
    for value in values:
        assert read_json(json.dumps(value).encode()) == value
        assert read_json(json.dumps(value, ensure_ascii=False).encode()) == value
    with pytest.raises(InvalidRequest):
        read_json(json.dumps({"a": deep}).encode())


QUERIES = ["%", "%f", "%zz", "%u0041", "%00", "a%00", "%ff", "%c0%80", "%ed%a0%80", "%e2%82", "%f4%90%80%80", "%ff%fe"]


@pytest.mark.parametrize(
    ("path", "name"),
    [("/search", "q"), ("/tags", "prefix"), ("/images", "cursor"), ("/images", "limit"), ("/search/thumbnail", "url")],
)
def test_invalid_query_string_returns_422(client: TestClient, path: str, name: str) -> None:
    for text in QUERIES:
        for query in (f"{name}={text}", f"{name}=a&{text}=b"):
            response = client.get(f"{path}?{query}")

            assert response.status_code == 422, query
            assert response.json()["errors"][0]["pointer"] == "query"


def test_percent_encoded_query_string_is_accepted(client: TestClient) -> None:
    assert client.get(f"/search?q={quote('hund, ü, 犬|cat')}").status_code == 200
    assert client.get("/search?q=hund|cat+2&limit=5").status_code == 200


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("q=dog&q=cat", {"pointer": "query/q", "detail": "Duplicate key. Send it once."}),
        ("q=dog&curser=x", {"pointer": "query/curser", "detail": "This operation has no such parameter."}),
    ],
)
def test_unknown_or_duplicate_parameter_returns_fault(client: TestClient, query: str, fault: dict[str, str]) -> None:
    assert client.get(f"/search?{query}").json()["errors"] == [fault]


def test_read_json_of_more_than_512_kib_raises_wrong_size() -> None:
    with pytest.raises(WrongSize, match="512 KiB"):
        read_json(b" " * (MAX_JSON_BYTES + 1))


def test_json_over_512_kib_returns_413(client: TestClient) -> None:
    response = client.post("/tags", content=b'{"tags": [' + b"[]," * 200_000 + b"[]]}", headers=JSON)

    assert (response.status_code, response.json()["type"]) == (413, "urn:pixtag:wrong-size")
    assert "at most 524,288 bytes" in response.json()["detail"]


@pytest.mark.parametrize("path", MAX_BYTES)
def test_body_of_the_largest_size_is_accepted_and_one_byte_more_returns_413(client: TestClient, path: str) -> None:
    body = json.dumps(ROUTES[path]).encode()

    responses = [
        client.post(path, content=body.ljust(size), headers=JSON) for size in (MAX_BYTES[path], MAX_BYTES[path] + 1)
    ]

    assert [response.status_code for response in responses] == [201 if path == "/uploads" else 200, 413]
    assert f"at most {MAX_BYTES[path]:,} bytes" in responses[1].json()["detail"]


@pytest.mark.parametrize(
    ("path", "headers", "pointer"),
    [
        ("/search?q=" + "a" * 2**15, {}, "query"),
        ("/search?q=dog" + "&a=b" * 20, {}, "query"),
        ("/docs?" + "&" * 20, {}, "query"),
        ("/tags", {"Cookie": "a=b;" * 100}, "header/cookie"),
        ("/tags", {"Content-Type": "a" * 513}, "header/content-type"),
    ],
)
def test_request_with_a_head_of_many_parts_returns_422(
    client: TestClient, path: str, headers: dict[str, str], pointer: str
) -> None:
    response = client.get(path, headers=headers)

    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == pointer
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("body", ["&" * 20, "a=b&" * 20])
def test_form_of_many_fields_returns_422(client: TestClient, body: str) -> None:
    response = client.post("/auth/token", content=body, headers=FORM)

    assert response.json()["errors"] == [{"pointer": "body", "detail": "A form can have at most 20 fields."}]


def test_file_in_a_url_encoded_form_returns_422(client: TestClient) -> None:
    response = client.post("/images", content="file=a", headers=FORM)

    assert response.json()["errors"] == [{"pointer": "body", "detail": "Send a form: multipart/form-data."}]


@pytest.mark.parametrize("path", ["/images/{}", "/images/{}/original", "/subscriptions/{}"])
def test_invalid_id_returns_404(client: TestClient, subscriptions: Subscriptions, path: str) -> None:
    app.dependency_overrides[provide(wiring.subscriptions)] = lambda: subscriptions
    for text in [
        *QUERIES,
        "%0a",
        "a" * 5_000,
        quote("犬"),
        quote("../x", safe=""),
        "%2e%2e",
        "U%23x",
        "0" * 25 + "%00",
    ]:
        response = client.get(path.format(text))

        assert response.status_code == 404, text
        assert response.headers["Content-Type"] == "application/problem+json"
