import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.adapters.local import signing_key
from app.adapters.local.database import Database
from app.adapters.local.signing_key import SigningKey
from app.domain.errors import InvalidToken


def make_database(folder: Path) -> Database:
    return Database(folder / "pixtag.db")


def test_key_that_several_processes_create_at_once_is_the_same_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    barrier, generate = Barrier(4), signing_key._generate_key  # noqa: SLF001 - all generate a key before one stores it

    def generate_together() -> str:
        barrier.wait(30)
        return generate()

    monkeypatch.setattr(signing_key, "_generate_key", generate_together)

    with ThreadPoolExecutor(4) as executor:
        keys = list(executor.map(lambda _: SigningKey.load(make_database(tmp_path)), range(4)))

    assert keys == [SigningKey.load(make_database(tmp_path))] * 4


def test_issuer_of_each_installation_has_its_own_name_and_key(tmp_path: Path) -> None:
    keys = []
    for name in "ab":
        (tmp_path / name).mkdir()
        keys.append(SigningKey.load(make_database(tmp_path / name)))

    assert len({key.issuer.issuer for key in keys}) == 2
    assert len({key.issuer.fetch_keys() for key in keys}) == 2
    assert all(re.fullmatch("urn:pixtag:[0-9a-f]{32}", key.issuer.issuer) for key in keys)


def test_fetch_keys_returns_only_the_public_key(tmp_path: Path) -> None:
    key = SigningKey.load(make_database(tmp_path))

    (jwk,) = json.loads(key.issuer.fetch_keys())["keys"]

    assert jwk.keys() == {"alg", "kty", "n", "e", "kid", "use"}
    assert (jwk["alg"], jwk["use"], key.issuer.issuer) == ("RS256", "sig", f"urn:pixtag:{jwk['kid']}")


def test_verify_of_token_with_changed_claims_raises_invalid_token(tmp_path: Path) -> None:
    key = SigningKey.load(make_database(tmp_path))
    header, _, signature = key.sign({"sub": "a"}).split(".")
    payload = key.sign({"sub": "b"}).split(".")[1]

    assert key.verify(key.sign({"sub": "a"}))["sub"] == "a"
    for token in (f"{header}.{payload}.{signature}", "", "a.b.c"):
        with pytest.raises(InvalidToken):
            key.verify(token)


def damage(folder: Path, position: int, bit: int) -> None:
    """Flip a bit of the stored private key, also if the result is not text."""
    with make_database(folder).write() as connection:
        (value,) = connection.execute("SELECT value FROM setting WHERE name = 'signing_key'").fetchone()
        damaged = bytearray(value.encode())
        damaged[position] ^= 1 << bit
        connection.execute("UPDATE setting SET value = CAST(? AS TEXT) WHERE name = 'signing_key'", (bytes(damaged),))


@pytest.mark.parametrize("bit", [0, 1, 7])
@pytest.mark.parametrize("position", [0, 30, 45, 60, 100, 400, 900, 1600, -3])
def test_damaged_key_is_replaced(tmp_path: Path, caplog: pytest.LogCaptureFixture, position: int, bit: int) -> None:
    before = SigningKey.load(make_database(tmp_path))
    damage(tmp_path, position, bit)

    key = SigningKey.load(make_database(tmp_path))

    assert key.verify(key.sign({"sub": "a"}))["sub"] == "a"
    is_new = key.private_key != before.private_key
    message = "signing_key or refresh_secret in the database is damaged, so PixTag creates a new one."
    assert caplog.messages == [message] * is_new
    assert SigningKey.load(make_database(tmp_path)) == key


def test_key_of_another_kind_is_replaced(tmp_path: Path) -> None:
    SigningKey.load(make_database(tmp_path))
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with make_database(tmp_path).write() as connection:
        connection.execute("UPDATE setting SET value = ? WHERE name = 'signing_key'", (other.decode(),))

    assert SigningKey.load(make_database(tmp_path)).sign({"sub": "a"})


def test_lost_refresh_secret_is_replaced(tmp_path: Path) -> None:
    SigningKey.load(make_database(tmp_path))
    with make_database(tmp_path).write() as connection:
        connection.execute("DELETE FROM setting WHERE name = 'refresh_secret'")

    assert SigningKey.load(make_database(tmp_path)).refresh_secret


def test_repr_of_key_contains_no_secret(tmp_path: Path) -> None:
    assert repr(SigningKey.load(make_database(tmp_path))) == "SigningKey()"
