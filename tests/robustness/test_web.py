"""Pages and redirects: no response redirects to another site, and no file contains the address of one."""

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.api import ui_files
from app.domain.uploads import Upload
from app.main import app, handler
from tests.support.asgi import request
from tests.support.fakes import FakeDetector
from tests.support.wired_app import LocalApp, WiredApp, wire_app
from tests.unit.app.test_main import event

SUSPICIOUS_PATHS = (
    *("//evil.example", "///evil.example", "/\\evil.example", "/\\/evil.example", "https://evil.example/"),
    *("//evil.example/..", "/.//evil.example", "/%2f%2fevil.example", "/%5cevil.example", "/%09/evil.example"),
    *("/docs//evil.example", "/docs/", "/docs/files", "/docs/files/", "/docs/files//evil.example/", "/images/"),
    *("/sign-in//evil.example", "/sign-in/", "/photos//evil.example", "/assets//evil.example", "/;@evil.example"),
)
# Names of XML namespaces, links in the OpenAPI document, this machine, and the map that people can open.
ALLOWED_ADDRESSES = (
    *("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml", "http://www.w3.org/1998/Math/MathML"),
    *("https://www.rfc-editor.org/rfc/rfc9457", "https://cocodataset.org/", "https://…", "http://127.0.0.1"),
    "https://www.openstreetmap.org/",
)


@pytest.fixture(scope="module", params=["aws", "local"])
def pixtag(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WiredApp]:
    with wire_app(request.param, tmp_path_factory.mktemp("data"), FakeDetector({"dog": 1})) as pixtag:
        yield pixtag


@pytest.fixture
def client(pixtag: WiredApp) -> TestClient:
    return TestClient(app, pixtag.url, follow_redirects=False)


@pytest.mark.parametrize("query", ["", "next=https://evil.example", "url=//evil.example&redirect=//evil.example"])
@pytest.mark.parametrize("path", SUSPICIOUS_PATHS)
def test_request_with_another_site_in_the_path_returns_no_redirect(pixtag: WiredApp, path: str, query: str) -> None:
    status, headers = send(pixtag, path, query)

    assert not 300 <= status < 400
    assert status != HTTPStatus.MISDIRECTED_REQUEST
    assert "location" not in headers


def send(pixtag: WiredApp, path: str, query: str) -> tuple[int, Mapping[str, str]]:
    """Send a request with a raw path, on AWS through API Gateway. Return the status and the headers."""
    if isinstance(pixtag, LocalApp):
        received = request(app, "GET", f"{path}?{query}")
        return received.status, received.headers
    response = handler(event(path, query), {})  # type: ignore[arg-type]  # the context is not used
    return response["statusCode"], response["headers"]


@pytest.mark.parametrize(
    "header", ["Host", "X-Forwarded-Host", "Forwarded", "X-Original-URL", "X-Rewrite-URL", "Referer"]
)
def test_redirect_with_any_host_header_leads_to_the_objects(
    pixtag: WiredApp, client: TestClient, photo: bytes, header: str
) -> None:
    claims = pixtag.add_person(f"{uuid4()}@example.com")
    owner = claims["sub"]
    pending = wiring.ingest().receive(owner, Upload(photo, "image/jpeg", "//evil.example"), max_bytes=10_000)
    wiring.ingest().ingest(owner, pending.id)
    headers = {"Authorization": f"Bearer {pixtag.signer.sign(claims)}", header: "evil.example"}

    response = client.get(f"/images/{pending.id}/original", headers=headers)

    if header == "Host" and isinstance(pixtag, LocalApp):
        assert response.status_code == HTTPStatus.MISDIRECTED_REQUEST
    else:
        assert response.status_code == HTTPStatus.TEMPORARY_REDIRECT
        assert response.headers["Location"].startswith(f"{pixtag.links}originals/{owner}/")


def public_paths() -> list[str]:
    """Return the paths of pages and files that are the same for everyone, except Swagger UI, fonts and licenses."""
    files = sorted((ui_files.ui_folder() / "assets").iterdir())
    assets = [f"/assets/{file.name}" for file in files if file.suffix not in {".woff2", ".txt"}]
    return ["/", "/docs", "/docs/start.js", "/openapi.json", "/health", "/unknown", *assets]


def test_public_files_contain_no_address_of_another_site(client: TestClient) -> None:
    for path in public_paths():
        text = client.get(path).text
        for address in ALLOWED_ADDRESSES:
            text = text.replace(address, "")
        assert not re.findall(r"(?:\w+:)?//[\w-]+\.\w[\w./-]*", text), path


def test_swagger_ui_policy_allows_only_the_own_site_and_the_bucket(client: TestClient) -> None:
    policy = client.get("/docs").headers["Content-Security-Policy"]

    sources = {part.partition(" ")[0]: part.partition(" ")[2] for part in policy.split("; ")}
    assert sources == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "font-src": "'self'",
        "img-src": f"'self' data: blob: {wiring.objects().origin}",
        "connect-src": f"'self' {wiring.objects().origin}",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
