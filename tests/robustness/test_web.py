"""What a browser is given: nobody is sent elsewhere, and nothing that is served names an address outside."""

import re
from collections.abc import Iterator

import boto3
import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.adapters.aws.bucket import Upload
from app.api.routers import pages
from app.main import app, handler
from tests.support.fakes import FakeDetector
from tests.support.tokens import SETTINGS, claims, sign
from tests.support.wired_app import wired
from tests.unit.app.test_main import event

OWNER = "6f2f1d9e-4c8a-4d5e-9e0a-0a1b2c3d4e5f"
ELSEWHERE = (
    *("//evil.example", "///evil.example", "/\\evil.example", "/\\/evil.example", "https://evil.example/"),
    *("//evil.example/..", "/.//evil.example", "/%2f%2fevil.example", "/%5cevil.example", "/%09/evil.example"),
    *("/docs//evil.example", "/docs/", "/docs/files", "/docs/files/", "/docs/files//evil.example/", "/images/"),
    *("/sign-in//evil.example", "/sign-in/", "/photos//evil.example", "/assets//evil.example", "/;@evil.example"),
)
# Names that are no addresses to load from, pages that the document refers people to, and this machine.
NAMES = (
    *("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml", "http://www.w3.org/1998/Math/MathML"),
    *("https://www.rfc-editor.org/rfc/rfc9457", "https://cocodataset.org/", "https://…", "http://127.0.0.1"),
)


@pytest.fixture(scope="module")
def visitor() -> Iterator[TestClient]:
    with wired(boto3.Session("test", "test", region_name="us-east-1"), FakeDetector({"dog": 1})):
        yield TestClient(app, follow_redirects=False)


@pytest.mark.parametrize("query", ["", "next=https://evil.example", "url=//evil.example&redirect=//evil.example"])
@pytest.mark.parametrize("path", ELSEWHERE)
def test_no_path_leads_elsewhere(visitor: TestClient, path: str, query: str) -> None:
    answer = handler(event(path, query), {})  # type: ignore[arg-type]  # the context is not used

    assert not 300 <= answer["statusCode"] < 400
    assert "location" not in answer["headers"]


@pytest.mark.parametrize(
    "header", ["Host", "X-Forwarded-Host", "Forwarded", "X-Original-URL", "X-Rewrite-URL", "Referer"]
)
def test_the_one_redirect_leads_to_the_bucket_whatever_a_request_says(
    visitor: TestClient, photo: bytes, header: str
) -> None:
    image = wiring.ingest().receive(OWNER, Upload(photo, "image/jpeg", "//evil.example"), max_bytes=10_000)
    image = wiring.ingest().ingest(OWNER, image.id) or image
    headers = {"Authorization": f"Bearer {sign(claims(OWNER))}", header: "evil.example"}

    answer = visitor.get(f"/images/{image.id}/original", headers=headers)

    assert answer.status_code == 307
    assert answer.headers["Location"].startswith(f"https://{SETTINGS.bucket}.s3.amazonaws.com/originals/{OWNER}/")


def served() -> list[str]:
    """The address of everything that is the same for everybody, but Swagger UI's own files."""
    assets = [f"/assets/{file.name}" for file in sorted((pages.ui_folder() / "assets").iterdir())]
    return ["/", "/docs", "/docs/start.js", "/openapi.json", "/health", "/nothing", *assets]


def test_no_address_outside_is_in_any_byte_of_ours(visitor: TestClient) -> None:
    for path in served():
        text = visitor.get(path).text
        for name in NAMES:
            text = text.replace(name, "")
        assert not re.findall(r"(?:\w+:)?//[\w-]+\.\w[\w./-]*", text), path


def test_swagger_ui_can_load_and_ask_nothing_outside(visitor: TestClient) -> None:
    policy = visitor.get("/docs").headers["Content-Security-Policy"]

    sources = {part.partition(" ")[0]: part.partition(" ")[2] for part in policy.split("; ")}
    assert sources == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
