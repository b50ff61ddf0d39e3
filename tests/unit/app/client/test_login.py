import os
from pathlib import Path

import pytest

from app.client.account import is_unencrypted, normalize_url, use_key
from app.client.errors import ClientError, NotSignedIn
from app.client.login import Login, find_login, load_login, remove_login, save_login

LOGIN = Login("https://photos.example.com", "pixtag_secret", "key1", "account1", "ada@example.com")


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path / "pixtag"


def test_login_is_stored_for_its_user_only(config: Path) -> None:
    umask = os.umask(0)
    try:
        path = save_login(LOGIN)
    finally:
        os.umask(umask)

    assert path == config / "login.json"
    assert [path.stat().st_mode & 0o777, config.stat().st_mode & 0o777] == [0o600, 0o700]
    assert load_login() == find_login() == LOGIN


def test_login_replaces_an_older_one_that_others_can_read(config: Path) -> None:
    config.mkdir()
    for name in ("login.json", "login.tmp"):
        (config / name).write_text("{}")
        (config / name).chmod(0o644)

    path = save_login(LOGIN)

    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in config.iterdir()] == ["login.json"]


def test_missing_login_names_the_command() -> None:
    remove_login()

    with pytest.raises(NotSignedIn, match=r"Run `pixtag login`"):
        load_login()
    assert find_login() is None


@pytest.mark.parametrize("text", ["{", "{}", "[]", '{"url": 1}', "\udcff"])
def test_damaged_login_is_named(config: Path, text: str) -> None:
    config.mkdir()
    (config / "login.json").write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(ClientError, match=r"login.json is damaged. Run `pixtag login`"):
        load_login()
    assert find_login() is None


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("photos.example.com", "https://photos.example.com"),
        (" https://photos.example.com/ ", "https://photos.example.com"),
        ("http://nas.local:8000/pixtag/", "http://nas.local:8000/pixtag"),
        ("localhost:8000", "http://localhost:8000"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_address_gets_a_scheme(text: str, url: str) -> None:
    assert normalize_url(text) == url


@pytest.mark.parametrize(
    "text", ["", "https://", "ftp://a.example.com", "http://a:99999", "http://a:0", "http://a/?b", "http://[a"]
)
def test_text_that_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ClientError, match=r"is not the address of a server"):
        normalize_url(text)


def test_only_other_machines_need_encryption() -> None:
    urls = ["https://a.example.com", "http://127.0.0.1:8000", "http://localhost", "http://nas.local"]

    assert [is_unencrypted(url) for url in urls] == [False, False, False, True]


@pytest.mark.parametrize("text", ["", "secret", "pixtag_short", "pixtag_" + "ä" * 40, "pixtag_" + "a" * 30 + "\n"])
def test_text_that_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ClientError, match=r"This is not an API key. A key begins with pixtag_"):
        use_key("https://photos.example.com", text)
