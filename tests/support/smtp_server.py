"""An SMTP server on this machine, with or without TLS, which records e-mails and can refuse commands."""

import base64
import ipaddress
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Delivery:
    """An e-mail that the server accepted."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    raw: bytes
    is_encrypted: bool


class SmtpTestServer(socketserver.ThreadingTCPServer):
    """The server. A test sets its attributes.

    Attributes:
        responses: The response to each command that the server refuses, such as {"RCPT": "550 No such user"}. An empty
            response closes the connection.
        extensions: The extensions that the server offers.
        credentials: The decoded argument of `AUTH PLAIN` that the server requires, or None.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, certificate: Path | None = None, *, is_encrypted: bool = False) -> None:
        super().__init__((HOST, 0), _Handler)
        self.responses: dict[str, str] = {}
        self.extensions = ["STARTTLS"] if certificate and not is_encrypted else []
        self.credentials: bytes | None = None
        self.deliveries: list[Delivery] = []
        self.commands: list[str] = []
        self.connections = 0
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if certificate:
            self.context.load_cert_chain(certificate)
        self.is_encrypted = is_encrypted

    @property
    def port(self) -> int:
        port: int = self.server_address[1]
        return port


@dataclass
class _Envelope:
    sender: str = ""
    recipients: list[str] = field(default_factory=list)


class _Handler(socketserver.StreamRequestHandler):
    server: SmtpTestServer
    timeout = 10

    def setup(self) -> None:
        self.server.connections += 1
        self._is_encrypted = False
        super().setup()

    def handle(self) -> None:
        try:
            if self.server.is_encrypted:
                self._encrypt()
            greeting = self.server.responses.get("connect", "220 test ESMTP")
            self._reply(greeting)
            self._envelope = _Envelope()
            while greeting and (line := self.rfile.readline()) and self._handle_command(line.decode().rstrip("\r\n")):
                pass
        except OSError:  # the client closed the connection or rejected the certificate
            pass
        finally:
            self.request.close()

    def _handle_command(self, line: str) -> bool:
        """Handle a command. Return whether the connection stays open."""
        name, _, argument = line.partition(" ")
        name = name.upper()
        self.server.commands.append(line)
        if (response := self.server.responses.get(name)) is not None:
            self._reply(response)
            return bool(response)
        if name == "EHLO":
            offered = [] if self._is_encrypted else self.server.extensions
            lines = ["test", *offered, *(["AUTH PLAIN"] if self.server.credentials else [])]
            self._reply(*[f"250-{text}" for text in lines[:-1]], f"250 {lines[-1]}")
        elif name == "STARTTLS":
            self._reply("220 Ready")
            self._encrypt()
        elif name == "AUTH":
            is_right = base64.b64decode(argument.removeprefix("PLAIN ")) == self.server.credentials
            self._reply("235 Accepted" if is_right else "535 Wrong credentials")
        elif name == "DATA":
            self._receive()
        else:
            self._note(name, argument)
            self._reply("221 Bye" if name == "QUIT" else "250 OK")
        return name != "QUIT"

    def _note(self, name: str, argument: str) -> None:
        address = argument.partition("<")[2].partition(">")[0]
        if name == "MAIL":
            self._envelope = _Envelope(address)
        elif name == "RCPT":
            self._envelope.recipients.append(address)

    def _receive(self) -> None:
        self._reply("354 Go on")
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        raw = b"".join(lines)
        if (response := self.server.responses.get("message")) is None:
            message = message_from_bytes(raw, policy=policy.default)
            delivery = Delivery(self._envelope.sender, self._envelope.recipients, message, raw, self._is_encrypted)
            self.server.deliveries.append(delivery)
        self._reply(response or "250 Accepted")

    def _encrypt(self) -> None:
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        self.rfile = self.request.makefile("rb")
        self._is_encrypted = True

    def _reply(self, *lines: str) -> None:
        self.request.sendall("".join(f"{line}\r\n" for line in lines if line).encode())


@contextmanager
def serve(server: SmtpTestServer) -> Iterator[SmtpTestServer]:
    """Serve in a thread while the context lasts."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def write_certificate(file: Path) -> None:
    """Write a certificate for this machine and its key. It is its own authority."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + certificate.public_bytes(pem))
