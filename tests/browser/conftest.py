"""Fixtures for tests in a real browser with a real PixTag. Nothing is mocked, and every browser error fails."""

import json
import os
import re
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any, Literal, Protocol, TypeVar
from urllib.parse import urlsplit
from uuid import uuid4
from zlib import crc32

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    FilePayload,
    Locator,
    Page,
    Request,
    expect,
)

from app.adapters.local.files import OBJECTS
from app.adapters.local.images import SqliteImages
from app.api.problems import SESSION_COOKIE, SESSION_PATH
from app.domain.ids import Rendition, min_id_at
from app.domain.images import Image
from app.domain.mail import StoredMail
from infra.local.pixtag import PixTag
from tests.browser.chromium import share, stop
from tests.support.fakes import image
from tests.support.local_accounts import LocalAccounts, make_accounts
from tests.support.sampling import TORTURE
from tests.support.workers import list_workers

AXE = Path(__file__).parents[2] / "static" / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "a laptop holds no secrets"
ACCOUNT_LINK = re.compile("^(Your account|Dein Konto) ")
DESKTOP, TABLET, PHONE = (1440, 900), (768, 1024), (390, 844)
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
SCHEME_SAMPLE = {DESKTOP[0]: SCHEMES[1:], PHONE[0]: SCHEMES[:1]}  # dark and light; `make torture` checks both
SECONDS = 40
POLL_MS = 20
MAX_TABS = 60
TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".heic": "image/heic"}
SIGNED_IN = """if (!sessionStorage.getItem("is-opened")) {
    sessionStorage.setItem("is-opened", "1");
    localStorage.setItem("pixtag:signed-in", "1");
}"""
SERVICE_WORKER_BLOCKED = (
    "Service Worker registration blocked by Playwright"  # in all tests but those in test_offline.py
)
DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"

SIZES = {"desktop": DESKTOP, "tablet": TABLET, "phone": PHONE}
Test = TypeVar("Test", bound=Callable[..., None])

expect.set_options(timeout=SECONDS * 1000)


def all_sizes(test: Test) -> Test:
    """Parametrize a test with all sizes in `make torture`, and with the desktop or the phone in `make test`.

    The name of the test decides which, so that it is always the same one.
    """
    names = list(SIZES) if TORTURE else [("desktop", "phone")[crc32(test.__name__.encode()) % 2]]
    sized: Test = pytest.mark.parametrize("size", [SIZES[name] for name in names], ids=names)(test)
    return sized


def wait_until(page: Page, holds: Callable[[], object], what: str) -> None:
    """Wait until a condition holds. The test fails if that takes too long.

    Not wait_for_function: it evaluates text in the page, which the content security policy forbids.
    """
    end = monotonic() + SECONDS
    while not holds():
        if monotonic() > end:
            pytest.fail(f"After {SECONDS} s, it is still not true that {what}.")
        page.wait_for_timeout(POLL_MS)  # not in the page, which may be loading


class Instance(Protocol):
    """A running PixTag, on the stores of this machine or on the emulator."""

    @property
    def url(self) -> str: ...

    def find_code(self, email: str) -> str: ...

    def list_mails(self, to: str) -> list[StoredMail]: ...


