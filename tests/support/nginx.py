"""nginx in front of PixTag, with the configuration in docs/run.md, over TLS with a certificate of its own.

nginx also compresses responses, as many administrators configure it. It hides from PixTag that clients accept gzip, so
that PixTag does not compress them itself.
"""

import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from infra.local.pixtag import PixTag, run_pixtag
from infra.local.program import HOST, find_free_ports, wait_until
from tests.support.documents import ROOT, list_blocks

NAME: Final = "photos.example.com"
EMAIL: Final = "ada@example.com"
PASSWORD: Final = "a laptop holds no secrets"
SECONDS: Final = 20
GZIP: Final = "gzip on;\ngzip_proxied any;\ngzip_types application/json;\n"


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

    def add_account(self) -> None:
        """Add the account of EMAIL. `pixtag user` does so, because there is no mailbox behind a proxy."""
        subprocess.run(
            [sys.executable, "-m", "app.cli", "user", "add", EMAIL, "--password-stdin", "--data", self.pixtag.data],
            input=PASSWORD,
            text=True,
            cwd=ROOT,
            check=True,
        )


@contextmanager
def run_behind_nginx(folder: Path) -> Iterator[Proxy]:
    """Run PixTag and nginx for the duration of a `with` block."""
    certificate = make_certificate(folder)
    (port,) = find_free_ports(1)
    url = f"https://{NAME}:{port}"
    with run_pixtag(folder / "data", variables={"PIXTAG_URL": url}) as pixtag:
        configuration = write_configuration(folder, port, pixtag.url)
        command = [
            shutil.which("nginx") or "/usr/sbin/nginx",
            *("-c", str(configuration)),
            *("-e", str(folder / "error.log")),
        ]
        with subprocess.Popen(command) as nginx:
            proxy = Proxy(url, certificate, pixtag)
            try:
                wait_until(lambda: _is_up(proxy), SECONDS, "nginx does not respond.")
                yield proxy
            finally:
                nginx.terminate()


def _is_up(proxy: Proxy) -> bool:
    try:
        with proxy.client() as client:
            return client.get("/health").is_success
    except httpx.TransportError:
        return False
