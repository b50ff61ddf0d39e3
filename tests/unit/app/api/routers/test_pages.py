import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.api.routers import pages


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built UI."""
    monkeypatch.setattr(pages, "BUILT", (tmp_path / "none", tmp_path))
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>PixTag</title>")
    (tmp_path / "assets" / "index-CsRaEjls.js").write_text("go();" * 1000)
    return tmp_path


@pytest.mark.parametrize("path", [path.replace("{image_id}", "01jd8xk3v5m0z8q4n2c7r9t1wy") for path in pages.PATHS])
def test_each_path_of_the_ui_is_its_page(anonymous: TestClient, built: Path, path: str) -> None:
    answer = anonymous.get(path)

    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "<title>PixTag</title>" in answer.text


@pytest.mark.parametrize("path", ["/photos", "/photos/", "/photos/a/b", "/find/", "/index.html", "/nothing"])
def test_other_paths_are_not(anonymous: TestClient, built: Path, path: str) -> None:
    answer = anonymous.get(path)

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_the_page_may_show_and_send_photographs(anonymous: TestClient, built: Path) -> None:
    policy = anonymous.get("/").headers["Content-Security-Policy"]

    assert "img-src 'self' blob: https://photographs.s3.amazonaws.com;" in policy
    assert "connect-src 'self' https://photographs.s3.amazonaws.com;" in policy
    assert "trusted-types 'none'" in policy


def test_assets_are_kept_for_ever_and_compressed(anonymous: TestClient, built: Path) -> None:
    answer = anonymous.get("/assets/index-CsRaEjls.js")

    assert answer.text == "go();" * 1000
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Content-Type"].startswith("text/javascript")


@pytest.mark.parametrize(
    ("name", "status"),
    [("index-00000000.js", 404), ("..%2Findex.html", 404), ("%00", 422), ("a" * 5000 + ".js", 422)],
)
def test_there_are_no_other_assets(anonymous: TestClient, built: Path, name: str, status: int) -> None:
    answer = anonymous.get(f"/assets/{name}")

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert "immutable" not in answer.headers.get("Cache-Control", "")


@pytest.mark.parametrize("path", ["/", "/assets/index-CsRaEjls.js"])
def test_an_installation_without_the_ui_says_so(
    anonymous: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(pages, "BUILT", (tmp_path,))

    answer = anonymous.get(path)

    assert answer.status_code == 404
    assert "`make setup` builds it" in answer.json()["detail"]


def test_the_ui_knows_its_paths_as_they_are_here() -> None:
    source = (Path(__file__).parents[5] / "static" / "src" / "paths.ts").read_text()
    named = re.findall(r'"([a-z-]+)"', " ".join(re.findall(r"new Set\(\[(.*?)\]\)", source)))

    assert {"/", "/photos/{image_id}", *(f"/{name}" for name in named)} == set(pages.PATHS)
