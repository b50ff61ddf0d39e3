"""Encrypts and decrypts streams with a passphrase, in the format of the program `age`.

The stream is processed in chunks of 64 KiB, so its length does not matter. Sources:
https://github.com/C2SP/C2SP/blob/main/age.md and https://www.rfc-editor.org/rfc/rfc7914 (scrypt).
"""

import hashlib
import hmac
import os
import re
from base64 import b64decode, b64encode
from io import BytesIO
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.domain.backups import BackupError
from app.services.backups.members import Readable, Writable

MAGIC: Final = b"age-encryption.org/v1\n"
MIN_PASSPHRASE: Final = 8
WORK_FACTOR: Final = 18  # as in age: scrypt takes about a second and 256 MiB
MAX_WORK_FACTOR: Final = 20  # 1 GiB
CHUNK_BYTES: Final = 2**16

_TAG_BYTES: Final = 16
_NONCE_BYTES: Final = 16
_KEY_BYTES: Final = 16
_SCRYPT_LABEL: Final = b"age-encryption.org/v1/scrypt"
_MAX_LINE: Final = 128
_STANZA: Final = re.compile(rb"-> scrypt ([A-Za-z0-9+/]{22}) ([1-9][0-9]?)\n")
_BODY: Final = re.compile(rb"([A-Za-z0-9+/]{43})\n")
_MAC: Final = re.compile(rb"--- ([A-Za-z0-9+/]{43})\n")
_DAMAGED: Final = "The encrypted backup is damaged or cut. Use another copy of it."
_OTHER_RECIPIENT: Final = (
    "This file was not encrypted with a passphrase alone. Decrypt it with `age --decrypt`, then restore the result."
)


class LineReader(Readable, Protocol):
    """A file that is read in order, first by lines."""

    def readline(self, size: int, /) -> bytes:
        """Return the next line, but only up to `size` bytes of it."""


class EncryptedWriter:
    """Encrypts the bytes that are written to it. The stream is complete only after `finish`."""

    def __init__(self, file: Writable, passphrase: str, work_factor: int = WORK_FACTOR) -> None:
        file_key, salt, nonce = os.urandom(_KEY_BYTES), os.urandom(16), os.urandom(_NONCE_BYTES)
        wrapped = ChaCha20Poly1305(_stretch(passphrase, salt, work_factor)).encrypt(bytes(12), file_key, None)
        header = MAGIC + b"-> scrypt %s %d\n%s\n---" % (_encode(salt), work_factor, _encode(wrapped))
        self._file = file
        self._chunks = _Chunks(file_key, nonce)
        self._pending = bytearray()
        file.write(header + b" " + _encode(_authenticate(file_key, header)) + b"\n" + nonce)

    def write(self, data: bytes) -> None:
        """Append bytes."""
        self._pending += data
        start = 0
        while len(self._pending) - start > CHUNK_BYTES:  # the last chunk is written by `finish`, and is not empty
            self._file.write(self._chunks.encrypt(bytes(self._pending[start : start + CHUNK_BYTES]), is_last=False))
            start += CHUNK_BYTES
        del self._pending[:start]

    def finish(self) -> None:
        """Write the last chunk."""
        self._file.write(self._chunks.encrypt(bytes(self._pending), is_last=True))


