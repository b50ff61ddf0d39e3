import json

import pytest

from app.domain.ids import Rendition
from tests.support.rendered_template import Json, Template
from tests.support.template_resources import OWNER_TOPICS, as_list, get_property, list_statements

ALL_PREFIXES = {*Rendition}
PREFIX_ENDINGS = tuple(f'/{prefix}/*"}}' for prefix in Rendition)
ITEM_ACTIONS = {
    f"dynamodb:{name}" for name in ("BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")
}
OWNER_TOPICS_JSON = json.dumps({"Fn::Sub": OWNER_TOPICS})


def list_allowed_prefixes(resources: Template, role: str, action: str) -> set[str]:
    """Return the prefixes of the bucket for which a role allows an action."""
    allowed = {item for actions, items in list_statements(resources, role) if action in actions for item in items}
    return {item.removeprefix('{"Fn::Sub": "${Bucket.Arn}/').removesuffix('/*"}') for item in allowed}


@pytest.mark.parametrize(
    ("name", "actions", "objects"),
    [("Bucket", "s3:*", [{"Fn::Sub": "${Bucket.Arn}/*"}]), ("Uploads", "sqs:*", []), ("DeadLetters", "sqs:*", [])],
)
def test_policy_denies_requests_without_tls(resources: Template, name: str, actions: str, objects: list[Json]) -> None:
    statements = get_property(resources, f"{name}Policy.PolicyDocument.Statement")

    (denial,) = [statement for statement in statements if statement["Effect"] == "Deny"]
    assert (denial["Principal"], denial["Action"]) == ("*", actions)
    assert as_list(denial["Resource"]) == [{"Fn::GetAtt": [name, "Arn"]}, *objects]
    assert denial["Condition"] == {"Bool": {"aws:SecureTransport": False}}
    attached = get_property(resources, f"{name}Policy").get(
        "Queues", [get_property(resources, f"{name}Policy").get("Bucket")]
    )
    assert attached == [{"Ref": name}]


def test_queue_accepts_messages_only_from_the_bucket(resources: Template) -> None:
    name = get_property(resources, "Bucket.BucketName")["Fn::Sub"]

    allowed, _ = get_property(resources, "UploadsPolicy.PolicyDocument.Statement")

    assert (allowed["Principal"], allowed["Action"]) == ({"Service": "s3.amazonaws.com"}, "sqs:SendMessage")
    assert allowed["Condition"] == {
        "ArnEquals": {"aws:SourceArn": {"Fn::Sub": "arn:${AWS::Partition}:s3:::" + name}},
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
    }


@pytest.mark.parametrize("function", ["Api", "Worker"])
def test_function_has_its_own_role(resources: Template, function: str) -> None:
    role = get_property(resources, f"{function}Function.Role")

    assert role == {"Fn::GetAtt": [f"{function}Role", "Arn"]}
    assert "ManagedPolicyArns" not in get_property(resources, f"{function}Role")


@pytest.mark.parametrize("role", ["ApiRole", "WorkerRole"])
def test_role_has_no_wildcard_actions_or_resources(resources: Template, role: str) -> None:
    actions, items = (set().union(*sets) for sets in zip(*list_statements(resources, role), strict=True))

    assert not [action for action in actions if "*" in action]
    assert [item for item in items if "*" in item and not item.endswith(PREFIX_ENDINGS)] == ['"*"']


@pytest.mark.parametrize("function", ["Api", "Worker"])
def test_role_allows_only_traces_on_all_resources(resources: Template, function: str) -> None:
    unrestricted = [actions for actions, items in list_statements(resources, f"{function}Role") if '"*"' in items]

    assert unrestricted == [{"xray:PutTraceSegments", "xray:PutTelemetryRecords"}]
    assert get_property(resources, f"{function}Function.TracingConfig.Mode") == "Active"


