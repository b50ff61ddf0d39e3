"""HEAD and OPTIONS at every path that supports GET (RFC 9110, sections 9.3.2, 9.3.7 and 10.2.1)."""

import re
from pathlib import Path
from typing import Final

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from app.api import ui_files
from app.api.head_requests import HeadMiddleware
from app.domain.ports import Images
from app.main import app
from tests.support.fakes import image

DOCUMENTED: Final = {path: {method.upper() for method in methods} for path, methods in app.openapi()["paths"].items()}
OTHERS: Final = {
    "/": {"GET"},
    "/sign-in": {"GET"},
    "/photos/x": {"GET"},
    "/assets/a.js": {"GET"},
    "/docs": {"GET"},
    "/docs/start.js": {"GET"},
    "/docs/files/swagger-ui.css": {"GET"},
    "/openapi.json": {"GET"},
    "/objects": {"POST"},
    "/objects/a": {"GET", "PUT"},
    "/mailbox": {"GET"},
}


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_head_has_the_headers_of_get_without_its_content(
    client: TestClient, images: Images, owner: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, coding: str
) -> None:
    (tmp_path / "assets").mkdir()
    for name in ("index.html", "not-found.html", "assets/a.js"):
        (tmp_path / name).write_text("0123456789" * 20_000)
    monkeypatch.setattr(ui_files, "UI_FOLDERS", (tmp_path,))
    values = {"image_id": images.save(image(owner)).id}
    paths = [
        re.sub(r"{(\w+)}", lambda match: values.get(match[1], "x"), path)
        for path, methods in DOCUMENTED.items()
        if "GET" in methods and path != "/export/coco"  # its content has a time
    ]

    for path in (*paths, *OTHERS, "/no/such/path"):
        head, get = (client.request(method, path, headers={"Accept-Encoding": coding}) for method in ("HEAD", "GET"))

        assert (path, head.status_code, head.content) == (path, get.status_code, b"")
        assert {**head.headers} == {**get.headers}, path


@pytest.mark.parametrize(("path", "methods"), [*DOCUMENTED.items(), *OTHERS.items()])
def test_every_path_lists_its_methods(client: TestClient, path: str, methods: set[str]) -> None:
    allowed = {*methods, "OPTIONS", *({"HEAD"} if "GET" in methods else ())}
    missing = next(method for method in ("PUT", "PATCH", "DELETE", "GET") if method not in allowed)

    refused, options = client.request(missing, path), client.options(path)

    assert (refused.status_code, set(refused.headers["Allow"].split(", "))) == (405, allowed)
    assert (options.status_code, set(options.headers["Allow"].split(", ")), options.content) == (204, allowed, b"")


def test_head_of_a_stream_sends_no_content() -> None:
    async def show(request: Request) -> StreamingResponse:
        return StreamingResponse(iter([b"a", b"b"]), headers={"X-Range": request.headers.get("Range", "")})

    with TestClient(HeadMiddleware(Starlette(routes=[Route("/", show)]))) as client:
        response = client.head("/", headers={"Range": "bytes=0-1"})

    assert (response.content, response.headers["X-Range"]) == (b"", "")


def test_head_of_a_path_without_get_returns_405(client: TestClient) -> None:
    response = client.head("/auth/token")

    assert (response.status_code, response.headers["Allow"], response.content) == (405, "OPTIONS, POST", b"")


def test_options_of_an_unknown_path_returns_404(client: TestClient) -> None:
    assert client.options("/no/such/path").status_code == 404