class DecryptedReader:
    """Decrypts a file. Only authentic bytes are returned.

    Every method raises BackupError if the file is damaged or cut.

    Raises:
        BackupError: the passphrase is wrong, or the file cannot be decrypted with a passphrase.
    """

    def __init__(self, file: LineReader, passphrase: str) -> None:
        header = _Header.read(file)
        file_key = header.unwrap(passphrase)
        if not hmac.compare_digest(_authenticate(file_key, header.authenticated), header.mac):
            raise BackupError(_DAMAGED)
        nonce = file.read(_NONCE_BYTES)
        if len(nonce) < _NONCE_BYTES:
            raise BackupError(_DAMAGED)
        self._file = file
        self._chunks = _Chunks(file_key, nonce)
        self._next = file.read(CHUNK_BYTES + _TAG_BYTES)
        self._is_first = True
        self._buffer = BytesIO()

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes. Return an empty text at the end only."""
        data = self._buffer.read(size)
        if not data and size and self._fill():
            data = self._buffer.read(size)
        return data

    def _fill(self) -> bool:
        """Decrypt the next chunk. Return false if there is none."""
        if not self._next and not self._is_first:
            return False
        chunk, self._next = self._next, self._file.read(CHUNK_BYTES + _TAG_BYTES)
        try:
            data = self._chunks.decrypt(chunk, is_last=not self._next)
        except InvalidTag as error:
            raise BackupError(_DAMAGED) from error
        if not data and not self._is_first:
            raise BackupError(_DAMAGED)
        self._is_first = False
        self._buffer = BytesIO(data)
        return bool(data)


class _Header:
    """The header of a file with one scrypt stanza."""

    def __init__(self, salt: bytes, work_factor: int, body: bytes, mac: bytes, authenticated: bytes) -> None:
        self._salt = salt
        self._work_factor = work_factor
        self._body = body
        self.mac = mac
        self.authenticated = authenticated

    @classmethod
    def read(cls, file: LineReader) -> "_Header":
        lines = [file.readline(_MAX_LINE) for _ in range(4)]
        stanza, body, mac = _STANZA.fullmatch(lines[1]), _BODY.fullmatch(lines[2]), _MAC.fullmatch(lines[3])
        if lines[0] != MAGIC or not stanza:
            raise BackupError(_OTHER_RECIPIENT if lines[1].startswith(b"-> ") else _DAMAGED)
        if not body or not mac:
            raise BackupError(_DAMAGED)
        work_factor = int(stanza[2])
        if work_factor > MAX_WORK_FACTOR:
            raise BackupError(
                "This file needs too much memory. Decrypt it with `age --decrypt`, then restore the result."
            )
        authenticated = b"".join(lines[:3]) + b"---"
        return cls(_decode(stanza[1]), work_factor, _decode(body[1]), _decode(mac[1]), authenticated)

    def unwrap(self, passphrase: str) -> bytes:
        """Return the key of the file."""
        try:
            return ChaCha20Poly1305(_stretch(passphrase, self._salt, self._work_factor)).decrypt(
                bytes(12), self._body, None
            )
        except InvalidTag as error:
            raise BackupError("The passphrase is wrong. Run the command again with the right one.") from error


class _Chunks:
    """Encrypts and decrypts the chunks of a file in order."""

    def __init__(self, file_key: bytes, nonce: bytes) -> None:
        self._cipher = ChaCha20Poly1305(_derive(file_key, nonce, b"payload"))
        self._number = 0

    def encrypt(self, data: bytes, *, is_last: bool) -> bytes:
        return self._cipher.encrypt(self._take_nonce(is_last=is_last), data, None)

    def decrypt(self, data: bytes, *, is_last: bool) -> bytes:
        return self._cipher.decrypt(self._take_nonce(is_last=is_last), data, None)

    def _take_nonce(self, *, is_last: bool) -> bytes:
        nonce = self._number.to_bytes(11, "big") + bytes([is_last])
        self._number += 1
        return nonce


def _stretch(passphrase: str, salt: bytes, work_factor: int) -> bytes:
    return hashlib.scrypt(
        passphrase.encode(), salt=_SCRYPT_LABEL + salt, n=2**work_factor, r=8, p=1, maxmem=2**31 - 1, dklen=32
    )


def _derive(file_key: bytes, salt: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, purpose).derive(file_key)


def _authenticate(file_key: bytes, header: bytes) -> bytes:
    return hmac.digest(_derive(file_key, b"", b"header"), header, "sha256")


def _encode(data: bytes) -> bytes:
    return b64encode(data).rstrip(b"=")


def _decode(text: bytes) -> bytes:
    data = b64decode(text + b"=" * (-len(text) % 4))
    if _encode(data) != text:  # each value has only one valid form
        raise BackupError(_DAMAGED)
    return data
