"""PixTag behind nginx, which also compresses its responses."""

from collections.abc import Iterator
from typing import Final

import cv2
import httpx
import numpy as np
import pytest

from infra.local.scenes import scene
from tests.support.http_uploads import count_tags, get_image, wait_until_processed
from tests.support.nginx import EMAIL, NAME, PASSWORD, Proxy, run_behind_nginx

LARGE_BYTES: Final = 20 * 2**20


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with run_behind_nginx(tmp_path_factory.mktemp("nginx")) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def account(proxy: Proxy) -> None:
    proxy.add_account()


@pytest.fixture
def browser(proxy: Proxy, account: None) -> Iterator[httpx.Client]:
    """A client that has signed in as a browser does."""
    with proxy.client() as client:
        client.headers.update({"X-PixTag": "1", "Origin": proxy.url})
        response = client.post("/auth/session", json={"email": EMAIL, "password": PASSWORD}).raise_for_status()
        client.headers["Authorization"] = f"Bearer {response.json()['access_token']}"
        yield client


def test_session_behind_nginx_has_a_secure_cookie_and_hsts(proxy: Proxy, account: None) -> None:
    with proxy.client() as client:
        headers = {"X-PixTag": "1", "Origin": proxy.url}
        response = client.post("/auth/session", json={"email": EMAIL, "password": PASSWORD}, headers=headers)

        assert response.status_code == 200
        assert {"Secure", "HttpOnly", "SameSite=strict"} <= set(response.headers["Set-Cookie"].split("; "))
        assert response.headers["Strict-Transport-Security"].startswith("max-age=")
        assert client.post("/auth/session/refresh", headers=headers).status_code == 200


def make_large_photo() -> bytes:
    """Return a photo of a bit more than 20 MiB, which is noise."""
    side = 2_700
    noise = np.random.default_rng(7).integers(0, 256, (side, side, 3), np.uint8)
    return cv2.imencode(".png", noise)[1].tobytes()


def test_large_upload_behind_nginx_becomes_ready(proxy: Proxy, browser: httpx.Client) -> None:
    data = make_large_photo()
    assert len(data) > LARGE_BYTES
    request = {"name": "noise.png", "type": "image/png", "size": len(data)}
    offer = browser.post("/uploads", json=request).raise_for_status()
    form = offer.json()["form"]
    assert form["url"] == f"{proxy.url}/objects"

    response = browser.post(form["url"], data=form["fields"], files={"file": ("noise.png", data, "image/png")})

    assert response.status_code == 204
    wait_until_processed(browser, offer.headers["Location"])
    image = get_image(browser, offer.headers["Location"])
    assert (image["state"], image["size"]) == ("ready", len(data))
    original = browser.get(f"/images/{image['id']}/original", follow_redirects=True)
    assert original.content == data


def test_links_behind_nginx_lead_to_the_public_address(proxy: Proxy, browser: httpx.Client) -> None:
    path = browser.post("/images", files={"file": ("stop.png", scene(stop_signs=1), "image/png")}).headers["Location"]
    wait_until_processed(browser, path)
    image = get_image(browser, path)
    assert count_tags(image) == {"stop sign": 1}

    for link in image["links"].values():
        assert link.startswith(f"{proxy.url}/objects/")
        response = browser.get(link, headers={"Range": "bytes=0-9"})
        assert (response.status_code, len(response.content)) == (206, 10)


def test_page_behind_nginx_can_load_its_photos(proxy: Proxy) -> None:
    with proxy.client() as client:
        page = client.get("/")

    assert page.status_code == 200
    assert f"img-src 'self' blob: {proxy.url}" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["evil.example", NAME, f"{NAME}.evil.example"])
def test_foreign_host_behind_nginx_is_refused(proxy: Proxy, host: str) -> None:
    with proxy.client() as client:
        response = client.get("/health", headers={"Host": host})

    assert (response.status_code, response.json()["type"]) == (421, "urn:pixtag:foreign-host")
    assert proxy.url in response.json()["detail"]


def test_foreign_origin_behind_nginx_is_refused(proxy: Proxy) -> None:
    with proxy.client() as client:
        response = client.get("/health", headers={"Origin": "https://evil.example"})

    assert (response.status_code, response.json()["type"]) == (403, "urn:pixtag:foreign-origin")


@pytest.mark.parametrize("host", [None, "127.0.0.1", "localhost:8000"])
def test_mailbox_behind_nginx_is_off(proxy: Proxy, host: str | None) -> None:
    with proxy.client() as client:
        response = client.get("/mailbox", headers={"Host": host} if host else {})

    assert response.status_code == 404


@pytest.fixture
def path(browser: httpx.Client) -> str:
    """The path of a ready photo with two detections."""
    data = scene(stop_signs=2)
    path = browser.post("/images", files={"file": ("stop.png", data, "image/png")}).headers["Location"]
    wait_until_processed(browser, path)
    return path


def test_image_behind_gzip_of_nginx_is_changed_with_its_weak_tag(browser: httpx.Client, path: str) -> None:
    image = browser.get(path)
    first, second = (f"{path}/detections/{detection['id']}" for detection in image.json()["detections"])

    changed = browser.delete(first, headers={"If-Match": image.headers["ETag"]})
    outdated = browser.delete(second, headers={"If-Match": image.headers["ETag"]})
    again = browser.patch(second, json={"label": "dog"}, headers={"If-Match": changed.headers["ETag"]})

    assert (image.headers["Content-Encoding"], image.headers["ETag"][:2]) == ("gzip", "W/")
    assert (changed.status_code, outdated.status_code, again.status_code) == (200, 412, 200)


def test_unchanged_responses_behind_gzip_of_nginx_are_not_sent(browser: httpx.Client, path: str) -> None:
    for address in (path, "/images", "/search?q=stop+sign", "/tags"):
        known = browser.get(address)
        again = browser.get(address, headers={"If-None-Match": known.headers["ETag"]})

        assert (known.status_code, again.status_code, again.content) == (200, 304, b"")
        assert again.headers["ETag"] == known.headers["ETag"]


def test_head_behind_gzip_of_nginx_has_the_headers_of_get(browser: httpx.Client, path: str) -> None:
    link = get_image(browser, path)["links"]["original"]
    for address in (path, "/", link):
        head, get = browser.head(address), browser.get(address)

        assert (head.status_code, head.content) == (200, b"")
        for name in ("ETag", "Content-Type", "Content-Length", "Content-Encoding"):
            assert head.headers.get(name) == get.headers.get(name), (address, name)
