import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.api import ui_files
from app.api.languages import COOKIE, LANGUAGES
from app.api.routers import pages


@pytest.fixture
def ui_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Create a built UI and return its folder."""
    monkeypatch.setattr(ui_files, "UI_FOLDERS", (tmp_path / "none", tmp_path))
    (tmp_path / "assets").mkdir()
    for language in LANGUAGES:
        (tmp_path / language).mkdir()
        (tmp_path / language / "index.html").write_text(f'<!doctype html><html lang="{language}"><title>PixTag</title>')
    (tmp_path / "assets" / "index-CsRaEjls.js").write_text("go();" * 1000)
    return tmp_path


@pytest.mark.parametrize("path", [path.replace("{image_id}", "01jd8xk3v5m0z8q4n2c7r9t1wy") for path in pages.PATHS])
def test_ui_path_returns_page(anonymous: TestClient, ui_folder: Path, path: str) -> None:
    response = anonymous.get(path)

    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache"
    assert "<title>PixTag</title>" in response.text


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({}, "en"),
        ({"Accept-Language": "de-DE,de;q=0.9,en;q=0.8"}, "de"),
        ({"Accept-Language": "de", "Cookie": f"{COOKIE}=en"}, "en"),
    ],
)
def test_page_is_in_the_language_of_the_person(
    anonymous: TestClient, ui_folder: Path, headers: dict[str, str], language: str
) -> None:
    response = anonymous.get("/find", headers=headers)

    assert f'<html lang="{language}">' in response.text
    assert response.headers["Content-Language"] == language
    assert {"Accept-Language", "Cookie"} <= set(response.headers["Vary"].split(", "))


@pytest.mark.parametrize("path", ["/photos", "/photos/", "/photos/a/b", "/find/", "/index.html", "/nothing"])
def test_unknown_path_returns_404_problem(anonymous: TestClient, ui_folder: Path, path: str) -> None:
    response = anonymous.get(path)

    assert (response.status_code, response.headers["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("backend", "site"), [("aws", "https://photographs.s3.amazonaws.com"), ("local", "http://127.0.0.1:8000")]
)
def test_page_policy_allows_images_and_uploads_of_the_object_store(
    anonymous: TestClient, ui_folder: Path, site: str
) -> None:
    policy = anonymous.get("/").headers["Content-Security-Policy"]

    assert f"img-src 'self' blob: {site};" in policy
    assert f"connect-src 'self' {site};" in policy
    assert "manifest-src 'self'; worker-src 'self';" in policy
    assert policy.endswith("require-trusted-types-for 'script'; trusted-types service-worker")


def test_service_worker_is_checked_for_changes_each_time(anonymous: TestClient, ui_folder: Path) -> None:
    (ui_folder / "service-worker.js").write_text("go();")

    worker = anonymous.get("/service-worker.js")

    assert worker.text == "go();"
    assert worker.headers["Content-Type"].startswith("text/javascript")
    assert worker.headers["Cache-Control"] == "no-cache"
    policy = worker.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "connect-src 'self'; require-trusted-types-for" in policy


def test_service_worker_of_an_incomplete_build_is_missing(anonymous: TestClient, ui_folder: Path) -> None:
    assert anonymous.get("/service-worker.js").status_code == 404


def test_share_without_service_worker_opens_the_ui_with_a_message(anonymous: TestClient) -> None:
    response = anonymous.post("/share-target", files={"photos": ("a.jpg", b"x" * 1000)}, follow_redirects=False)

    assert (response.status_code, response.headers["Location"]) == (303, "/?shared=failed")


def test_asset_is_immutable_and_compressed(anonymous: TestClient, ui_folder: Path) -> None:
    response = anonymous.get("/assets/index-CsRaEjls.js")

    assert response.text == "go();" * 1000
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Content-Type"].startswith("text/javascript")


def test_manifest_has_its_media_type(anonymous: TestClient, ui_folder: Path) -> None:
    (ui_folder / "assets" / "manifest-CsRaEjls.webmanifest").write_text("{}")

    response = anonymous.get("/assets/manifest-CsRaEjls.webmanifest")

    assert response.headers["Content-Type"] == "application/manifest+json"


def test_font_has_its_media_type_and_is_not_compressed_again(anonymous: TestClient, ui_folder: Path) -> None:
    (ui_folder / "assets" / "figtree-CsRaEjls.woff2").write_bytes(b"wOF2" * 1000)

    response = anonymous.get("/assets/figtree-CsRaEjls.woff2")

    assert response.headers["Content-Type"] == "font/woff2"
    assert "Content-Encoding" not in response.headers


@pytest.mark.parametrize(
    ("name", "status"),
    [("index-00000000.js", 404), ("..%2Findex.html", 404), ("%00", 422), ("a" * 5000 + ".js", 422)],
)
def test_unknown_asset_returns_problem(anonymous: TestClient, ui_folder: Path, name: str, status: int) -> None:
    response = anonymous.get(f"/assets/{name}")

    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/problem+json")
    assert "immutable" not in response.headers.get("Cache-Control", "")


@pytest.mark.parametrize("path", ["/", "/assets/index-CsRaEjls.js"])
def test_ui_path_without_built_ui_returns_404_with_advice(
    anonymous: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(ui_files, "UI_FOLDERS", (tmp_path,))

    response = anonymous.get(path)

    assert response.status_code == 404
    assert "`make setup` builds it" in response.json()["detail"]


def test_paths_match_paths_of_front_end() -> None:
    source = (Path(__file__).parents[5] / "static" / "src" / "paths.ts").read_text()
    names = re.findall(r'"([a-z-]+)"', " ".join(re.findall(r"new Set\(\[(.*?)\]\)", source, re.DOTALL)))
    patterns = {"/", "/photos/{image_id}", "/collections/{album_id}"}

    assert patterns | {f"/{name}" for name in names} == set(pages.PATHS)
