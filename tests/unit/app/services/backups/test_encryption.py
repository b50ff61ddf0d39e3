import io

import pytest
from pyrage import passphrase as age

from app.domain.backups import BackupError
from app.services.backups.encryption import CHUNK_BYTES, DecryptedReader, EncryptedWriter

PASSPHRASE = "correct horse 🐎"
WORK_FACTOR = 4
HEADER_BYTES = 22 + 36 + 44 + 48  # the magic, the stanza, its body and the MAC
SIZES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES]


def encrypt(data: bytes, work_factor: int = WORK_FACTOR) -> bytes:
    file = io.BytesIO()
    writer = EncryptedWriter(file, PASSPHRASE, work_factor)
    for start in range(0, len(data), 50_000):
        writer.write(data[start : start + 50_000])
    writer.finish()
    return file.getvalue()


def decrypt(data: bytes, passphrase: str = PASSPHRASE) -> bytes:
    reader = DecryptedReader(io.BytesIO(data), passphrase)
    return b"".join(iter(lambda: reader.read(40_000), b""))


def flip(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


@pytest.mark.parametrize("size", SIZES)
def test_age_decrypts_what_pixtag_encrypts(size: int) -> None:
    data = bytes(number % 251 for number in range(size))

    assert age.decrypt(encrypt(data), PASSPHRASE) == data


@pytest.mark.parametrize("size", [0, 2 * CHUNK_BYTES])  # age chooses a work factor that takes a second
def test_pixtag_decrypts_what_age_encrypts(size: int) -> None:
    data = bytes(number % 251 for number in range(size))

    assert decrypt(age.encrypt(data, PASSPHRASE)) == data


def test_reader_of_no_bytes_loses_none() -> None:
    reader = DecryptedReader(io.BytesIO(encrypt(bytes(CHUNK_BYTES) + b"more")), PASSPHRASE)

    parts = [reader.read(size) for size in (10, 0, CHUNK_BYTES, 0, 100)]

    assert parts == [bytes(10), b"", bytes(CHUNK_BYTES - 10), b"", b"more"]


def test_reader_with_a_wrong_passphrase_says_so() -> None:
    with pytest.raises(BackupError, match="The passphrase is wrong"):
        decrypt(encrypt(b"data"), "wrong")


@pytest.mark.parametrize("position", [*range(0, HEADER_BYTES + 17, 7), -1])
def test_reader_of_an_altered_file_fails(position: int) -> None:
    data = encrypt(bytes(10))

    with pytest.raises(BackupError):
        decrypt(flip(data, position % len(data)))


@pytest.mark.parametrize("missing", [1, 16, 17, 100, CHUNK_BYTES + 16, CHUNK_BYTES + 17, 2 * CHUNK_BYTES + 80])
def test_reader_of_a_cut_file_fails(missing: int) -> None:
    with pytest.raises(BackupError, match="damaged or cut"):
        decrypt(encrypt(bytes(2 * CHUNK_BYTES))[:-missing])


def test_reader_of_a_file_that_ends_with_its_header_fails() -> None:
    data = encrypt(b"data")

    with pytest.raises(BackupError, match="damaged or cut"):
        decrypt(data[: data.index(b"--- ") + 50])


def test_reader_of_a_file_with_other_data_behind_it_fails() -> None:
    with pytest.raises(BackupError, match="damaged or cut"):
        decrypt(encrypt(bytes(CHUNK_BYTES)) + b"more")


def test_reader_rejects_an_empty_last_chunk() -> None:
    file = io.BytesIO()
    writer = EncryptedWriter(file, PASSPHRASE, WORK_FACTOR)
    writer.write(bytes(CHUNK_BYTES + 1))
    vars(writer)["_pending"].clear()
    writer.finish()

    with pytest.raises(BackupError, match="damaged or cut"):
        decrypt(file.getvalue())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"-> scrypt", b"-> X25519", "not encrypted with a passphrase alone"),
        (b" 4\n", b" 21\n", "too much memory"),
        (b" 4\n", b" 04\n", "not encrypted with a passphrase alone"),
        (b" 4\n", b" 5\n", "The passphrase is wrong"),
        (b"\n---", b"=\n---", "damaged or cut"),
        (b"--- ", b"---  ", "damaged or cut"),
        (b"/v1\n", b"/v2\n", "not encrypted with a passphrase alone"),
    ],
)
def test_reader_of_another_header_says_what_to_do(old: bytes, new: bytes, message: str) -> None:
    with pytest.raises(BackupError, match=message):
        decrypt(encrypt(b"data").replace(old, new, 1))


@pytest.mark.parametrize("old", [b" 4\n", b"\n---"])
def test_reader_rejects_other_spellings_of_the_same_bytes(old: bytes) -> None:
    data = encrypt(b"data")
    position = data.index(old) - 1
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = alphabet[alphabet.index(data[position]) + 1]  # the last bits of the text are not used

    with pytest.raises(BackupError, match="damaged or cut"):
        decrypt(data[:position] + bytes([other]) + data[position + 1 :])


def test_reader_of_an_altered_mac_fails() -> None:
    data = encrypt(b"data")
    start = data.index(b"--- ") + 4

    with pytest.raises(BackupError, match="damaged or cut"):
        decrypt(data[:start] + (b"B" if data[start : start + 1] == b"A" else b"A") + data[start + 1 :])


def test_encryption_uses_a_new_key_each_time() -> None:
    assert encrypt(b"data") != encrypt(b"data")
