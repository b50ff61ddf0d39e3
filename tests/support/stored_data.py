"""What the stores contain, for tests that run on AWS and on one machine."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Final, Protocol

import pytest

from app.domain.errors import ObjectUnreadable
from app.domain.messages import Message
from app.domain.ports import Objects
from app.domain.uploads import Upload
from tests.support.local_invariants import check_local_invariants, connect, list_local_leftovers

ON_AWS: Final = pytest.mark.parametrize("backend", ["aws"])
"""Marks a test that runs only on AWS, in a folder whose other tests run on both or on one machine."""


class StoredData(Protocol):
    """Reads the contents of the stores without the adapters."""

    def check(self, *, with_objects: bool = True) -> None:
        """Assert the invariants of all rows and, unless a test stores images without objects, of all objects."""

    def mails(self, owner: str) -> list[tuple[str | None, str]]:
        """Return the subject and body of every e-mail to the owner, oldest first."""

    def take_redetections(self) -> list[Message]:
        """Remove all messages from the queue. Return those that request a redetection."""

    def list_leftovers(self, owner: str) -> list[str]:
        """Return the kinds of the owner's rows, and the keys of the owner's objects. Bare tombstones are left out."""

    def dump(self) -> str:
        """Return all rows as text. On one machine, this is the whole file, with its unused parts."""


class LocalData(StoredData):
    """Reads the data folder of the stores on one machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def check(self, *, with_objects: bool = True) -> None:
        check_local_invariants(self._folder, with_objects=with_objects)

    def mails(self, owner: str) -> list[tuple[str | None, str]]:
        with closing(connect(self._folder)) as connection:
            rows = connection.execute(
                "SELECT subject, body FROM mail JOIN subscriber USING (address) WHERE subscriber.owner = ? ORDER BY id",
                (owner,),
            )
            return [(row["subject"], row["body"]) for row in rows]

    def take_redetections(self) -> list[Message]:
        with closing(connect(self._folder)) as connection, connection:
            bodies = [row["body"] for row in connection.execute("SELECT body FROM message ORDER BY id")]
            connection.execute("DELETE FROM message")
        messages = [Message.parse(json.loads(body)) for body in bodies]
        return [message for message in messages if message.redetection]

    def list_leftovers(self, owner: str) -> list[str]:
        return list_local_leftovers(self._folder, owner)

    def dump(self) -> str:
        with closing(connect(self._folder)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return (self._folder / "pixtag.db").read_bytes().decode("latin-1")


@contextmanager
def before_call(store: object, method: str, act: Callable[[], object]) -> Iterator[None]:
    """Run `act` before each call of a store's method. If it raises an error, the call fails with it."""
    original = getattr(store, method)

    @wraps(original)
    def act_and_call(*args: Any, **kwargs: Any) -> Any:
        act()
        return original(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, method, act_and_call)
        yield


@contextmanager
def unreadable(objects: Objects, key: str) -> Iterator[None]:
    """Let the disk fail when an object is read."""
    find = objects.find

    def fail_or_find(each: str) -> Upload | None:
        if each == key:
            raise ObjectUnreadable(key, "Input/output error")
        return find(each)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(objects, "find", fail_or_find)
        yield
