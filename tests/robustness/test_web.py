"""Pages and redirects: no response redirects to another site, and no file contains the address of one."""

import re
from collections.abc import Iterator

import boto3
import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.api.routers import pages
from app.domain.uploads import Upload
from app.main import app, handler
from tests.support.fakes import FakeDetector
from tests.support.tokens import SETTINGS, claims, sign
from tests.support.wired_app import wire_app
from tests.unit.app.test_main import event

OWNER = "6f2f1d9e-4c8a-4d5e-9e0a-0a1b2c3d4e5f"
SUSPICIOUS_PATHS = (
    *("//evil.example", "///evil.example", "/\\evil.example", "/\\/evil.example", "https://evil.example/"),
    *("//evil.example/..", "/.//evil.example", "/%2f%2fevil.example", "/%5cevil.example", "/%09/evil.example"),
    *("/docs//evil.example", "/docs/", "/docs/files", "/docs/files/", "/docs/files//evil.example/", "/images/"),
    *("/sign-in//evil.example", "/sign-in/", "/photos//evil.example", "/assets//evil.example", "/;@evil.example"),
)
# Names of XML namespaces, links in the OpenAPI document, and this machine.
ALLOWED_ADDRESSES = (
    *("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml", "http://www.w3.org/1998/Math/MathML"),
    *("https://www.rfc-editor.org/rfc/rfc9457", "https://cocodataset.org/", "https://…", "http://127.0.0.1"),
)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with wire_app(boto3.Session("test", "test", region_name="us-east-1"), FakeDetector({"dog": 1})):
        yield TestClient(app, follow_redirects=False)


@pytest.mark.parametrize("query", ["", "next=https://evil.example", "url=//evil.example&redirect=//evil.example"])
@pytest.mark.parametrize("path", SUSPICIOUS_PATHS)
def test_request_with_another_site_in_the_path_returns_no_redirect(client: TestClient, path: str, query: str) -> None:
    response = handler(event(path, query), {})  # type: ignore[arg-type]  # the context is not used

    assert not 300 <= response["statusCode"] < 400
    assert "location" not in response["headers"]


@pytest.mark.parametrize(
    "header", ["Host", "X-Forwarded-Host", "Forwarded", "X-Original-URL", "X-Rewrite-URL", "Referer"]
)
def test_redirect_with_any_host_header_leads_to_the_bucket(client: TestClient, photo: bytes, header: str) -> None:
    image = wiring.ingest().receive(OWNER, Upload(photo, "image/jpeg", "//evil.example"), max_bytes=10_000)
    image = wiring.ingest().ingest(OWNER, image.id) or image
    headers = {"Authorization": f"Bearer {sign(claims(OWNER))}", header: "evil.example"}

    response = client.get(f"/images/{image.id}/original", headers=headers)

    assert response.status_code == 307
    assert response.headers["Location"].startswith(f"https://{SETTINGS.bucket}.s3.amazonaws.com/originals/{OWNER}/")


def public_paths() -> list[str]:
    """Return the paths of all pages and files that are the same for all people, except those of Swagger UI."""
    assets = [f"/assets/{file.name}" for file in sorted((pages.ui_folder() / "assets").iterdir())]
    return ["/", "/docs", "/docs/start.js", "/openapi.json", "/health", "/unknown", *assets]


def test_public_files_contain_no_address_of_another_site(client: TestClient) -> None:
    for path in public_paths():
        text = client.get(path).text
        for address in ALLOWED_ADDRESSES:
            text = text.replace(address, "")
        assert not re.findall(r"(?:\w+:)?//[\w-]+\.\w[\w./-]*", text), path


def test_swagger_ui_policy_allows_only_the_own_site(client: TestClient) -> None:
    policy = client.get("/docs").headers["Content-Security-Policy"]

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
