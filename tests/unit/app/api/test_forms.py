import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.api.dependencies import provide
from app.main import app

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}

FORMS: dict[bytes, dict[str, str]] = {
    b"": FORM,
    b"grant_type=password": FORM,
    b"grant_type=password&username=a&password=%ff": FORM,
    b"grant_type=password&username=a&password=%": FORM,
    b"grant_type=password&username=a&password=%zz": FORM,
    b"grant_type=password&username=a&password=%00": FORM,
    b"grant_type=password&username=a&password=\xff": FORM,
    "grant_type=password&username=a&password=ü".encode(): FORM,
    b"grant_type=password&username=a&password=\0": FORM,
    b"grant_type=password&username=a&password=%ed%a0%80": FORM,
    b"grant_type=password&username=a&username=b&password=c": FORM,
    b"&".join(b"%d" % number for number in range(2_000)): FORM,
    b"grant_type=" + b"a" * 2**21: FORM,
    b'{"grant_type": "password", "username": "a", "password": "b"}': JSON,
    b"grant_type=password&username=a&password=b": {"Content-Type": "text/plain"},
    b"\xff\xfe": {"Content-Type": "\xff"},
}


def parts(*headers_and_data: tuple[bytes, bytes]) -> bytes:
    """Return a multipart body with the boundary x."""
    pieces = [
        b"--x\r\nContent-Disposition: form-data" + header + b"\r\n\r\n" + data for header, data in headers_and_data
    ]
    return b"\r\n".join([*pieces, b"--x--\r\n"])


CREDENTIALS = [(b"; name=grant_type", b"password"), (b"; name=username", b"a")]
MULTIPARTS: dict[bytes, dict[str, str]] = {
    b"": MULTIPART,
    b"x": MULTIPART,
    b"--x--": MULTIPART,
    b"--y--": MULTIPART,
    b"--x\r\n\r\n--x--": MULTIPART,
    parts((b"; name=file", b"")): MULTIPART,
    parts((b"; name=file; filename=a.jpg", b"abc"))[:-9]: MULTIPART,
    parts((b"", b"abc")): MULTIPART,
    parts((b"; name=file", b"abc")): {"Content-Type": "multipart/form-data"},
    parts((b"; name=\xff; filename=\xff\0.jpg", b"abc")): MULTIPART,
    parts((b"; name=a\0; filename=a.jpg", b"abc")): MULTIPART,
    parts((b"; name=file; filename=a.jpg", b"abc"), (b"; name=file; filename=b.jpg", b"abc")): MULTIPART,
    parts(*CREDENTIALS, (b"; name=password", b"\0")): MULTIPART,
    parts(*CREDENTIALS, (b"; name=password; filename=a", b"abc")): MULTIPART,
    parts(*CREDENTIALS, (b"; name=password", b"\\ud800")): {
        "Content-Type": "multipart/form-data; boundary=x; charset=unicode_escape"
    },
    parts(*CREDENTIALS, (b"; name=password", b"+2AA-")): {
        "Content-Type": "multipart/form-data; boundary=x; charset=utf-7"
    },
    parts(*CREDENTIALS, (b"; name=password", b"xn--a")): {
        "Content-Type": "multipart/form-data; boundary=x; charset=idna"
    },
    parts(*CREDENTIALS, (b"; name=password", b"a" * 2**21)): MULTIPART,
    parts(*[(b"; name=%d" % number, b"") for number in range(1_500)]): MULTIPART,
}


PROBLEM = "application/problem+json"


@pytest.mark.parametrize("path", ["/auth/token", "/images", "/search/image"])
def test_invalid_form_returns_fault_in_body(client: TestClient, path: str) -> None:
    app.dependency_overrides[provide(wiring.accounts)] = lambda: None  # no request reaches the accounts
    for body, headers in {**FORMS, **MULTIPARTS}.items():
        raw = {name.encode(): value.encode("latin-1") for name, value in headers.items()}

        response = client.post(path, content=body, headers=raw)

        assert response.is_client_error, (body[:80], response.text)
        assert response.headers["Content-Type"] == ("application/json" if "token" in path else PROBLEM)
        if response.status_code != 413:  # a form with texts has a small maximum size
            assert response.json()["errors"][0]["pointer"].startswith("body")


def test_upload_of_two_files_in_one_form_is_rejected(client: TestClient, photo: bytes) -> None:
    files = [("file", ("a.jpg", photo, "image/jpeg")), ("file", ("b.jpg", photo, "image/jpeg"))]

    response = client.post("/images", files=files)

    assert response.json()["errors"] == [{"pointer": "body/file", "detail": "Duplicate key. Send it once."}]
    assert client.get("/images").json()["images"] == []


@pytest.mark.parametrize("path", ["/images", "/search/image"])
@pytest.mark.parametrize("size", [100, 2**21])
def test_part_without_a_file_name_gets_advice(client: TestClient, photo: bytes, path: str, size: int) -> None:
    response = client.post(path, content=parts((b"; name=file", photo[:100].ljust(size, b"\0"))), headers=MULTIPART)

    (fault,) = response.json()["errors"]
    assert (response.status_code, fault["pointer"]) == (422, "body/file")
    assert fault["detail"].startswith("This part has no file name, so it is a text and not a file. Add a name")
    assert 'filename="beach.jpg"' in fault["detail"]


def test_file_in_another_field_is_named(client: TestClient, photo: bytes) -> None:
    response = client.post("/images", files={"photo": ("a.jpg", photo), "also": ("b.jpg", photo)})

    assert response.json()["errors"] == [
        {
            "pointer": "body/file",
            "detail": "Field required. Send a file in the field `file`. The form has a file in the field `photo`.",
        }
    ]


@pytest.mark.parametrize(
    "media_type",
    [
        "Multipart/Form-Data; Boundary=x",
        'multipart/form-data ; boundary="x"',
        'multipart/form-data;\tcharset="utf-8";boundary=x',
        'multipart/form-data; a="b;boundary=y"; boundary=x',
        "multipart/form-data; boundary=x;",
    ],
)
def test_media_type_of_a_form_is_read_as_rfc_9110_says(client: TestClient, photo: bytes, media_type: str) -> None:
    part = b'; Name="file" ;FileName="a.jpg"'

    response = client.post("/images", content=parts((part, photo)), headers={"Content-Type": media_type})

    assert (response.status_code, response.json()["name"]) == (202, "a.jpg")


@pytest.mark.parametrize(
    "media_type",
    [
        "Application/JSON",
        'application/json ;Charset="UTF-8"',
        'application/json; a="b;c"',
        "application/vnd.pixtag+json",
    ],
)
def test_media_type_of_json_is_read_as_rfc_9110_says(client: TestClient, media_type: str) -> None:
    response = client.post("/search", content='{"tags": [{"tag": "dog"}]}', headers={"Content-Type": media_type})

    assert response.status_code == 200
