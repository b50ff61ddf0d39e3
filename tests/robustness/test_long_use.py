"""Twenty clients use PixTag while its processes are killed: nothing that was acknowledged is lost, and no total drifts.

`make test` runs only the clients, without kills. The variable `MINUTES` sets the minutes for each store.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import repeat
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import httpx
import pytest
from fastapi.testclient import TestClient

from app import local_worker
from app.main import app
from infra.local.program import TimedOut
from tests.robustness import account_client
from tests.robustness.account_client import MAX_PHOTOS, MAX_SUBSCRIPTIONS, AccountClient, Outcomes
from tests.robustness.kills.processes import Running, run_on_emulated_aws, run_on_this_machine
from tests.robustness.torture import cases
from tests.support.fakes import FakeDetector
from tests.support.local_invariants import check_local_invariants
from tests.support.sampling import TORTURE
from tests.support.wired_app import LocalApp, lift_rate_limits, wire_local_app

if TYPE_CHECKING:
    from tests.robustness.newcomer import Newcomer

ACCOUNTS: Final = 6
CLIENTS: Final = 18
NEWCOMERS: Final = 2  # together 20 threads
MINUTES: Final = float(os.environ.get("MINUTES", "10"))
SAMPLE_CLIENTS: Final = 3
SAMPLE_CHANGES: Final = 20  # of each client: every kind of change


@pytest.fixture
def pixtag(tmp_path: Path) -> Iterator[LocalApp]:
    with wire_local_app(tmp_path, FakeDetector({})) as pixtag:
        lift_rate_limits()
        yield pixtag


@contextmanager
def run_worker() -> Iterator[None]:
    """Process messages in a thread for the duration of the block."""
    over = Event()

    def work() -> None:
        while not over.wait(0 if local_worker.process_next() else local_worker.POLL_SECONDS):
            pass

    with ThreadPoolExecutor(1) as pool:
        worker = pool.submit(work)
        try:
            yield
        finally:
            over.set()
            worker.result()


def make_clients(pixtag: LocalApp, count: int) -> list[AccountClient]:
    """Return clients of one account."""
    token = pixtag.signer.sign(pixtag.add_person(f"{uuid4()}@example.com"))
    headers = {"Authorization": f"Bearer {token}"}

    def make(number: int) -> AccountClient:
        clients: Any = (TestClient(app, base_url=pixtag.url, headers=each) for each in (headers, {}))
        return AccountClient(number, *clients)

    return list(map(make, range(count)))


def test_clients_of_one_account_lose_no_change(pixtag: LocalApp, tmp_path: Path) -> None:
    clients = make_clients(pixtag, SAMPLE_CLIENTS)

    def use(client: AccountClient) -> None:
        client.begin()
        changes = repeat(None, SAMPLE_CHANGES - 1)
        client.use(lambda: next(changes, "no more") is not None)

    with run_worker(), ThreadPoolExecutor(SAMPLE_CLIENTS) as pool:
        list(pool.map(use, clients))
        for client in clients:
            client.check()

    check_local_invariants(tmp_path)
    assert not sum((client.outcomes.refused for client in clients), Counter())


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_client, "PAUSE_SECONDS", 0)


def make_client(respond: Callable[[httpx.Request], httpx.Response]) -> AccountClient:
    client = httpx.Client(transport=httpx.MockTransport(respond), base_url="http://127.0.0.1")
    return AccountClient(1, client, client, photos={"i1": {}})


def test_client_repeats_what_was_cut_off_refused_or_failed(no_pause: None) -> None:
    failed, changed = ({"outcomes": [{"result": result}], "next": None} for result in ("failed", "changed"))
    answers = iter([None, httpx.Response(503), httpx.Response(200, json=failed)])

    def respond(request: httpx.Request) -> httpx.Response:
        if answer := next(answers, httpx.Response(200, json=changed)):
            return answer
        raise httpx.ReadError("cut off")

    client = make_client(respond)
    client.trash()

    assert client.trashed == {"i1"}
    outcomes = client.outcomes
    assert (outcomes.acknowledged, outcomes.cut_off, outcomes.refused) == (2, 1, {503: 1, 200: 1})


def test_client_with_nothing_to_change_sends_no_request() -> None:
    client = make_client(lambda request: pytest.fail(str(request)))
    client.photos.clear()
    for change in (client.edit, client.trash, client.restore, client.purge, client.unsubscribe):
        change()

    client.photos |= {f"i{number}": {} for number in range(MAX_PHOTOS)}
    client.subscriptions |= {f"s{number}": "dog" for number in range(MAX_SUBSCRIPTIONS)}
    for change in (client.upload, client.upload_with_form, client.subscribe):
        change()

    assert client.outcomes == Outcomes()


def test_client_finds_a_photo_that_was_purged() -> None:
    client = make_client(lambda _: httpx.Response(200, json={"state": "ready", "tags": []}))
    client.purged.append("i2")

    with pytest.raises(AssertionError, match="i2"):
        client.compare()


def test_client_without_any_response_fails(no_pause: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_client, "SECONDS", 0)
    client = make_client(lambda _: httpx.Response(200))

    with pytest.raises(TimedOut, match="GET /images/i1 gets no response"):
        client.compare()


def use_until(over: Event, use: Callable[[Callable[[], bool]], None]) -> None:
    """Use PixTag until the event is set. Set it if something fails."""
    try:
        use(over.is_set)
    finally:
        over.set()


def begin(pixtag: Running, stack: ExitStack) -> list[AccountClient]:
    """Create the accounts and the clients that share them."""
    clients = []
    for number in range(ACCOUNTS):
        headers = stack.enter_context(pixtag.sign_in(f"{uuid4()}@example.com")).headers
        for each in range(number, CLIENTS, ACCOUNTS):
            client = httpx.Client(base_url=pixtag.url, headers=headers, timeout=30, trust_env=False)
            forms = httpx.Client(headers={"Connection": "close"}, timeout=30, trust_env=False)
            clients.append(AccountClient(each, stack.enter_context(client), stack.enter_context(forms)))
    return clients


@pytest.mark.skipif(not TORTURE, reason="It takes 20 minutes.")
@pytest.mark.timeout(0)
@pytest.mark.parametrize("run", [run_on_this_machine, run_on_emulated_aws])
def test_killed_processes_lose_no_change_of_twenty_clients(
    run: Callable[[Path], AbstractContextManager[Running]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    over = Event()
    with run(tmp_path) as pixtag, ExitStack() as stack, ThreadPoolExecutor(CLIENTS + NEWCOMERS + 2) as pool:
        clients = begin(pixtag, stack)
        visitors = [
            stack.enter_context(httpx.Client(base_url=pixtag.url, timeout=30, trust_env=False))
            for _ in range(NEWCOMERS)
        ]
        newcomers = [pixtag.make_newcomer(visitor) for visitor in visitors]
        list(pool.map(AccountClient.begin, clients))

        doctor = pool.submit(pixtag.check_repeatedly, over)
        killer = pool.submit(pixtag.kill_repeatedly, 60 * MINUTES, over)
        users: list[AccountClient | Newcomer] = [*clients, *newcomers]
        uses = [pool.submit(use_until, over, user.use) for user in users]
        for each in [*uses, killer, doctor]:
            each.result()

        for user in users:
            user.check()
        pixtag.settle(token for newcomer in newcomers for token in newcomer.deleted.values())
        pixtag.check()
        pixtag.run_doctor()
    acknowledged = sum(each.acknowledged for each in newcomers) + sum(each.outcomes.acknowledged for each in clients)
    cases.append(acknowledged)
    with capsys.disabled():
        pixtag.describe(
            acknowledged=acknowledged,
            cut_off=sum(each.outcomes.cut_off for each in clients),
            repeated=dict(sum((each.outcomes.refused for each in clients), Counter())),
            purged=sum(len(each.purged) for each in clients),
            accounts=sum(len(each.tokens) + len(each.deleted) for each in newcomers),
            deleted_accounts=sum(len(each.deleted) for each in newcomers),
        )
