"""A client that registers and deletes accounts while PixTag is killed, and remembers every acknowledged change."""

import base64
import json
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx

from tests.robustness.persistent_person import PHOTO, make_changes

PASSWORD: Final = "a laptop holds no secrets"
PAUSE_SECONDS: Final = 0.1  # before a request is repeated
GONE: Final = {httpx.codes.BAD_REQUEST, httpx.codes.UNAUTHORIZED}


@dataclass
class Newcomer:
    """A client of the API without an account, and the accounts that it has registered.

    Attributes:
        tokens: The access token of each account that must exist, by e-mail address.
        deleted: The access token of each account that must not exist any more, by e-mail address.
        acknowledged: The number of responses.
    """

    client: httpx.Client
    tokens: dict[str, str] = field(default_factory=dict)
    deleted: dict[str, str] = field(default_factory=dict)
    acknowledged: int = 0

    def send(self, method: str, path: str, **options: Any) -> tuple[httpx.Response, bool]:
        """Send a request until there is a response. Return it, and whether the API may have executed it before."""
        is_repeated = False
        while True:
            try:
                response = self.client.request(method, path, **options)
            except httpx.TransportError:
                is_repeated = True
                time.sleep(PAUSE_SECONDS)
                continue
            self.acknowledged += 1
            return response, is_repeated

    def sign_up(self) -> None:
        """Register, confirm, sign in and upload a photo."""
        email = f"{uuid4()}@example.com"
        account = {"email": email, "password": PASSWORD, "given_name": "Ada", "family_name": "Lovelace"}
        self.send("POST", "/auth/register", json=account)[0].raise_for_status()
        confirmation = {"email": email, "code": self.find_code(email), "password": PASSWORD}
        response, is_repeated = self.send("POST", "/auth/confirm", json=confirmation)
        assert response.is_success or is_repeated, response.text
        response = self.sign_in(email)
        token = response.raise_for_status().json()["access_token"]
        file = {"file": ("a.jpg", PHOTO + uuid4().bytes, "image/jpeg")}
        self.send("POST", "/images", files=file, headers={"Authorization": f"Bearer {token}"})[0].raise_for_status()
        self.tokens[email] = token

    def find_code(self, email: str) -> str:
        """Return the confirmation code of an address from the mailbox of PixTag."""
        mails, _ = self.send("GET", "/mailbox.json", params={"to": email})
        code: str = re.findall(r"\b\d{6}\b", mails.raise_for_status().json()[0]["body"])[0]
        return code

    def sign_in(self, email: str) -> httpx.Response:
        """Sign in. An interrupted attempt counts as failed, so PixTag may ask for a pause after some of them."""
        form = {"grant_type": "password", "username": email, "password": PASSWORD}
        while True:
            response, _ = self.send("POST", "/auth/token", data=form)
            if response.status_code != httpx.codes.TOO_MANY_REQUESTS:
                return response
            time.sleep(int(response.headers["Retry-After"]))

    def get_me(self, token: str) -> int:
        """Return the status of a request with an access token."""
        return self.send("GET", "/auth/me", headers={"Authorization": f"Bearer {token}"})[0].status_code

    def delete(self) -> None:
        """Delete the oldest account."""
        email, token = next(iter(self.tokens.items()))
        headers = {"Authorization": f"Bearer {token}"}
        response, is_repeated = self.send("DELETE", "/auth/me", params={"confirm": email}, headers=headers)
        assert response.is_success or (is_repeated and response.status_code in GONE), response.text
        self.deleted[email] = self.tokens.pop(email)

    @property
    def changes(self) -> list[Callable[[], None]]:
        """The changes that this client makes, one after the other."""
        return [self.sign_up, self.sign_up, self.delete]

    def use(self, is_over: Callable[[], bool]) -> None:
        """Make one change after the other until it is over."""
        make_changes(self.changes, is_over)

    def check(self) -> None:
        """Assert that the accounts and sessions exist, and that the deleted ones do not."""
        assert {self.get_me(token) for token in self.tokens.values()} <= {httpx.codes.OK}
        assert {self.sign_in(email).status_code for email in self.tokens} <= {httpx.codes.OK}
        assert {self.get_me(token) for token in self.deleted.values()} <= GONE
        assert {self.sign_in(email).status_code for email in self.deleted} <= GONE


def find_owner(token: str) -> str:
    """Return the owner in an access token. The signature is not checked."""
    payload = token.split(".")[1]
    owner: str = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"]
    return owner


def list_files_of(folder: Path, tokens: Iterable[str]) -> list[Path]:
    """Return the objects in the data folder that belong to the owners of these access tokens."""
    return [path for token in tokens for path in folder.glob(f"objects/*/{find_owner(token)}/*")]
