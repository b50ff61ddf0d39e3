"""Runs `pixtag run` in a child process, and signs people in to it."""

import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from app.api.mailbox_page import MAILS
from app.domain.mail import StoredMail
from infra.local.program import START_SECONDS, Program, wait_until

LOG: Final = "pixtag.log"
_ADDRESS: Final = re.compile(r"^API .*(http://[\d.:]+)$.*Press Ctrl-C", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class PixTag:
    """A running PixTag.

    Attributes:
        url: The address at which it listens.
        data: Its data folder.
        program: Its process.
    """

    url: str
    data: Path
    program: Program

    @contextmanager
    def person(self, email: str) -> Iterator[httpx.Client]:
        """Register, confirm and sign in a user. Yield an HTTP client with the user's access token."""
        account = {"email": email, "password": secrets.token_urlsafe(), "given_name": "Ada", "family_name": "Lovelace"}
        with httpx.Client(base_url=self.url, timeout=30, trust_env=False) as client:
            client.post("/auth/register", json=account).raise_for_status()
            confirmation = {"email": email, "code": self.find_code(email), "password": account["password"]}
            client.post("/auth/confirm", json=confirmation).raise_for_status()
            form = {"grant_type": "password", "username": email, "password": account["password"]}
            token = client.post("/auth/token", data=form).raise_for_status().json()
            client.headers["Authorization"] = f"Bearer {token['access_token']}"
            yield client

    def find_code(self, email: str) -> str:
        """Return the code in the newest e-mail to an address."""
        code: str = re.findall(r"\b\d{6}\b", self.list_mails(email)[0].body)[0]
        return code

    def list_mails(self, to: str) -> list[StoredMail]:
        """Return the e-mails to an address, newest first."""
        response = httpx.get(f"{self.url}/mailbox.json", params={"to": to}, trust_env=False)
        return MAILS.validate_json(response.raise_for_status().content)


@contextmanager
def run_pixtag(
    data: Path,
    *options: str,
    variables: Mapping[str, str] | None = None,
    log: Path | None = None,
    module: str = "app.cli",
) -> Iterator[PixTag]:
    """Run PixTag on a free port for the duration of a `with` block.

    Args:
        data: The data folder.
        options: More options of `pixtag run`.
        variables: Environment variables in addition to those of this process.
        log: The file for the output. By default, it is next to the data folder.
        module: The module that runs PixTag.

    Raises:
        LocalCloudError: PixTag cannot start. The message contains its output.
    """
    log = log or data.with_name(f"{data.name}.log")
    start = log.stat().st_size if log.exists() else 0
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PIXTAG_")}
    command = [module, "run", "--port", "0", "--data", str(data.resolve()), *options]
    with Program("PixTag", command, environment | dict(variables or {}), log) as program:

        def find_address() -> str:
            program.require_running()
            match = _ADDRESS.search(log.read_bytes()[start:].decode())
            return match[1] if match else ""

        wait_until(lambda: bool(find_address()), START_SECONDS, f"PixTag did not start in {START_SECONDS} seconds.")
        yield PixTag(find_address(), data, program)
