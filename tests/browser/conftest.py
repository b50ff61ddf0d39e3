"""Fixtures for tests in a real browser with the real local system. Nothing is mocked, and every browser error fails."""

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    FilePayload,
    Locator,
    Page,
    Request,
    expect,
    sync_playwright,
)

from app.adapters.aws.images import DynamoImages
from app.domain.ids import min_id_at
from app.domain.images import Image
from infra.local import emulator
from infra.local.cloud import LocalCloud
from infra.local.emulator import confirmation_code
from tests.support.fakes import image
from tests.support.sampling import TORTURE

AXE = Path(__file__).parents[2] / "static" / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "a laptop holds no secrets"
DESKTOP, TABLET, PHONE = (1440, 900), (768, 1024), (390, 844)
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
SCHEME_SAMPLE = {DESKTOP[0]: SCHEMES[1:], PHONE[0]: SCHEMES[:1]}  # dark and light; `make torture` checks both
SECONDS = 40
MAX_TABS = 60
TYPES = {".png": "image/png", ".heic": "image/heic"}
DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"

SIZES = {"desktop": DESKTOP, "tablet": TABLET, "phone": PHONE}
SIZE_SAMPLE = SIZES if TORTURE else {"desktop": DESKTOP, "phone": PHONE}
all_sizes = pytest.mark.parametrize("size", SIZE_SAMPLE.values(), ids=SIZE_SAMPLE)

expect.set_options(timeout=SECONDS * 1000)


@dataclass
class Visitor:
    """A person with a browser context; `page` is its only tab.

    Every browser error fails the test at its end. Exceptions are responses with a status in `expected`, and requests
    that failed while the visitor was offline.
    """

    cloud: LocalCloud
    page: Page
    email: str
    problems: list[str]
    expected: set[int]
    shots: Path
    keeps_screenshots: bool
    was_offline: bool = False

    def go(self, path: str) -> None:
        """Open a path of the UI, as from the address bar."""
        self.page.goto(self.cloud.api_url + path)

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
        self.page.get_by_label("Code").fill(confirmation_code(self.cloud.endpoint_url, self.email))
        self.page.get_by_role("button", name="Confirm address").click()

    def start(self) -> None:
        """Register and sign in through the API, then open the empty library."""
        names = {"given_name": "Ada", "family_name": "Lovelace"}
        login = {"email": self.email, "password": PASSWORD}
        self._post("/auth/register", login | names)
        self._post(
            "/auth/confirm", {"email": self.email, "code": confirmation_code(self.cloud.endpoint_url, self.email)}
        )
        self._post("/auth/session", login)
        self.go("/health")  # the fastest page of the same origin
        self.page.evaluate("localStorage.setItem('pixtag:signed-in', '1')")
        self.go("/")
        expect(self.page.get_by_role("link", name="Your account")).to_be_visible()

    def _post(self, path: str, body: dict[str, str]) -> None:
        """Send a request as the UI does. The browser keeps the cookies of the response."""
        response = self.page.context.request.post(self.cloud.api_url + path, data=body, headers={"X-PixTag": "1"})
        assert response.ok, response.text()

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

    def tile(self, name: str) -> Any:
        """Return the tile of a photo by its accessible name."""
        return self.page.get_by_role("link", name=name)

    def fill(self, *names: str, **counts: int) -> list[Image]:
        """Add images without files to the library, one minute apart, the last one newest, each with the same counts."""
        self.expected = {404}
        with self.page.expect_request("**/images?*") as request:
            self.page.reload()
        payload = request.value.headers["authorization"].split(".")[1]
        owner = json.loads(base64.urlsafe_b64decode(payload + "=="))["sub"]
        client = emulator.session().client("dynamodb", endpoint_url=self.cloud.endpoint_url)
        table = DynamoImages(client, self.cloud.environment["PIXTAG_TABLE"])
        now = datetime.now(UTC)
        images = [
            replace(
                image(owner, counts=counts),
                id=min_id_at(now - timedelta(minutes=len(names) - number))[:-1] + "1",
                name=name,
                width=400,
                height=300,
            )
            for number, name in enumerate(names)
        ]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(table.save, images))
        self.page.reload()
        return images

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


Visit = Callable[..., Visitor]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start Chromium's headless shell, which has the same engine and takes a third less CPU.

    It is started once per module, because Playwright's event loop would disturb the loops of other tests.
    """
    program = shutil.which("chromium-headless-shell")
    assert program, "The browser tests need Chromium. Install it with: make test"
    quiet = ["background-networking", "component-update", "sync", "quic", "dev-shm-usage"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            chromium_sandbox=False,
            args=[*(f"--disable-{name}" for name in quiet), "--no-first-run"],
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(
    cloud: LocalCloud, chromium: Browser, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
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
                locale="en-GB",
                **options,
            )
            open_contexts.callback(context.close)
            visitors.append(_watched(context, cloud, shots, keeps_screenshots=bool(kept)))
            return visitors[-1]

        yield create
        problems = [problem for visitor in visitors for problem in visitor.problems]
    assert not problems


@pytest.fixture
def ada(visit: Visit) -> Visitor:
    """A signed-in visitor with an empty library."""
    visitor = visit()
    visitor.start()
    return visitor


def _watched(context: BrowserContext, cloud: LocalCloud, shots: Path, *, keeps_screenshots: bool) -> Visitor:
    page = context.new_page()
    visitor = Visitor(cloud, page, f"{uuid4()}@example.com", [], set(), shots, keeps_screenshots)
    hosts = {urlsplit(url).netloc for url in (cloud.api_url, cloud.endpoint_url)}

    def on_console(message: ConsoleMessage) -> None:
        is_expected = any(f"status of {status}" in message.text for status in visitor.expected)
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
    return visitor
