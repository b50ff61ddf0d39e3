from dataclasses import replace
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import Stubber
from fastapi.testclient import TestClient

from app import wiring
from app.adapters.aws.subscriptions import MAX_SUBSCRIPTIONS, Subscriptions
from app.adapters.aws.table import Table
from app.adapters.aws.topics import Topics
from app.adapters.aws.user_pool import Account, UserPool
from app.main import app
from tests.support.aws import TABLE_NAME
from tests.support.fakes import image
from tests.support.tokens import SETTINGS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_sns.client import SNSClient


class KnowsAda(UserPool):
    """A pool in which every token is Ada's."""

    def __init__(self) -> None:
        """Stand for no pool of Cognito's."""

    def get_account(self, access_token: str) -> Account:
        return Account("ada@example.com", "Ada", "Lovelace", email_verified=True)


@pytest.fixture(autouse=True)
def wired(dynamodb: "DynamoDBClient", client: TestClient) -> None:
    topics = Topics(boto3.client("sns"), SETTINGS.topic_prefix)
    app.dependency_overrides |= {
        wiring.subscriptions: lambda: Subscriptions(dynamodb, TABLE_NAME),
        wiring.topics: lambda: topics,
        wiring.user_pool: KnowsAda,
    }


def subscribe(client: TestClient, query: str) -> dict[str, object]:
    answer: dict[str, object] = client.post("/subscriptions", json={"query": query}).raise_for_status().json()
    return answer


def test_a_subscription_tells_what_it_would_have_brought(client: TestClient, table: Table, owner: str) -> None:
    for count in (1, 2, 3):
        table.save(image(owner, dog=count))
    table.save(replace(image(owner, dog=3), id="0" * 26))  # of 1970

    made = client.post("/subscriptions", json={"query": "Dog >= 2"})

    assert made.status_code == 201
    assert made.json()["query"] == "dog>=2"
    assert (made.json()["matched"], made.json()["matched_more"]) == (2, False)
    assert client.get(made.headers["Location"]).json() == made.json()
    assert client.get("/subscriptions").json()["subscriptions"] == [made.json()]


@pytest.mark.parametrize(("url", "shown"), [("", None), ("http://127.0.0.1:4577", "http://127.0.0.1:4577/mailbox")])
def test_only_a_laptop_has_a_place_where_its_mail_is_shown(client: TestClient, url: str, shown: str | None) -> None:
    app.dependency_overrides[wiring.settings] = lambda: SETTINGS.model_copy(update={"mailbox_url": url})

    assert client.get("/subscriptions").json()["mailbox"] == shown


def test_nobody_gets_mail_before_subscribing_and_confirming(client: TestClient) -> None:
    assert client.get("/subscriptions").json() == {"email": "none", "mailbox": None, "subscriptions": []}

    subscribe(client, "dog")

    assert client.get("/subscriptions").json()["email"] in {"pending", "confirmed"}  # moto confirms at once


@pytest.mark.parametrize(
    ("arn", "email"),
    [("PendingConfirmation", "pending"), ("Deleted", "none"), ("arn:aws:sns:us-east-1:123456789012:a:1", "confirmed")],
)
def test_whether_mail_waits_to_be_confirmed_or_was_ended_is_told(
    client: TestClient, sns: "SNSClient", arn: str, email: str
) -> None:
    topics = Topics(sns, SETTINGS.topic_prefix)
    app.dependency_overrides[wiring.topics] = lambda: topics
    with Stubber(sns) as stub:
        stub.add_response("list_subscriptions_by_topic", {"Subscriptions": [{"SubscriptionArn": arn}]})

        assert client.get("/subscriptions").json()["email"] == email


def test_subscribing_twice_is_one_subscription(client: TestClient) -> None:
    assert subscribe(client, "dog, after:2026-01-31") == subscribe(client, "DOG,  after:2026-01-31")
    assert len(client.get("/subscriptions").json()["subscriptions"]) == 1


def test_a_subscription_ends(client: TestClient) -> None:
    made = subscribe(client, "dog")

    assert client.delete(f"/subscriptions/{made['id']}").status_code == 204
    assert client.delete(f"/subscriptions/{made['id']}").status_code == 404
    assert client.get(f"/subscriptions/{made['id']}").status_code == 404


@pytest.mark.parametrize(
    "body", [{"query": ""}, {"query": "dog,"}, {"query": "x" * 1001}, {}, {"query": "a", "email": "x"}]
)
def test_what_is_no_query_is_refused(client: TestClient, body: dict[str, str]) -> None:
    assert client.post("/subscriptions", json=body).status_code == 422


def test_there_is_a_limit(client: TestClient, owner: str, dynamodb: "DynamoDBClient") -> None:
    for number in range(MAX_SUBSCRIPTIONS):
        dynamodb.put_item(
            TableName=TABLE_NAME,
            Item={
                "pk": {"S": f"U#{owner}"},
                "sk": {"S": f"SUB#{number}"},
                "query": {"S": f"tag {number}"},
                "created_at": {"S": "2026-11-22T00:00:00+00:00"},
            },
        )

    answer = client.post("/subscriptions", json={"query": "dog"})

    assert answer.status_code == 422
    assert "at most 100" in answer.json()["detail"]
