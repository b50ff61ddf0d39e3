"""A person in front of a real browser, at the real local system. Nothing is mocked, and nothing may go wrong unseen."""

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

from app.adapters.aws.table import Table
from app.domain.ids import min_id_at
from app.domain.images import Image
from infra.local import emulator
from infra.local.cloud import LocalCloud
from infra.local.emulator import confirmation_code
from tests.conftest import image

AXE = Path(__file__).parents[2] / "static" / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "a laptop holds no secrets"
DESKTOP, TABLET, PHONE = (1440, 900), (768, 1024), (390, 844)
SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
SECONDS = 40
MOST_TABS = 60
TYPES = {".png": "image/png", ".heic": "image/heic"}
DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"

for_everybody = pytest.mark.parametrize("size", [DESKTOP, TABLET, PHONE], ids=["desktop", "tablet", "phone"])

expect.set_options(timeout=SECONDS * 1000)


@dataclass
class Visitor:
    """Somebody with a browser of their own: `page` is its only tab; `shot` keeps a picture of it.

    Whatever the browser complains of fails the test when it ends, but for answers of the statuses in `expected`, and
    for requests that could not be sent while the visitor was offline.
    """

    cloud: LocalCloud
    page: Page
    email: str
    complaints: list[str]
    expected: set[int]
    shots: Path
    was_offline: bool = False

    def go(self, path: str) -> None:
        """Open a path of the UI, as from the address bar."""
        self.page.goto(self.cloud.api_url + path)

    def register(self) -> None:
        """Create an account through the UI, confirm it with the mailed code, and be signed in."""
        self.go("/register")
        self.fill_in_registration()

    def fill_in_registration(self) -> None:
        """Do as the page for it asks, and be signed in."""
        self.ask_for_an_account(PASSWORD)
        self.confirm()
        expect(self.page.get_by_role("link", name="Your account")).to_be_visible()

    def ask_for_an_account(self, password: str) -> None:
        """Say who one is on the page for it."""
        self.page.get_by_label("Given name").fill("Ada")
        self.page.get_by_label("Family name").fill("Lovelace")
        self.page.get_by_label("E-mail address").fill(self.email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Create account").click()

    def confirm(self) -> None:
        """Enter the mailed code."""
        self.page.get_by_label("Code").wait_for()
        self.page.get_by_label("Code").fill(confirmation_code(self.cloud.endpoint_url, self.email))
        self.page.get_by_role("button", name="Confirm address").click()

    def arrive(self) -> None:
        """Have an account, made without the UI, and be signed in with an empty library before you."""
        names = {"given_name": "Ada", "family_name": "Lovelace"}
        login = {"email": self.email, "password": PASSWORD}
        self._post("/auth/register", login | names)
        self._post(
            "/auth/confirm", {"email": self.email, "code": confirmation_code(self.cloud.endpoint_url, self.email)}
        )
        self._post("/auth/session", login)
        self.go("/health")  # the quickest page of the same origin
        self.page.evaluate("localStorage.setItem('pixtag:signed-in', '1')")
        self.go("/")
        expect(self.page.get_by_role("link", name="Your account")).to_be_visible()

    def _post(self, path: str, body: dict[str, str]) -> None:
        """Send what the UI would send; what is set by cookie is this browser's."""
        answer = self.page.context.request.post(self.cloud.api_url + path, data=body, headers={"X-PixTag": "1"})
        assert answer.ok, answer.text()

    def sign_in(self) -> None:
        """Sign in on the page that asks for it."""
        self.page.get_by_label("E-mail address").fill(self.email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("link", name="Your account")).to_be_visible()

    @contextmanager
    def offline(self) -> Iterator[None]:
        """As long as it lasts, nothing can be reached."""
        self.was_offline = True
        self.page.context.set_offline(True)
        yield
        self.page.context.set_offline(False)

    def tab_to(self, target: Locator) -> None:
        """Press Tab until the focus is there, as who has no mouse does."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if target.evaluate("one => one === document.activeElement"):
                return
        pytest.fail(f"Tab does not lead to {target}.")

    def upload(self, *files: tuple[str, bytes]) -> None:
        """Choose files with the file picker; those whose name ends otherwise are text."""
        payloads: list[FilePayload] = [
            {"name": name, "mimeType": TYPES.get(Path(name).suffix, "text/plain"), "buffer": data}
            for name, data in files
        ]
        self.page.get_by_label("Photos to upload").set_input_files(payloads)

    def tile(self, name: str) -> Any:
        """The tile of a file in the library, by how it is read out."""
        return self.page.get_by_role("link", name=name)

    def fill(self, *names: str, **counts: int) -> list[Image]:
        """Put images without pictures into the library, a minute apart, the last one the newest; each shows so much."""
        self.expected = {404}
        with self.page.expect_request("**/images?*") as asked:
            self.page.reload()
        payload = asked.value.headers["authorization"].split(".")[1]
        owner = json.loads(base64.urlsafe_b64decode(payload + "=="))["sub"]
        client = emulator.session().client("dynamodb", endpoint_url=self.cloud.endpoint_url)
        table = Table(client, self.cloud.environment["PIXTAG_TABLE"])
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
        """What axe-core finds wrong with the page as it is now: rules of WCAG 2.2 A and AA, and best practice."""
        # Not wait_for_function: when it has to wait it evaluates text in the page, which the page's policy forbids.
        self.page.evaluate("Promise.allSettled(document.getAnimations().map((one) => one.finished)).then(() => {})")
        if not self.page.evaluate("'axe' in window"):
            # In the page's own world, as its content security policy lets no other script in.
            self.page.evaluate(AXE.read_text() + "; undefined")
        found = self.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        return [
            f"{violation['id']}: {json.dumps([node['html'] for node in violation['nodes']][:3])}"
            for violation in found["violations"]
        ]

    def look(self, name: str) -> None:
        """Keep pictures of what is to be seen now in both schemes, and complain of what not everybody could use."""
        width = self.page.evaluate("innerWidth")
        for scheme in SCHEMES:
            self.page.emulate_media(color_scheme=scheme)
            self.page.evaluate(DRAWN)
            self.shot(f"{name}-{width}-{scheme}")
            self.complaints += [f"{name} at {width} px, {scheme}: {flaw}" for flaw in self._violations()]
        if self.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            self.complaints.append(f"{name} at {width} px scrolls sideways.")

    def shot(self, name: str) -> None:
        """Keep a picture of what is to be seen now."""
        self.page.screenshot(path=self.shots / f"{name}.png")


Visit = Callable[..., Visitor]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium. It is one for a module: Playwright's event loop would be in the way of others' for longer."""
    program = shutil.which("chromium")
    assert program, "The tests of the web UI need Chromium: make test installs it."
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
    """Each call is a new visitor; the viewport can be chosen."""
    shots = Path(request.config.getoption("--shots") or tmp_path_factory.mktemp("shots"))
    visitors: list[Visitor] = []
    with ExitStack() as open_contexts:

        def come(size: tuple[int, int] = DESKTOP, **options: Any) -> Visitor:
            context = chromium.new_context(
                viewport={"width": size[0], "height": size[1]},
                is_mobile=size == PHONE,
                has_touch=size == PHONE,
                reduced_motion="reduce",
                locale="en-GB",
                **options,
            )
            open_contexts.callback(context.close)
            visitors.append(_watched(context, cloud, shots))
            return visitors[-1]

        yield come
        complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    assert not complaints


@pytest.fixture
def ada(visit: Visit) -> Visitor:
    """Somebody who is signed in, with an empty library."""
    visitor = visit()
    visitor.arrive()
    return visitor


def _watched(context: BrowserContext, cloud: LocalCloud, shots: Path) -> Visitor:
    page = context.new_page()
    visitor = Visitor(cloud, page, f"{uuid4()}@example.com", [], set(), shots)
    hosts = {urlsplit(url).netloc for url in (cloud.api_url, cloud.endpoint_url)}

    def hear(message: ConsoleMessage) -> None:
        is_expected = any(f"status of {status}" in message.text for status in visitor.expected)
        is_expected |= visitor.was_offline and "ERR_INTERNET_DISCONNECTED" in message.text
        if message.type in {"error", "warning"} and not is_expected:
            visitor.complaints.append(f"{message.type} on {page.url}: {message.text} {message.location}")

    def fail(error: Error) -> None:
        visitor.complaints.append(f"{page.url}: {error.stack}")

    def ask(request: Request) -> None:
        if not request.url.startswith("blob:") and urlsplit(request.url).netloc not in hosts:
            visitor.complaints.append(f"{page.url} asked {request.url}")

    page.on("console", hear)
    page.on("pageerror", fail)
    page.on("request", ask)
    return visitor
