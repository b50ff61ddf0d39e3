"""Runs an embedded PixTag for the benchmark, and signs in a person."""

import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx

from infra.local.program import HOST, Program, find_free_ports, wait_until

EMAIL: Final = "ada@example.com"
CODE_SECONDS: Final = 10
START_POLL_SECONDS: Final = 0.01


@dataclass(frozen=True, slots=True)
class Instance:
    """A running PixTag and the person who uses it. `pid` is the process whose descendants are all of its processes."""

    url: str
    token: str
    owner: str
    pid: int

    def client(self) -> httpx.Client:
        """Return a client that sends the person's token."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False)


@dataclass(frozen=True, slots=True)
class DataFolder:
    """A data folder with one account."""

    path: Path
    owner: str
    token: str

    @classmethod
    def create(cls, path: Path) -> "DataFolder":
        """Start PixTag with a new data folder, register and sign in a person, and stop it."""
        with _program(path) as (program, url):
            program.wait_for(f"{url}/health")
            token = _sign_up(url)
            headers = {"Authorization": f"Bearer {token}"}
            account = httpx.get(f"{url}/auth/me", headers=headers, trust_env=False).raise_for_status().json()
        return cls(path, account["id"], token)

    @contextmanager
    def run(self) -> Iterator[Instance]:
        """Run PixTag with the data folder during the block."""
        with _program(self.path) as (program, url):
            program.wait_for(f"{url}/health")
            yield Instance(url, self.token, self.owner, program.pid)

    def time_start(self) -> float:
        """Start PixTag and stop it. Return the seconds from the start until the first page of the library arrives."""
        start = time.perf_counter()
        with _program(self.path) as (program, url):
            while not self._reads(url, "/health"):
                program.require_running()
                time.sleep(START_POLL_SECONDS)
            if not self._reads(url, "/images"):
                raise RuntimeError("PixTag has started, but the first page cannot be read.")
            return time.perf_counter() - start

    def _reads(self, url: str, path: str) -> bool:
        """Return whether a request succeeds. Unlike httpx, this takes little CPU time from PixTag while it starts."""
        connection = HTTPConnection(str(urlsplit(url).hostname), urlsplit(url).port, timeout=60)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {self.token}"})
            response = connection.getresponse()
            response.read()
        except ConnectionError:
            return False
        else:
            return response.status == HTTPStatus.OK
        finally:
            connection.close()


@contextmanager
def _program(data: Path) -> Iterator[tuple[Program, str]]:
    """Run `pixtag run` with its output in a file next to the data folder, and yield it with its URL."""
    (port,) = find_free_ports(1)
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PIXTAG_"))}
    command = ["app.cli", "run", "--port", str(port)]
    with Program("PixTag", command, variables | {"PIXTAG_DATA": str(data)}, data.with_suffix(".log")) as program:
        yield program, f"http://{HOST}:{port}"


def _sign_up(url: str) -> str:
    """Register and confirm a person with the code from the mailbox page. Return the access token."""
    account = {"email": EMAIL, "password": secrets.token_urlsafe()}
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        names = {"given_name": "Ada", "family_name": "Lovelace"}
        client.post("/auth/register", json=account | names).raise_for_status()
        client.post("/auth/confirm", json=account | {"code": _wait_for_code(client)}).raise_for_status()
        form = {"grant_type": "password", "username": EMAIL, "password": account["password"]}
        token = client.post("/auth/token", data=form).raise_for_status().json()
    return str(token["access_token"])


def _wait_for_code(client: httpx.Client) -> str:
    codes: list[str] = []

    def find_code() -> bool:
        codes.extend(re.findall(r"\b\d{6}\b", client.get("/mailbox.json", params={"to": EMAIL}).text))
        return bool(codes)

    wait_until(find_code, CODE_SECONDS, "The mailbox has no code.")
    return codes[0]
