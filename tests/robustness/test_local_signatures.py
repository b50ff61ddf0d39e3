"""Altered links and forms of the embedded stores, sent to the API. `test_signatures.py` does the same for S3."""

import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode

import httpx2
import pytest
from anyio.from_thread import BlockingPortal
from fastapi.testclient import TestClient

from app import wiring
from app.adapters.local import signatures
from app.adapters.local.objects import FileObjects
from app.api.dependencies import provide
from app.domain.uploads import FORM_SECONDS, LINK_SECONDS, Upload
from app.main import app
from tests.support.asgi import request
from tests.support.fakes import Clock
from tests.support.local_objects import (
    BOUNDARY,
    CONTENT_TYPE,
    ID,
    INCOMING,
    ORIGINAL,
    OTHER,
    OWNER,
    PREVIEW,
    list_files,
    make_form,
    open_objects,
)
from tests.support.sampling import rounds

STRIDE = rounds(7, 1)  # of the bytes of a form
SECRET_TEXT = b"the bytes of a photo"
UPLOAD = Upload(SECRET_TEXT, "image/png", "beach.png")
TYPE = "Content-Type"
NAME = "x-amz-meta-name"

ChangeLink = Callable[[str], str]
Fields = dict[str, str]
ChangeForm = Callable[[Fields], Fields]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FileObjects]:
    with open_objects(tmp_path) as objects:
        yield objects


@pytest.fixture
def http(store: FileObjects, portal: BlockingPortal) -> Iterator[TestClient]:
    app.dependency_overrides |= {provide(wiring.object_server): lambda: store}
    client = TestClient(app, base_url="http://127.0.0.1:8000")
    client.portal = portal
    yield client
    app.dependency_overrides.clear()


@pytest.fixture
def link(store: FileObjects) -> str:
    """A link to an original. Every other key has an object too."""
    for owner in (OWNER, OTHER):
        for image_id in (ID, f"{ID[:-1]}z"):
            store.claim(f"originals/{owner}/{image_id}", UPLOAD)
            store.put_derived(f"previews/{owner}/{image_id}", SECRET_TEXT)
    return store.link(ORIGINAL, download="beach.png")


@pytest.fixture
def fields(store: FileObjects) -> Fields:
    return store.upload_form(INCOMING, "image/png", "Düne.png", len(SECRET_TEXT)).fields


def replace_text(old: str, new: str) -> ChangeLink:
    return lambda link: link.replace(old, new, 1)


def change_parameter(name: str, value: str | None) -> ChangeLink:
    """Return a function that changes a parameter of a link, or removes it if the value is None."""

    def change(link: str) -> str:
        address, _, query = link.partition("?")
        pairs = [(key, old if key != name else value) for key, old in parse_qsl(query)]
        return f"{address}?{urlencode([pair for pair in pairs if pair[1] is not None], quote_via=quote)}"

    return change


def append(text: str) -> ChangeLink:
    return lambda link: link + text


def double(name: str) -> ChangeLink:
    return lambda link: f"{link}&{name}={quote(dict(parse_qsl(link.partition('?')[2]))[name])}"


