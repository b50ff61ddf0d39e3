import shutil
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.api import ui_files

TITLES = {"en": "Page not found", "de": "Seite nicht gefunden"}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.fixture
def ui_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Create a built UI and return its folder."""
    monkeypatch.setattr(ui_files, "UI_FOLDERS", (tmp_path,))
    for language, title in TITLES.items():
        (tmp_path / language).mkdir()
        (tmp_path / language / "not-found.html").write_text(f"<!doctype html><title>{title}</title>")
    return tmp_path


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/nothing", "/photos/a/b", "/docs/files/nothing.css"])
def test_unknown_path_in_browser_returns_page(anonymous: TestClient, ui_folder: Path, method: str, path: str) -> None:
    response = anonymous.request(method, path, headers={"Accept": BROWSER})

    assert (response.status_code, response.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert ("<title>Page not found</title>" in response.text) == (method == "GET")
    assert response.headers["Cache-Control"] == "no-store"
    assert {"Accept", "Accept-Language", "Cookie"} <= set(response.headers["Vary"].split(", "))
    assert "style-src 'self';" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("accept", ["TEXT/HTML", "text/html ; q=0.1", "application/json;q=0, text/html;level=1"])
def test_media_type_of_a_page_is_compared_as_rfc_9110_says(anonymous: TestClient, ui_folder: Path, accept: str) -> None:
    assert "Page not found" in anonymous.get("/nothing", headers={"Accept": accept}).text


@pytest.mark.parametrize(
    ("method", "path", "accept", "status"),
    [
        ("GET", "/nothing", "*/*", 404),
        ("GET", "/nothing", "application/json, text/html;q=0.1", 404),
        ("GET", "/nothing", "text/html;q=0, */*", 404),
        ("GET", "/nothing", 'text/plain; a="text/html"', 404),
        ("POST", "/nothing", BROWSER, 404),
        ("GET", "/auth/register", BROWSER, 405),
    ],
)
def test_other_request_returns_problem(
    anonymous: TestClient, ui_folder: Path, method: str, path: str, accept: str, status: int
) -> None:
    response = anonymous.request(method, path, headers={"Accept": accept})

    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/problem+json")


def test_unknown_path_in_german_browser_returns_german_page(anonymous: TestClient, ui_folder: Path) -> None:
    response = anonymous.get("/nothing", headers={"Accept": BROWSER, "Accept-Language": "de"})

    assert "<title>Seite nicht gefunden</title>" in response.text
    assert response.headers["Content-Language"] == "de"


def test_unknown_path_without_built_page_returns_problem(anonymous: TestClient, ui_folder: Path) -> None:
    shutil.rmtree(ui_folder / "en")

    response = anonymous.get("/nothing", headers={"Accept": BROWSER})

    assert (response.status_code, response.headers["Content-Type"]) == (404, "application/problem+json")