@dataclass
class Visitor:
    """A person with a browser context; `page` is its only tab, and shows the library after `start`.

    `start` and `fill` write to the database of the instance with `accounts`, so they need the stores of this machine.

    Every browser error fails the test at its end. Exceptions are responses with a status in `expected`, and requests
    that failed while the visitor was offline.
    """

    instance: Instance
    accounts: LocalAccounts
    tab: Page
    email: str
    problems: list[str]
    expected: set[int]
    shots: Path
    keeps_screenshots: bool
    was_offline: bool = False
    is_new: bool = False

    @property
    def page(self) -> Page:
        """The tab. After `start`, the first use opens the library, so that tests of other pages needn't load it."""
        if self.is_new:
            self.go("/")
            expect(self.tab.get_by_role("link", name=ACCOUNT_LINK)).to_be_visible()
        return self.tab

    @property
    def host(self) -> str:
        """The host name of the instance, without its port."""
        return urlsplit(self.instance.url).hostname or ""

    def go(self, path: str) -> None:
        """Open a path of the UI, as from the address bar."""
        self.is_new = False
        self.tab.goto(self.instance.url + path)

    def register(self) -> None:
        """Register in the UI, and confirm the account with the e-mailed code."""
        self.go("/register")
        self.complete_registration()

    def complete_registration(self) -> None:
        """Fill in the registration form on the current page, and enter the e-mailed code."""
        self.submit_registration(PASSWORD)
        self.confirm()
        expect(self.page.get_by_role("link", name="Your account")).to_be_visible()

    def submit_registration(self, password: str) -> None:
        """Fill in and send the registration form."""
        self.page.get_by_label("Given name").fill("Ada")
        self.page.get_by_label("Family name").fill("Lovelace")
        self.page.get_by_label("E-mail address").fill(self.email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Create account").click()

    def confirm(self) -> None:
        """Enter the e-mailed code."""
        self.page.get_by_label("Code").wait_for()
        self.page.get_by_label("Code").fill(self.instance.find_code(self.email))
        self.page.get_by_role("button", name="Confirm address").click()

    def start(self) -> None:
        """Sign in with a new account without the UI. The library is opened when `page` is used."""
        self.accounts.admin.add(self.email, PASSWORD, given_name="Ada", family_name="Lovelace")
        session = self.accounts.sign_in(self.email, PASSWORD).refresh_token
        self.tab.context.add_cookies(
            [{"name": SESSION_COOKIE, "value": session, "domain": self.host, "path": SESSION_PATH}]
        )
        self.tab.add_init_script(SIGNED_IN)
        self.is_new = True

    def sign_in(self) -> None:
        """Sign in on the sign-in screen."""
        self.page.get_by_label("E-mail address").fill(self.email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("link", name="Your account")).to_be_visible()

    @contextmanager
    def offline(self) -> Iterator[None]:
        """Disconnect the browser from the network inside the context."""
        self.was_offline = True
        self.page.context.set_offline(True)
        yield
        self.page.context.set_offline(False)

    def tab_to(self, target: Locator) -> None:
        """Press Tab until an element has the focus."""
        target.wait_for()
        for _ in range(MAX_TABS):
            self.page.keyboard.press("Tab")
            if target.evaluate("element => element === document.activeElement"):
                return
        pytest.fail(f"Tab never reaches {target}.")

    def upload(self, *files: tuple[str, bytes]) -> None:
        """Choose files in the file picker. Files with other extensions than in TYPES are text."""
        payloads: list[FilePayload] = [
            {"name": name, "mimeType": TYPES.get(Path(name).suffix, "text/plain"), "buffer": data}
            for name, data in files
        ]
        self.page.get_by_label("Photos to upload").set_input_files(payloads)

    def choose(self, action: str) -> None:
        """Choose an action for the selected photos. On phones, some are in a menu."""
        toolbar = self.page.get_by_role("toolbar", name="Selection")
        toolbar.wait_for()
        button = toolbar.get_by_role("button", name=action)
        if button.is_visible():
            button.click()
        else:
            toolbar.get_by_role("button", name="More").click()
            toolbar.get_by_role("menuitem", name=action).click()

    def tile(self, name: str) -> Any:
        """Return the tile of a photo by its accessible name."""
        return self.page.get_by_role("link", name=name)

    def fill(self, *names: str, confidence: float = 0.9, **counts: int) -> list[Image]:
        """Add images without files to the library, one minute apart, the last one newest, each with the same counts."""
        self.expected = {404}
        owner = self.accounts.admin.find_owner(self.email)
        table = SqliteImages(self.accounts.database)
        now = datetime.now(UTC)
        images = [
            replace(
                detected := image(owner, counts=counts),
                detections=tuple(replace(each, confidence=confidence) for each in detected.detections),
                id=min_id_at(now - timedelta(minutes=len(names) - number))[:-1] + "1",
                name=name,
                width=400,
                height=300,
            )
            for number, name in enumerate(names)
        ]
        with self.accounts.database.write():
            for each in images:
                table.save(each)
        self._add_original(images[0])
        self.show_changes()
        return images

    def show_changes(self) -> None:
        """Load the page again, if one is open."""
        if not self.is_new:
            self.tab.reload()

    def _add_original(self, image: Image) -> None:
        """Give an image an empty original: without any original, PixTag waits for the disk with the photos."""
        assert isinstance(self.instance, PixTag)
        original = self.instance.data / OBJECTS / Rendition.ORIGINAL.key(image.owner, image.id)
        original.parent.mkdir(parents=True, exist_ok=True)
        original.touch()

    def _violations(self) -> list[str]:
        """Return axe-core's findings for the current page: rules of WCAG 2.2 A and AA, and best practices."""
        # Not wait_for_function: it evaluates text in the page, which the content security policy forbids.
        self.page.evaluate(
            "Promise.allSettled(document.getAnimations().map((animation) => animation.finished)).then(() => {})"
        )
        if not self.page.evaluate("'axe' in window"):
            # Evaluated in the page, because the content security policy blocks other scripts.
            self.page.evaluate(AXE.read_text() + "; undefined")
        report = self.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        return [
            f"{violation['id']}: {json.dumps([node['html'] for node in violation['nodes']][:3])}"
            for violation in report["violations"]
        ]

    def check(self, name: str) -> None:
        """Save screenshots in the colour schemes, and report accessibility violations and sideways scrolling."""
        width = self.page.evaluate("innerWidth")
        for scheme in SCHEMES if TORTURE or self.keeps_screenshots else SCHEME_SAMPLE.get(width, SCHEMES):
            self.page.emulate_media(color_scheme=scheme)
            self.page.evaluate(DRAWN)
            self.screenshot(f"{name}-{width}-{scheme}")
            self.problems += [f"{name} at {width} px, {scheme}: {flaw}" for flaw in self._violations()]
        if self.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            self.problems.append(f"{name} at {width} px scrolls sideways.")

    def screenshot(self, name: str) -> None:
        """Save a screenshot, if `--shots` names a folder."""
        if self.keeps_screenshots:
            self.page.screenshot(path=self.shots / f"{name}.png")


@contextmanager
def pause_worker(data: Path) -> Iterator[None]:
    """Stop the worker process of the folder for the duration of a `with` block. It holds no lock of the database."""
    (worker,) = list_workers(data)
    with closing(sqlite3.connect(data / "pixtag.db", isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        os.kill(worker, signal.SIGSTOP)
        database.execute("ROLLBACK")
    try:
        yield
    finally:
        os.kill(worker, signal.SIGCONT)


Visit = Callable[..., Visitor]


@pytest.fixture
def chromium() -> Browser:
    """The browser in which the visitors have their contexts."""
    return share()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Iterator[None]:
    """Close the browser before tests of other folders."""
    yield
    if nextitem is None or Path(__file__).parent not in nextitem.path.parents:
        stop()


@pytest.fixture
def instance(pixtag: PixTag) -> Instance:
    """The PixTag that the visitors use."""
    return pixtag


@pytest.fixture
def hosts(instance: Instance) -> set[str]:
    """The hosts and ports to which the browser may send requests."""
    return {urlsplit(instance.url).netloc}


@pytest.fixture
def accounts(pixtag: PixTag) -> Iterator[LocalAccounts]:
    """The database of the PixTag on this machine. Passwords have cheaper hashes than there.

    Tests add images without files. PixTag stores nothing if all originals are missing, so there is one.
    """
    original = pixtag.data / "objects" / Rendition.ORIGINAL / "nobody" / "placeholder"
    original.parent.mkdir(parents=True, exist_ok=True)
    original.touch()
    accounts = make_accounts(pixtag.data)
    yield accounts
    accounts.database.close()


@pytest.fixture
def visit(
    instance: Instance,
    accounts: LocalAccounts,
    hosts: set[str],
    chromium: Browser,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Visit]:
    """Return a function that creates a new visitor with a viewport size."""
    kept = request.config.getoption("--shots")
    shots = Path(kept or tmp_path_factory.mktemp("shots"))
    visitors: list[Visitor] = []
    with ExitStack() as open_contexts:

        def create(size: tuple[int, int] = DESKTOP, **options: Any) -> Visitor:
            context = chromium.new_context(
                viewport={"width": size[0], "height": size[1]},
                is_mobile=size == PHONE,
                has_touch=size == PHONE,
                reduced_motion="reduce",
                **{"locale": "en-GB", "service_workers": "block", **options},
            )
            open_contexts.callback(context.close)
            email = f"{uuid4()}@example.com"
            visitor = Visitor(instance, accounts, context.new_page(), email, [], set(), shots, bool(kept))
            _watch(visitor, hosts)
            visitors.append(visitor)
            return visitor

        yield create
        problems = [problem for visitor in visitors for problem in visitor.problems]
    assert not problems


@pytest.fixture
def ada(visit: Visit) -> Visitor:
    """A signed-in visitor with an empty library."""
    visitor = visit()
    visitor.start()
    return visitor


def _watch(visitor: Visitor, hosts: set[str]) -> None:
    """Record the errors of the visitor's page, and its requests to other hosts."""
    page = visitor.page

    def on_console(message: ConsoleMessage) -> None:
        is_expected = any(f"status of {status}" in message.text for status in visitor.expected)
        is_expected |= message.text == SERVICE_WORKER_BLOCKED
        is_expected |= visitor.was_offline and "ERR_INTERNET_DISCONNECTED" in message.text
        if message.type in {"error", "warning"} and not is_expected:
            visitor.problems.append(f"{message.type} on {page.url}: {message.text} {message.location}")

    def on_error(error: Error) -> None:
        visitor.problems.append(f"{page.url}: {error.stack}")

    def on_request(request: Request) -> None:
        if not request.url.startswith("blob:") and urlsplit(request.url).netloc not in hosts:
            visitor.problems.append(f"{page.url} requested {request.url}")

    page.on("console", on_console)
    page.on("pageerror", on_error)
    page.on("request", on_request)
