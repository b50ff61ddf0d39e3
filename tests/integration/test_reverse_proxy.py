"""PixTag behind nginx, with the configuration in docs/run.md, over TLS with a certificate of its own.

nginx also compresses responses, as many administrators configure it. It hides from PixTag that clients accept gzip, so
that PixTag does not compress them itself.
"""

import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import cv2
import httpx
import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from infra.local.pixtag import PixTag, run_pixtag
from infra.local.program import HOST, find_free_ports, wait_until
from infra.local.scenes import scene
from tests.support.documents import ROOT, list_blocks
from tests.support.http_uploads import count_tags, get_image, wait_until_processed

NAME: Final = "photos.example.com"
EMAIL: Final = "ada@example.com"
PASSWORD: Final = "a laptop holds no secrets"
SECONDS: Final = 20
GZIP: Final = "gzip on;\ngzip_proxied any;\ngzip_types application/json;\n"
LARGE_BYTES: Final = 20 * 2**20


def make_certificate(folder: Path) -> Path:
    """Write a self-signed certificate for NAME and its key. Return the path of the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    text = serialization.Encoding.PEM
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(text, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    path = folder / "fullchain.pem"
    path.write_bytes(certificate.public_bytes(text))
    return path


def write_configuration(folder: Path, port: int, pixtag_url: str) -> Path:
    """Write the server of docs/run.md, with other ports and files, into a complete configuration."""
    (block,) = [block for block in list_blocks() if block.language == "nginx"]
    server = (
        block.text.replace("listen 443 ssl", f"listen {HOST}:{port} ssl")
        .replace("http://127.0.0.1:8000", pixtag_url)
        .replace("/etc/letsencrypt/live/photos.example.com", str(folder))
        .replace("proxy_http_version 1.1;", 'proxy_http_version 1.1;\nproxy_set_header Accept-Encoding "";')
    )
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    user = "user root;\n" if os.geteuid() == 0 else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"daemon off;\n{user}pid {folder}/nginx.pid;\nevents {{}}\nhttp {{\naccess_log off;\n{GZIP}{paths}{server}}}\n"
    )
    return configuration


class NginxTransport(httpx.BaseTransport):
    """Sends each request to nginx on this machine instead of looking up its host name."""

    def __init__(self, certificate: Path) -> None:
        self._transport = httpx.HTTPTransport(verify=ssl.create_default_context(cafile=certificate))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url, extensions = request.url.copy_with(host=HOST), request.extensions | {"sni_hostname": NAME}
        return self._transport.handle_request(
            httpx.Request(request.method, url, headers=request.headers, stream=request.stream, extensions=extensions)
        )

    def close(self) -> None:
        self._transport.close()


@dataclass(frozen=True)
class Proxy:
    """nginx in front of PixTag.

    Attributes:
        url: The public address.
        certificate: The certificate of nginx.
        pixtag: PixTag behind nginx.
    """

    url: str
    certificate: Path
    pixtag: PixTag

    def client(self) -> httpx.Client:
        """Return a client of the public address."""
        return httpx.Client(base_url=self.url, transport=NginxTransport(self.certificate), timeout=30)


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("nginx")
    certificate = make_certificate(folder)
    (port,) = find_free_ports(1)
    url = f"https://{NAME}:{port}"
    with run_pixtag(folder / "data", variables={"PIXTAG_URL": url}) as pixtag:
        configuration = write_configuration(folder, port, pixtag.url)
        command = [
            shutil.which("nginx") or "/usr/sbin/nginx",
            "-c",
            str(configuration),
            "-e",
            str(folder / "error.log"),
        ]
        with subprocess.Popen(command) as nginx:
            proxy = Proxy(url, certificate, pixtag)
            try:
                wait_until(lambda: is_up(proxy), SECONDS, "nginx does not respond.")
                yield proxy
            finally:
                nginx.terminate()


def is_up(proxy: Proxy) -> bool:
    try:
        with proxy.client() as client:
            return client.get("/health").is_success
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def account(proxy: Proxy) -> None:
    """An account. `pixtag user` adds it, because there is no mailbox behind a proxy."""
    subprocess.run(
        [sys.executable, "-m", "app.cli", "user", "add", EMAIL, "--password-stdin", "--data", proxy.pixtag.data],
        input=PASSWORD,
        text=True,
        cwd=ROOT,
        check=True,
    )


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
