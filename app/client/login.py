"""Stores the address of the server and the key of the account on this machine."""

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import platformdirs

from app.client.errors import ClientError, NotSignedIn

FILE: Final = "login.json"
OWNER_ONLY: Final = 0o600


@dataclass(frozen=True, slots=True)
class Login:
    """The server and the account of this machine.

    Attributes:
        url: The address of the server, without a slash at the end.
        key: The API key. It is as secret as a password.
        key_id: The id of the key, which revokes it. Empty if `pixtag login` did not create the key.
        account: The characters of the key that name the account.
        email: The e-mail address of the account. Empty if `pixtag login` did not create the key.
    """

    url: str
    key: str
    key_id: str
    account: str
    email: str


def config_folder() -> Path:
    """Return the folder of the platform for the settings of this user."""
    return platformdirs.user_config_path("pixtag", appauthor=False)


def login_path() -> Path:
    """Return the path of the stored login."""
    return config_folder() / FILE


def load_login() -> Login:
    """Return the stored login.

    Raises:
        NotSignedIn: there is none.
        ClientError: the file cannot be read.
    """
    path = login_path()
    try:
        return Login(**json.loads(path.read_bytes()))
    except FileNotFoundError:
        raise NotSignedIn from None
    except (ValueError, TypeError) as error:
        raise ClientError(f"{path} is damaged. Run `pixtag login`.") from error


def find_login() -> Login | None:
    """Return the stored login, or None if there is none that can be read."""
    with suppress(ClientError):
        return load_login()
    return None


def save_login(login: Login) -> None:
    """Write the login to a file that only this user can read."""
    path = login_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.unlink(missing_ok=True)  # an older file may have another mode
    with os.fdopen(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY), "w") as file:
        json.dump(asdict(login), file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def remove_login() -> None:
    """Delete the stored login."""
    with suppress(FileNotFoundError):
        login_path().unlink()
