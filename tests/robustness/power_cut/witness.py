"""Remembers in a recording what PixTag has acknowledged, and checks it after a power cut."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from infra.local.program import wait_until
from tests.robustness.newcomer import GONE, Newcomer
from tests.robustness.persistent_person import MISSING, Person
from tests.robustness.power_cut.recording import Kind, Record, Recording

SECONDS: Final = 300


@dataclass(frozen=True)
class Witness:
    """Marks each operation of a person in the recording, with all that the API has acknowledged to the person."""

    name: str
    actor: Person | Newcomer
    recording: Recording

    def run(self, operation: Callable[[], None]) -> None:
        self.recording.mark(json.dumps({"name": self.name}))
        operation()
        self.recording.mark(json.dumps({"name": self.name, "state": self._describe()}))

    def _describe(self) -> dict[str, Any]:
        if isinstance(self.actor, Newcomer):
            return {"tokens": self.actor.tokens, "deleted": self.actor.deleted}
        return {
            "token": self.actor.client.headers["Authorization"],
            "ids": self.actor.ids,
            "purged": self.actor.purged,
            "dogs": self.actor.dogs,
            "trashed": self.actor.trashed,
            "subscriptions": list(self.actor.subscriptions),
        }


@dataclass(frozen=True)
class Expectation:
    """What must be stored after a power cut.

    Attributes:
        name: The name of the person.
        before: What the API had acknowledged.
        after: What it would have acknowledged next. Equal to `before` if no request was in progress.
    """

    name: str
    before: dict[str, Any]
    after: dict[str, Any]


def list_expectations(records: Iterable[Record], cut: int) -> list[Expectation]:
    """Return what must be stored if the power is cut after this number of records."""
    before: dict[str, dict[str, Any]] = {}
    after: dict[str, dict[str, Any]] = {}
    waiting: set[str] = set()
    for number, record in enumerate(records):
        if record.kind is not Kind.MARK:
            continue
        mark = json.loads(record.data)
        name = mark["name"]
        if number >= cut:
            if "state" in mark and name in waiting:
                after[name] = mark["state"]
                waiting.discard(name)
        elif "state" in mark:
            before[name] = mark["state"]
            waiting.discard(name)
        else:
            waiting.add(name)
    return [Expectation(name, state, after.get(name, state)) for name, state in before.items()]


def check_expectation(expectation: Expectation, client: httpx.Client) -> None:
    """Assert that everything that was acknowledged is stored, and that everything that was deleted is not."""
    before, after = expectation.before, expectation.after
    if "tokens" in before:
        _check_accounts(before, after, client)
    else:
        client.headers["Authorization"] = before["token"]
        _check_library(before, after, client)


def _check_accounts(before: dict[str, Any], after: dict[str, Any], client: httpx.Client) -> None:
    newcomer = Newcomer(client)
    existing = [email for email in before["tokens"] if email not in after["deleted"]]
    for email in existing:
        assert newcomer.get_me(before["tokens"][email]) == httpx.codes.OK
    for token in before["deleted"].values():
        assert newcomer.get_me(token) in GONE
    for email in existing[-1:]:  # a password takes a tenth of a second
        assert newcomer.sign_in(email).is_success
    for email in [*before["deleted"]][-1:]:
        assert newcomer.sign_in(email).status_code in GONE


def _check_library(before: dict[str, Any], after: dict[str, Any], client: httpx.Client) -> None:
    ids = [image_id for image_id in before["ids"] if image_id in after["ids"]]

    def list_states() -> list[str]:
        responses = [client.get(f"/images/{image_id}") for image_id in ids]
        assert all(response.is_success for response in responses), [response.text for response in responses]
        return [response.json()["state"] for response in responses]

    wait_until(lambda: "pending" not in list_states(), SECONDS, "Images stay pending.")
    states = dict(zip(ids, list_states(), strict=True))
    for image_id in ids[1:2]:
        is_trashed = states.pop(image_id) == "trashed"
        assert is_trashed in {before["trashed"], after["trashed"]}
    assert set(states.values()) <= {"ready"}, states
    for image_id in ids[:1]:
        tags = {tag["tag"]: tag["count"] for tag in client.get(f"/images/{image_id}").json()["tags"]}
        assert tags.get("dog", 0) in {before["dogs"], after["dogs"]}
    for image_id in before["purged"]:
        assert client.get(f"/images/{image_id}").status_code == MISSING
    stored = {subscription["id"] for subscription in client.get("/subscriptions").json()["subscriptions"]}
    old, new = set(before["subscriptions"]), set(after["subscriptions"])
    assert old & new <= stored <= old | new


def list_purged(expectations: Iterable[Expectation]) -> Iterator[str]:
    """Yield the ids of the images that must not be stored any more."""
    for expectation in expectations:
        yield from expectation.before.get("purged", [])


def list_deleted(expectations: Iterable[Expectation]) -> Iterator[str]:
    """Yield the access tokens of the accounts that must not exist any more."""
    for expectation in expectations:
        yield from expectation.before.get("deleted", {}).values()


def list_files(folder: Path, ids: Iterable[str]) -> list[Path]:
    """Return the files of images with these ids."""
    return [path for image_id in ids for path in folder.glob(f"objects/*/*/{image_id}")]
