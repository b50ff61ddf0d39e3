"""Signs this machine in to an account and out of it, with an API key."""

import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from app.client.connection import Connection, Waits, read_json
from app.client.errors import ClientError, RequestRefused
from app.client.login import Login

SCOPES: Final = ("read", "upload", "edit")
PATIENCE_SECONDS: Final = 5.0  # a person waits
MAX_NAME: Final = 60
NOT_CONFIRMED: Final = (
    "Your e-mail address is not confirmed yet. Open {url}, sign in there, and enter the code from the e-mail."
)
_LOCAL_HOST: Final = "localhost"
_PREFIX: Final = "pixtag_"
_OWNER_CHARACTERS: Final = 22  # the account in a key, behind the prefix


def normalize_url(text: str) -> str:
    """Return the address of a server with its scheme and without a slash at the end.

    Raises:
        ClientError: the text is not an address.
    """
    text = text.strip()
    with suppress(ValueError):  # of a wrong port or host
        if "://" not in text:
            text = f"{'http' if _is_local(f'http://{text}') else 'https'}://{text}"
        parts = urlsplit(text)
        if parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0 and not parts.query:
            return text.rstrip("/")
    raise ClientError(f"{text} is not the address of a server. Use an address such as https://photos.example.com.")


def is_unencrypted(url: str) -> bool:
    """Return whether others in the network can read what is sent to this address."""
    return url.startswith("http://") and not _is_local(url)


def _is_local(url: str) -> bool:
    """Return whether an address leads to this machine."""
    host = urlsplit(url).hostname or ""
    with suppress(ValueError):  # of a name
        return ip_address(host).is_loopback
    return host == _LOCAL_HOST


def connect(login: Login, waits: Waits | None = None) -> Connection:
    """Return a connection with the key of this machine. By default, requests fail after seconds."""
    return Connection(login.url, login.key, waits or Waits(PATIENCE_SECONDS))


def create_login(
    url: str, email: str, password: str, save: Callable[[Login], object], old: Login | None = None
) -> Login:
    """Create a key with the name of this machine, and save it. Then revoke its old key, if the server has one.

    If the key cannot be saved, it is revoked, and the old key stays.

    Raises:
        ClientError: the e-mail address or the password is wrong, or the server creates no key.
    """
    with _signed_in(url, email, password) as connection:
        body = {"name": f"pixtag on {platform.node()}"[:MAX_NAME], "scopes": SCOPES, "expires_at": None}
        key = connection.post_json("/keys", body)
        login = Login(url, key["key"], key["id"], _read_account(key["key"]), email)
        try:
            save(login)
        except BaseException:
            with suppress(ClientError):
                _revoke(connection, login.key_id)
            raise
        if old and old.url == url and old.key_id:
            _revoke(connection, old.key_id)
    return login


def use_key(url: str, key: str) -> Login:
    """Return the login of an existing key, which needs the scope `read`.

    Raises:
        ClientError: the text is not a key, or the server does not accept it.
    """
    account = _read_account(key)
    with Connection(url, key, Waits(PATIENCE_SECONDS)) as connection:
        connection.get_json("/usage")
    return Login(url, key, "", account, "")


def revoke_key(login: Login, password: str) -> None:
    """Revoke the key that `create_login` has created. A key cannot revoke itself, because it may be stolen.

    Raises:
        ClientError: the password is wrong, or the server cannot be reached.
    """
    with _signed_in(login.url, login.email, password) as connection:
        _revoke(connection, login.key_id)


@contextmanager
def _signed_in(url: str, email: str, password: str) -> Iterator[Connection]:
    """Yield a connection with an access token, and sign out at the end.

    Raises:
        ClientError: the account cannot sign in.
    """
    form = {"grant_type": "password", "username": email, "password": password}
    with Connection(url, waits=Waits(PATIENCE_SECONDS)) as anonymous:
        try:
            tokens = read_json(anonymous.call("POST", "/auth/token", data=form))
        except RequestRefused as error:
            if error.kind == "urn:pixtag:account-not-confirmed":  # its text is for programs
                raise ClientError(NOT_CONFIRMED.format(url=url)) from error
            raise
        try:
            with Connection(url, tokens["access_token"], Waits(PATIENCE_SECONDS)) as connection:
                yield connection
        finally:
            anonymous.call("POST", "/auth/revoke", data={"token": tokens["refresh_token"]})


def _revoke(connection: Connection, key_id: str) -> None:
    with suppress(RequestRefused):  # it was revoked before
        connection.call("DELETE", f"/keys/{key_id}")


def _read_account(key: str) -> str:
    """Return the characters of a key that name its account. They are equal in all keys of the account.

    Raises:
        ClientError: the text is not a key.
    """
    account = key.removeprefix(_PREFIX)[:_OWNER_CHARACTERS]
    if key.startswith(_PREFIX) and len(account) == _OWNER_CHARACTERS and key.isascii() and key.isprintable():
        return account
    raise ClientError(f"This is not an API key. A key begins with {_PREFIX}.")
