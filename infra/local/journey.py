"""Uses PixTag on emulated AWS as one person does: sign up, upload, tags, search, subscribe, mail."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

import httpx

from infra.local.cloud import LocalCloud
from infra.local.emulator import session
from infra.local.endpoints import SNS, find_endpoint
from infra.local.program import LocalCloudError, wait_until
from infra.local.scenes import scene

SECONDS: Final = 90  # the worker may have to wait for its next schedule

Report = Callable[[str, float], None]


class JourneyFailed(LocalCloudError):
    """A response is not as expected."""


def run_journey(cloud: LocalCloud, report: Report) -> None:
    """Run all steps, and report the name and the seconds of each step that passed.

    Raises:
        JourneyFailed: a response is not as expected.
        TimedOut: a result did not appear in time.
    """
    email = f"{uuid4()}@example.com"
    with ExitStack() as running:
        with _step("sign up", report):
            client = running.enter_context(cloud.person(email))
        with _step("upload", report):
            url = _upload(client, stop_signs=2)
        with _step("tags", report):
            _require({tag["tag"]: tag["count"] for tag in _get(client, url)["tags"]} == {"stop sign": 2}, "the tags")
        with _step("search", report):
            images = _get(client, "/search?q=stop sign>=2")["images"]
            _require([f"/images/{image['id']}" for image in images] == [url], "the images that the search finds")
        with _step("subscribe", report):
            client.post("/subscriptions", json={"query": "clock"}).raise_for_status()
            wait_until(lambda: _is_confirmed(client, cloud), SECONDS, "The e-mail address stays unconfirmed.")
        with _step("mail", report):
            _upload(client, clocks=1)
            wait_until(lambda: _has_mail(cloud, email), SECONDS, "No e-mail arrives.")


@contextmanager
def _step(name: str, report: Report) -> Iterator[None]:
    start = time.monotonic()
    try:
        yield
    except (httpx.HTTPError, LocalCloudError) as error:
        raise JourneyFailed(f"The step `{name}` failed: {error}") from error
    report(name, time.monotonic() - start)


def _require(condition: bool, subject: str) -> None:  # noqa: FBT001 - a condition reads best without a name
    if not condition:
        raise JourneyFailed(f"{subject} are not as expected.")


def _get(client: httpx.Client, url: str) -> dict[str, list[dict[str, Any]]]:
    content: dict[str, list[dict[str, Any]]] = client.get(url).raise_for_status().json()
    return content


def _upload(client: httpx.Client, *, stop_signs: int = 0, clocks: int = 0) -> str:
    """Upload a drawing with a form, wait until the worker has processed it, and return its URL."""
    data = scene(stop_signs=stop_signs, clocks=clocks)
    facts = {"name": "street.png", "type": "image/png", "size": len(data)}
    offer = client.post("/uploads", json=facts).raise_for_status()
    form = offer.json()["form"]
    httpx.post(form["url"], data=form["fields"], files={"file": data}, trust_env=False).raise_for_status()
    url = offer.headers["Location"]
    wait_until(lambda: client.get(url).status_code != HTTPStatus.ACCEPTED, SECONDS, "The image stays pending.")
    return url


def _is_confirmed(client: httpx.Client, cloud: LocalCloud) -> bool:
    """Return whether the mailbox has confirmed its subscription. Emulators list subscriptions as confirmed at once."""
    owner = client.get("/auth/me").raise_for_status().json()["id"]
    sns = session().client("sns", endpoint_url=find_endpoint(SNS, cloud.environment))
    subscriptions = sns.list_subscriptions_by_topic(TopicArn=cloud.environment["PIXTAG_TOPIC_PREFIX"] + owner)
    arns = [subscription["SubscriptionArn"] for subscription in subscriptions["Subscriptions"]]
    if not all(arn.startswith("arn:") for arn in arns):
        return False
    attributes = [sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"] for arn in arns]
    return [one["PendingConfirmation"] for one in attributes] == ["false"]


def _has_mail(cloud: LocalCloud, email: str) -> bool:
    return any(mail.subject == "New photos: clock (1)" for mail in cloud.list_mails(email))