LINKS: dict[str, ChangeLink] = {
    "another owner's": replace_text(OWNER, OTHER),
    "another image's": replace_text(ID, f"{ID[:-1]}z"),
    "another rendition's": replace_text("originals", "previews"),
    "an unfinished file's": replace_text("originals", "tmp"),
    "the database's": replace_text(f"objects/{ORIGINAL}", "objects/../pixtag.db"),
    "the encoded database's": replace_text(f"objects/{ORIGINAL}", "objects/%2e%2e/pixtag.db"),
    "the twice encoded database's": replace_text(f"objects/{ORIGINAL}", "objects/%252e%252e%252fpixtag.db"),
    "with an encoded parent folder": replace_text("originals/", "originals/%2e%2e/originals/"),
    "with an encoded slash and parent folder": replace_text("originals/", "originals%2f..%2foriginals/"),
    "with a backslash": replace_text("originals/", "originals/..%5coriginals/"),
    "an absolute path": replace_text(f"objects/{ORIGINAL}", "objects//etc/passwd"),
    "an encoded absolute path": replace_text(f"objects/{ORIGINAL}", "objects/%2fetc%2fpasswd"),
    "with NUL at the end": replace_text(ID, f"{ID}%00"),
    "with NUL in the middle": replace_text(OWNER, f"{OWNER[:9]}%00{OWNER[10:]}"),
    "with a line break at the end": replace_text(ID, f"{ID}%0a"),
    "with invalid UTF-8": replace_text(ID, f"{ID}%ff"),
    "with an upper-case id": replace_text(ID, ID.upper()),
    "with full-width digits": replace_text(ID, quote(ID.replace("0", "\uff10"))),
    "with two slashes": replace_text("originals/", "originals//"),
    "with a slash at the end": replace_text(ID, f"{ID}/"),
    "with a space at the end": replace_text(ID, f"{ID}%20"),
    "a folder's": replace_text(f"/{ID}", ""),
    "without a key": replace_text(f"/{ORIGINAL}", "/"),
    "inline": change_parameter("name", None),
    "with an empty name": change_parameter("name", ""),
    "with another name": change_parameter("name", "virus.exe"),
    "with a line break in the name": change_parameter("name", "a\r\nSet-Cookie: a=b"),
    "expiring later": lambda link: change_parameter("expires", str(read_expiration(link) + 1))(link),
    "expiring with a plus": lambda link: change_parameter("expires", f"+{read_expiration(link)}")(link),
    "expiring with a zero": lambda link: change_parameter("expires", f"0{read_expiration(link)}")(link),
    "expiring with a space": lambda link: change_parameter("expires", f"{read_expiration(link)} ")(link),
    "expiring with a fraction": lambda link: change_parameter("expires", f"{read_expiration(link)}.0")(link),
    "expiring after years": change_parameter("expires", "99999999999"),
    "expiring at no number": change_parameter("expires", "tomorrow"),
    "expiring after 10,000 digits": change_parameter("expires", "9" * 10_000),
    "never expiring": change_parameter("expires", None),
    "expiring at nothing": change_parameter("expires", ""),
    "with another signature": change_parameter("signature", "0" * 64),
    "with an upper-case signature": lambda link: change_parameter("signature", link[-64:].upper())(link),
    "with a truncated signature": lambda link: link[:-1],
    "with a longer signature": append("0"),
    "with a signature that is not ASCII": change_parameter("signature", "é" * 64),
    "with an empty signature": change_parameter("signature", ""),
    "without a signature": change_parameter("signature", None),
    "without a query": lambda link: link.partition("?")[0],
    "with the expiration twice": double("expires"),
    "with the name twice": double("name"),
    "with the signature twice": double("signature"),
    "with a second expiration": append("&expires=99999999999"),
    "with another parameter": append("&response-content-type=text%2Fhtml"),
    "with a parameter without a name": append("&=x"),
    "with its parameters in the path": replace_text("?", "%3f"),
}


def read_expiration(link: str) -> int:
    return int(dict(parse_qsl(link.partition("?")[2]))["expires"])


@pytest.mark.parametrize("name", LINKS)
def test_altered_link_is_rejected(http: TestClient, link: str, caplog: pytest.LogCaptureFixture, name: str) -> None:
    altered = LINKS[name](link)

    with caplog.at_level(logging.ERROR):
        responses = [request(app, method, altered) for method in ("GET", "HEAD")]

    assert altered != link
    assert {response.status for response in responses} <= {403, 404}
    assert {response.headers["content-type"] for response in responses} == {"application/problem+json"}
    assert SECRET_TEXT not in responses[0].body
    assert caplog.messages == []
    assert http.get(link).content == SECRET_TEXT


