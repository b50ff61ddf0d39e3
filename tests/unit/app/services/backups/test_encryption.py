import errno
import io
import os
import subprocess
import tarfile
from functools import cache
from pathlib import Path
from typing import BinaryIO

import pyrage
import pytest

from app.domain.backups import BackupError
from app.services.backups.encryption import MAGIC, decrypt, encrypt
from tests.support.backups import use_cheap_passphrases

PASSPHRASE = "a laptop holds no secrets"
DATA = os.urandom(200_000)

decrypt_key = cache(pyrage.passphrase.decrypt)


def encrypt_text(data: bytes, passphrase: str = PASSPHRASE) -> bytes:
    file = io.BytesIO()
    with encrypt(file, passphrase) as output:
        output.write(data)
    return file.getvalue()


def decrypt_file(file: BinaryIO, passphrase: str = PASSPHRASE) -> bytes:
    with decrypt(file, passphrase) as plain:
        return b"".join(iter(lambda: plain.read(65_536), b""))


def decrypt_text(data: bytes, passphrase: str = PASSPHRASE) -> bytes:
    return decrypt_file(io.BytesIO(data), passphrase)


@pytest.fixture(autouse=True)
def fast_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decrypt each key once, because it takes a second."""
    monkeypatch.setattr(pyrage.passphrase, "decrypt", decrypt_key)


@pytest.fixture
def cheap_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    use_cheap_passphrases(monkeypatch)


@pytest.fixture(scope="module")
def encrypted() -> bytes:
    return encrypt_text(DATA)


def test_decrypted_backup_is_the_backup(encrypted: bytes) -> None:
    assert encrypted.startswith(MAGIC)
    assert DATA[:100] not in encrypted
    assert decrypt_text(encrypted) == DATA


def test_program_age_finds_both_members(encrypted: bytes, tmp_path: Path) -> None:
    (tmp_path / "backup.age.tar").write_bytes(encrypted)

    subprocess.run(["tar", "xf", "backup.age.tar"], cwd=tmp_path, check=True)

    for name in ("identity.age", "backup.tar.age"):
        assert (tmp_path / name).read_bytes().startswith(b"age-encryption.org/v1\n")


def test_decryption_with_another_passphrase_fails(encrypted: bytes) -> None:
    with pytest.raises(BackupError, match="The passphrase is wrong, or the file is damaged"):
        decrypt_text(encrypted, "another passphrase")


def be_busy(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Let pyrage find the machine too slow for the passphrase several times."""
    results = iter([pyrage.DecryptError("Excessive work parameter for passphrase.\nIt would take 8 seconds.")] * times)

    def decrypt_later(data: bytes, passphrase: str) -> bytes:
        if error := next(results, None):
            raise error
        return bytes(decrypt_key(data, passphrase))

    monkeypatch.setattr(pyrage.passphrase, "decrypt", decrypt_later)


def test_decryption_on_a_busy_machine_measures_it_again(encrypted: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    be_busy(monkeypatch, times=9)

    assert decrypt_text(encrypted) == DATA


def test_decryption_on_a_slow_machine_does_not_call_the_passphrase_wrong(
    encrypted: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    be_busy(monkeypatch, times=10)

    with pytest.raises(BackupError, match="too busy or too slow for the passphrase"):
        decrypt_text(encrypted)


@pytest.mark.parametrize("size", [13, 511, 700, 1030, 1536, 2000, 70_000, 201_000, -1500, -1024, -512, -1])
def test_decryption_of_a_cut_backup_fails(encrypted: bytes, size: int) -> None:
    with pytest.raises(BackupError, match="damaged"):
        decrypt_text(encrypted[:size])


@pytest.mark.parametrize("position", [3, 120, 600, 1030, 1700, 70_000, 200_000, -1100, -1])
def test_decryption_of_an_altered_backup_fails(encrypted: bytes, position: int) -> None:
    data = bytearray(encrypted)
    data[position] ^= 4

    with pytest.raises(BackupError, match="damaged"):
        decrypt_text(bytes(data))


def test_decryption_of_a_backup_with_more_bytes_fails(encrypted: bytes) -> None:
    with pytest.raises(BackupError, match="damaged"):
        decrypt_text(encrypted + b"more")


def replace_header(data: bytes, name: str, member: tarfile.TarInfo) -> bytes:
    start = data.index(name.encode() + b"\0")
    return data[:start] + member.tobuf() + data[start + tarfile.BLOCKSIZE :]


def test_decryption_with_a_large_key_fails(encrypted: bytes) -> None:
    member = tarfile.TarInfo("identity.age")
    member.size = 5_000

    with pytest.raises(BackupError, match="damaged"):
        decrypt_text(replace_header(encrypted, "identity.age", member))


def test_decryption_of_another_member_fails(encrypted: bytes) -> None:
    with pytest.raises(BackupError, match="damaged"):
        decrypt_text(replace_header(encrypted, "backup.tar.age", tarfile.TarInfo("other.tar.age")))


class FailingFile(io.BytesIO):
    """A file on a full or broken disk."""

    def write(self, data: object, /) -> int:
        if self.tell() > 100_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)  # type: ignore[arg-type]

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() > 100_000:
            raise BackupError("The file cannot be read.")
        return super().read(size)


def encrypt_to(file: BinaryIO, *, parts: int = 1, error: Exception | None = None) -> None:
    with encrypt(file, PASSPHRASE) as output:
        for _ in range(parts):
            output.write(DATA)
        if error:
            raise error


@pytest.mark.usefixtures("cheap_passphrases")
@pytest.mark.parametrize("parts", [1, 100])  # the error comes after the last part, or before
def test_encryption_on_a_full_disk_raises_the_error_of_the_disk(parts: int) -> None:
    with pytest.raises(OSError, match="No space left") as error:
        encrypt_to(FailingFile(), parts=parts)

    assert error.value.errno == errno.ENOSPC


@pytest.mark.usefixtures("cheap_passphrases")
@pytest.mark.parametrize("error", [BackupError("The backup failed."), BrokenPipeError("The terminal is closed.")])
def test_encryption_of_a_failed_backup_raises_its_error(error: Exception) -> None:
    with pytest.raises(type(error), match=str(error)):
        encrypt_to(io.BytesIO(), error=error)


def test_decryption_of_an_unreadable_file_raises_its_error(encrypted: bytes) -> None:
    with pytest.raises(BackupError, match="cannot be read"):
        decrypt_file(FailingFile(encrypted))


def test_decryption_can_stop_early(encrypted: bytes) -> None:
    with decrypt(io.BytesIO(encrypted), PASSPHRASE) as plain:
        assert plain.read(0) == b""
        assert plain.read(10) == DATA[:10]