@pytest.mark.parametrize(
    ("role", "action", "prefixes"),
    [
        ("ApiRole", "s3:PutObject", ALL_PREFIXES),
        ("ApiRole", "s3:GetObject", ALL_PREFIXES),
        ("ApiRole", "s3:DeleteObject", ALL_PREFIXES),
        ("WorkerRole", "s3:PutObject", {"originals", "previews", "large-thumbnails", "thumbnails"}),
        ("ApiRole", "s3:AbortMultipartUpload", {"incoming"}),
        ("ApiRole", "s3:ListMultipartUploadParts", {"incoming"}),
        ("WorkerRole", "s3:AbortMultipartUpload", {"incoming"}),
        ("WorkerRole", "s3:GetObject", {"incoming", "originals"}),
        ("WorkerRole", "s3:DeleteObject", ALL_PREFIXES),
    ],
)
def test_role_allows_an_action_only_for_prefixes_of_the_bucket(
    resources: Template, role: str, action: str, prefixes: set[str]
) -> None:
    assert list_allowed_prefixes(resources, role, action) == prefixes


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (
            "ApiRole",
            [
                ({'{"Fn::GetAtt": ["Table", "Arn"]}'}, ITEM_ACTIONS),
                ({'{"Fn::Sub": "${Table.Arn}/index/state"}'}, {"dynamodb:Query"}),
                ({'{"Fn::Sub": "${Table.Arn}/index/listed"}'}, {"dynamodb:Query"}),
            ],
        ),
        (
            "WorkerRole",
            [
                ({'{"Fn::GetAtt": ["Table", "Arn"]}'}, ITEM_ACTIONS | {"dynamodb:BatchWriteItem"}),
                ({'{"Fn::Sub": "${Table.Arn}/index/due"}'}, {"dynamodb:Query"}),
            ],
        ),
    ],
)
def test_role_allows_items_of_the_table_and_queries_of_its_indexes(
    resources: Template, role: str, allowed: list[tuple[set[str], set[str]]]
) -> None:
    allowed_statements = [
        (items, actions) for actions, items in list_statements(resources, role) if "dynamodb:Query" in actions
    ]

    assert allowed_statements == allowed


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (
            "ApiRole",
            {"sns:CreateTopic", "sns:DeleteTopic", "sns:ListSubscriptionsByTopic", "sns:Publish", "sns:Subscribe"},
        ),
        ("WorkerRole", {"sns:DeleteTopic", "sns:ListSubscriptionsByTopic", "sns:Publish"}),
    ],
)
def test_role_allows_its_actions_on_the_topics_of_owners(resources: Template, role: str, expected: set[str]) -> None:
    allowed_statements = [
        (action, items)
        for actions, items in list_statements(resources, role)
        for action in actions
        if action.startswith("sns:")
    ]

    assert {action for action, _ in allowed_statements} == expected
    assert all(items == {OWNER_TOPICS_JSON} for _, items in allowed_statements)


def test_role_allows_subscriptions_only_by_email(resources: Template) -> None:
    conditions = [
        statement.get("Condition")
        for statement in get_property(resources, "ApiRole.Policies.0.PolicyDocument.Statement")
        if "sns:Subscribe" in as_list(statement["Action"])
    ]

    assert conditions == [{"StringEquals": {"sns:Protocol": "email"}}]


def test_role_of_the_api_allows_the_calls_of_accounts_that_need_permissions(resources: Template) -> None:
    allowed_statements = [
        (actions, items)
        for role in ("ApiRole", "WorkerRole")
        for actions, items in list_statements(resources, role)
        if any(action.startswith("cognito-idp:") for action in actions)
    ]

    actions = ("AdminSetUserPassword", "AdminUpdateUserAttributes", "AdminUserGlobalSignOut", "DescribeUserPool")
    expected = {f"cognito-idp:{action}" for action in actions}
    assert allowed_statements == [(expected, {'{"Fn::GetAtt": ["UserPool", "Arn"]}'})]


def test_role_allows_messages_only_to_the_worker(resources: Template) -> None:
    queues = {
        role: [items for actions, items in list_statements(resources, role) if "sqs:ReceiveMessage" in actions]
        for role in ("ApiRole", "WorkerRole")
    }

    assert queues == {"ApiRole": [], "WorkerRole": [{'{"Fn::GetAtt": ["Uploads", "Arn"]}'}]}