def test_link_is_valid_until_its_expiration(
    http: TestClient, store: FileObjects, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = Clock().time()
    monkeypatch.setattr(signatures, "time", Clock(ahead=read_expiration(link) - int(now) - 2))
    assert http.get(link).status_code == 200

    monkeypatch.setattr(signatures, "time", Clock(ahead=read_expiration(link) - int(now)))
    response = http.get(link)

    assert response.status_code == 403
    assert response.json()["detail"] == "This link has expired. Get a new link from GET /images/{id}."
    assert LINK_SECONDS // 2 <= read_expiration(link) - now <= LINK_SECONDS


def test_link_and_form_of_another_installation_are_rejected(http: TestClient, link: str, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with open_objects(tmp_path / "other") as other:
        fields = other.upload_form(INCOMING, "image/png", "a.png", 5).fields
        foreign = other.link(ORIGINAL, download="beach.png")

    responses = [http.get(foreign), http.post("/objects", data=fields, files={"file": b"x"})]

    assert [response.status_code for response in responses] == [403, 403]


def test_signature_of_a_link_is_no_signature_of_a_form(http: TestClient, link: str, fields: Fields) -> None:
    parameters = dict(parse_qsl(link.partition("?")[2]))
    confused = fields | {"key": ORIGINAL, "expires": parameters["expires"], "signature": parameters["signature"]}
    form_as_link = f"/objects/{INCOMING}?expires={fields['expires']}&signature={fields['signature']}"

    assert http.post("/objects", data=confused, files={"file": b"x"}).status_code == 403
    assert http.get(form_as_link).status_code == 403


@pytest.mark.parametrize(
    ("method", "status"), [("POST", 405), ("PUT", 403), ("PATCH", 405), ("DELETE", 405), ("OPTIONS", 204)]
)
def test_link_allows_only_reading(http: TestClient, link: str, tmp_path: Path, method: str, status: int) -> None:
    before = list_files(tmp_path)

    assert http.request(method, link).status_code == status  # PUT is for the links of parts
    assert list_files(tmp_path) == before


def change(**changes: str | None) -> ChangeForm:
    """Return a function that changes fields of a form, or removes those that are None."""
    names = {"type": TYPE, "name": NAME}

    def apply(form: Fields) -> Fields:
        renamed = {names.get(name, name): value for name, value in changes.items()}
        return {name: value for name, value in (form | renamed).items() if value is not None}

    return apply


FORMS: dict[str, ChangeForm] = {
    "another owner's": change(key=INCOMING.replace(OWNER, OTHER)),
    "another image's": change(key=INCOMING.replace(ID, f"{ID[:-1]}z")),
    "an original": change(key=ORIGINAL),
    "a preview": change(key=PREVIEW),
    "a parent folder": change(key=f"../{INCOMING}"),
    "the database": change(key="../pixtag.db"),
    "an absolute path": change(key="/etc/passwd"),
    "a key with NUL": change(key=f"{INCOMING}\0"),
    "a key with a line break": change(key=f"{INCOMING}\n"),
    "a key with a variable": change(key="incoming/${filename}"),
    "an empty key": change(key=""),
    "no key": change(key=None),
    "another type": change(type="text/html"),
    "an empty type": change(type=""),
    "no type": change(type=None),
    "another name": change(name="virus.exe"),
    "an unencoded name": change(name="Düne.png"),
    "no name": change(name=None),
    "the name and type exchanged": change(type="D%C3%BCne.png", name="image/png"),
    "a larger size": change(size=str(len(SECRET_TEXT) + 1)),
    "a size that is no number": change(size="many"),
    "no size": change(size=None),
    "a later expiration": lambda form: form | {"expires": str(int(form["expires"]) + 1)},
    "an earlier expiration": lambda form: form | {"expires": "1"},
    "an expiration with a space": lambda form: form | {"expires": form["expires"] + " "},
    "an expiration that is no number": change(expires="tomorrow"),
    "no expiration": change(expires=None),
    "another signature": change(signature="0" * 64),
    "an empty signature": change(signature=""),
    "a signature that is not ASCII": change(signature="é" * 64),
    "a truncated signature": lambda form: form | {"signature": form["signature"][:-1]},
    "no signature": change(signature=None),
    "more metadata": change(**{"x-amz-meta-more": "x"}),
    "a policy": change(policy="e30="),
    "a redirect": change(success_action_redirect="https://evil.example"),
    "a public object": change(acl="public-read"),
    "no fields": lambda form: {},
}


def post(http: TestClient, body: bytes, content_type: str = CONTENT_TYPE) -> httpx2.Response:
    return http.post("/objects", content=body, headers={TYPE: content_type})


def require_rejection(response: httpx2.Response, folder: Path, statuses: set[int]) -> None:
    """Assert that a form was rejected with a sentence for people, and that nothing is left of it."""
    assert response.status_code in statuses
    assert response.headers[TYPE] == "application/problem+json"
    assert response.json()["detail"].endswith(".")
    assert list_files(folder) == []


@pytest.mark.parametrize("name", FORMS)
def test_altered_form_is_rejected(http: TestClient, fields: Fields, tmp_path: Path, name: str) -> None:
    altered = FORMS[name](fields)

    assert altered != fields
    require_rejection(post(http, make_form(altered, SECRET_TEXT)), tmp_path, {403})
    assert post(http, make_form(fields, SECRET_TEXT)).status_code == 204


def test_form_expires_after_five_minutes(
    http: TestClient, fields: Fields, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signatures, "time", Clock(ahead=FORM_SECONDS))
    require_rejection(post(http, make_form(fields, SECRET_TEXT)), tmp_path, {403})

    monkeypatch.setattr(signatures, "time", Clock(ahead=FORM_SECONDS - 2))
    assert post(http, make_form(fields, SECRET_TEXT)).status_code == 204


def part(disposition: str, data: bytes = b"x", headers: str = "") -> bytes:
    head = f"Content-Disposition: {disposition}\r\n{headers}\r\n"
    return b"--%s\r\n%s%s\r\n" % (BOUNDARY, head.encode("latin-1"), data)


FILE = part('form-data; name="file"; filename="a.png"', SECRET_TEXT)
END = b"--%s--\r\n" % BOUNDARY
LAST = len(part('form-data; name="signature"', b"0" * 64))
Bodies = dict[str, Callable[[Fields], bytes]]


def encode(fields: Mapping[str, str]) -> bytes:
    return b"".join(part(f'form-data; name="{name}"', value.encode()) for name, value in fields.items())


BODIES: Bodies = {
    "nothing": lambda form: b"",
    "only the end": lambda form: END,
    "only a line break": lambda form: b"\r\n",
    "no boundary": lambda form: b"key=value",
    "another boundary": lambda form: (encode(form) + FILE + END).replace(BOUNDARY, b"7c4bee0b"),
    "a boundary that begins like the right one": lambda form: b"--%sx\r\n" % BOUNDARY,
    "no file": lambda form: encode(form) + END,
    "no end": lambda form: encode(form) + FILE,
    "half an end": lambda form: encode(form) + FILE + END[:-4],
    "an end with one dash": lambda form: encode(form) + FILE + b"--%s-\r\n" % BOUNDARY,
    "an end in the middle": lambda form: encode(form) + END + FILE,
    "the file cut off": lambda form: encode(form) + FILE[:-9],
    "headers cut off": lambda form: encode(form) + FILE[:40],
    "only line feeds": lambda form: (encode(form) + FILE + END).replace(b"\r\n", b"\n"),
    "the file first": lambda form: FILE + encode(form) + END,
    "the file in the middle": lambda form: encode(form)[:-LAST] + FILE + encode(form)[-LAST:] + END,
    "two files": lambda form: encode(form) + FILE + FILE + END,
    "a field after the file": lambda form: encode(form) + FILE + part('form-data; name="key"') + END,
    "a field twice": lambda form: encode(form) + encode({"key": form["key"]}) + FILE + END,
    "a field twice with another value": lambda form: encode({"key": ORIGINAL}) + encode(form) + FILE + END,
    "a part without a disposition": lambda form: encode(form) + b"--%s\r\n\r\nx\r\n" % BOUNDARY + FILE + END,
    "a part without a name": lambda form: encode(form) + part("form-data") + FILE + END,
    "a part with an empty name": lambda form: encode(form) + part('form-data; name=""') + FILE + END,
    "a part that is an attachment": lambda form: encode(form).replace(b"form-data", b"attachment", 1) + FILE + END,
    "a name in another encoding": lambda form: encode(form) + part('form-data; name="\xff"') + FILE + END,
    "a value in another encoding": lambda form: encode(form) + part('form-data; name="a"', b"\xff") + FILE + END,
    "a field of 2,049 bytes": lambda form: encode(form | {"a": "x" * 2_049}) + FILE + END,
    "a field of 1 MB": lambda form: encode(form | {"a": "x" * 2**20}) + FILE + END,
    "11 fields": lambda form: encode({str(number): "" for number in range(11)}) + FILE + END,
    "9 headers": lambda form: part('form-data; name="a"', headers="A: b\r\n" * 9) + encode(form) + FILE + END,
    "a header of 5 KB": lambda form: part('form-data; name="a"', headers=f"A: {'b' * 5_000}\r\n") + FILE + END,
    "a header without a colon": lambda form: part('form-data; name="a"', headers="A b\r\n") + FILE + END,
    "a header with NUL": lambda form: part('form-data; name="a"', headers="A\0: b\r\n") + FILE + END,
    "an empty file": lambda form: encode(form) + part('form-data; name="file"; filename="a"', b"") + END,
}


# These are forms, but not with the fields that were signed, or not with a file.
STATUSES = {"the file first": 403, "the file in the middle": 403, "an empty file": 413, "an end with one dash": 413}


@pytest.mark.parametrize("name", BODIES)
def test_malformed_form_is_rejected(
    http: TestClient, fields: Fields, tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    with caplog.at_level(logging.ERROR):
        require_rejection(post(http, BODIES[name](fields)), tmp_path, {STATUSES.get(name, 400)})

    assert caplog.messages == []


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        'multipart/form-data; boundary=""',
        f"multipart/mixed; boundary={BOUNDARY.decode()}",
        f"multipart/form-data; boundary={'x' * 257}",
        "multipart/form-data; boundary*=utf-8''7c4bee0a",
        "multipart/form-data; boundary=\xff",
        ";",
        "\t;;;=",
    ],
)
def test_form_with_other_content_type_is_rejected(
    http: TestClient, fields: Fields, tmp_path: Path, content_type: str
) -> None:
    response = http.post(
        "/objects", content=make_form(fields, b"x"), headers=[(TYPE.encode(), content_type.encode("latin-1"))]
    )

    require_rejection(response, tmp_path, {400})


def test_form_that_is_cut_off_anywhere_leaves_nothing(http: TestClient, fields: Fields, tmp_path: Path) -> None:
    body = make_form(fields, SECRET_TEXT)[: -len("\r\n")]

    for length in range(0, len(body), STRIDE):
        require_rejection(post(http, body[:length]), tmp_path, {400, 403})

    assert post(http, body).status_code == 204


def test_form_with_one_byte_changed_stores_only_what_was_signed(
    http: TestClient, store: FileObjects, fields: Fields, tmp_path: Path
) -> None:
    body = make_form(fields, SECRET_TEXT)

    for position in range(0, len(body), STRIDE):
        changed = bytearray(body)
        changed[position] ^= 1
        response = post(http, bytes(changed))
        stored = list_files(tmp_path)
        assert response.status_code in {204, 400, 403, 413}
        assert stored == ([INCOMING] if response.status_code == 204 else [])
        if stored:
            upload = store.find(INCOMING)
            assert upload
            assert (upload.media_type, upload.name) == ("image/png", "Düne.png")
            store.delete(INCOMING)


def test_form_can_contain_a_preamble_an_epilogue_and_headers(
    http: TestClient, store: FileObjects, fields: Fields
) -> None:
    file = part('form-data; filename="..\\\\a\\"b.png"; name="file"', SECRET_TEXT, "Content-Type: text/html\r\n")
    body = b"\r\n" + encode(fields) + file + END + b"the end"

    assert post(http, body).status_code == 204
    assert store.find(INCOMING) == Upload(SECRET_TEXT, "image/png", "Düne.png")
