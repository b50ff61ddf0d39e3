import json
from collections.abc import Iterator
from functools import reduce
from importlib import import_module
from typing import Any

import pytest
from cfnlint.api import ManualArgs, lint
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from app.settings import Settings
from app.worker import MAX_RECEIVES
from infra.emulator import TEMPLATE, variable

DAY_SECONDS = 24 * 60 * 60
VARIABLES = {f"PIXTAG_{name.upper()}" for name in Settings.model_fields}
WITHIN_BUCKET = tuple(f'/{prefix}/*"}}' for prefix in ("incoming", "originals", "previews", "thumbnails"))
TOPIC_PREFIX = "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:${AWS::StackName}-"
TOPICS = json.dumps({"Fn::Sub": f"{TOPIC_PREFIX}*"})
ROW_ACTIONS = {f"dynamodb:{name}" for name in ("DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")}

Json = Any
Template = dict[str, Json]


@pytest.fixture(scope="module")
def template() -> Template:
    """The template as CloudFormation gets to see it: after the SAM transform."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        source = yaml_parse(TEMPLATE.read_text())
        rendered: Template = Translator({}, Parser()).translate(source, {"Compute": "true", "ImageUri": "image"})
    return rendered


@pytest.fixture(scope="module")
def resources(template: Template) -> Template:
    found: Template = template["Resources"]
    return found


def properties(resources: Template, path: str) -> Json:
    name, *keys = path.split(".")
    return reduce(lambda value, key: value[int(key) if key.isdigit() else key], keys, resources[name]["Properties"])


def statements(resources: Template, role: str) -> Iterator[tuple[set[str], set[str]]]:
    """Yield the actions and the resources, as JSON, of each statement of a role."""
    for policy in properties(resources, f"{role}.Policies"):
        for statement in policy["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            yield set(listed(statement["Action"])), {json.dumps(item) for item in listed(statement["Resource"])}


def listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def allowed_prefixes(resources: Template, role: str, action: str) -> set[str]:
    """Return the prefixes of the bucket in which a role may do `action`."""
    allowed = {item for actions, items in statements(resources, role) if action in actions for item in items}
    return {item.removeprefix('{"Fn::Sub": "${Bucket.Arn}/').removesuffix('/*"}') for item in allowed}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Bucket.PublicAccessBlockConfiguration.BlockPublicAcls", True),
        ("Bucket.PublicAccessBlockConfiguration.BlockPublicPolicy", True),
        ("Bucket.PublicAccessBlockConfiguration.IgnorePublicAcls", True),
        ("Bucket.PublicAccessBlockConfiguration.RestrictPublicBuckets", True),
        ("Bucket.OwnershipControls.Rules", [{"ObjectOwnership": "BucketOwnerEnforced"}]),
        ("Bucket.VersioningConfiguration.Status", "Enabled"),
        ("Bucket.CorsConfiguration.CorsRules.0.AllowedMethods", ["GET", "POST"]),
        ("Table.BillingMode", "PAY_PER_REQUEST"),
        ("Table.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled", True),
        ("Table.DeletionProtectionEnabled", True),
        ("Table.TimeToLiveSpecification", {"AttributeName": "expires_at", "Enabled": True}),
        ("UserPool.DeletionProtection", "ACTIVE"),
        ("UserPool.UsernameAttributes", ["email"]),
        ("UserPool.UsernameConfiguration.CaseSensitive", False),
        ("UserPool.AutoVerifiedAttributes", ["email"]),
        ("Client.GenerateSecret", False),
        ("Client.ExplicitAuthFlows", ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]),
        ("Client.PreventUserExistenceErrors", "ENABLED"),
        ("Client.EnableTokenRevocation", True),
        ("Uploads.SqsManagedSseEnabled", True),
        ("Uploads.RedrivePolicy.maxReceiveCount", MAX_RECEIVES),
        ("Uploads.RedrivePolicy.deadLetterTargetArn", {"Fn::GetAtt": ["DeadLetters", "Arn"]}),
        ("DeadLetters.SqsManagedSseEnabled", True),
        ("DeadLetters.MessageRetentionPeriod", 14 * DAY_SECONDS),
        ("WorkerFunctionUpload.EventSourceArn", {"Fn::GetAtt": ["Uploads", "Arn"]}),
        ("WorkerFunctionUpload.BatchSize", 1),
        ("WorkerFunctionUpload.FunctionResponseTypes", ["ReportBatchItemFailures"]),
        ("WorkerFunctionUpload.ScalingConfig.MaximumConcurrency", 10),
        ("WorkerFunctionMinute.ScheduleExpression", "rate(1 minute)"),
        ("ApiRoute.RouteKey", "$default"),
        ("ApiStage.StageName", "$default"),
        ("ApiStage.DefaultRouteSettings", {"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 200}),
        ("ApiIntegration.PayloadFormatVersion", "2.0"),
    ],
)
def test_a_property_is_set(resources: Template, path: str, expected: object) -> None:
    assert properties(resources, path) == expected


def test_cfn_lint_finds_nothing_after_the_sam_transform(template: Template) -> None:
    assert lint(json.dumps(template), config=ManualArgs(regions=["us-east-1"])) == []


@pytest.mark.parametrize("name", ["Bucket", "Table", "UserPool"])
def test_what_holds_data_outlives_the_stack(resources: Template, name: str) -> None:
    assert resources[name]["DeletionPolicy"] == resources[name]["UpdateReplacePolicy"] == "Retain"


def test_the_bucket_encrypts(resources: Template) -> None:
    rules = properties(resources, "Bucket.BucketEncryption.ServerSideEncryptionConfiguration")

    assert rules == [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]


@pytest.mark.parametrize("policy", ["BucketPolicy", "UploadsPolicy"])
def test_nothing_is_reached_without_tls(resources: Template, policy: str) -> None:
    denials = [s for s in properties(resources, f"{policy}.PolicyDocument.Statement") if s["Effect"] == "Deny"]

    assert [(denial["Principal"], denial["Condition"]) for denial in denials] == [
        ("*", {"Bool": {"aws:SecureTransport": False}})
    ]


def test_uploads_outlive_their_messages(resources: Template) -> None:
    uploads, _ = properties(resources, "Bucket.LifecycleConfiguration.Rules")
    kept = properties(resources, "DeadLetters.MessageRetentionPeriod")

    assert (uploads["Prefix"], uploads["Status"]) == ("incoming/", "Enabled")
    assert uploads["ExpirationInDays"] * DAY_SECONDS > kept


def test_old_versions_and_broken_off_uploads_expire(resources: Template) -> None:
    _, everything = properties(resources, "Bucket.LifecycleConfiguration.Rules")

    assert everything == {
        "Id": "old-versions-expire",
        "Status": "Enabled",
        "Prefix": "",
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
    }


def test_only_uploads_are_notified(resources: Template) -> None:
    (notification,) = properties(resources, "Bucket.NotificationConfiguration.QueueConfigurations")

    assert notification == {
        "Event": "s3:ObjectCreated:*",
        "Queue": {"Fn::GetAtt": ["Uploads", "Arn"]},
        "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": "incoming/"}]}},
    }


def test_only_our_bucket_may_notify_the_queue(resources: Template) -> None:
    name = properties(resources, "Bucket.BucketName")["Fn::Sub"]

    allowed, _ = properties(resources, "UploadsPolicy.PolicyDocument.Statement")

    assert (allowed["Principal"], allowed["Action"]) == ({"Service": "s3.amazonaws.com"}, "sqs:SendMessage")
    assert allowed["Condition"] == {
        "ArnEquals": {"aws:SourceArn": {"Fn::Sub": "arn:${AWS::Partition}:s3:::" + name}},
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
    }


def test_the_table_has_its_keys_and_the_index_of_what_is_due(resources: Template) -> None:
    types = {
        item["AttributeName"]: item["AttributeType"] for item in properties(resources, "Table.AttributeDefinitions")
    }
    (index,) = properties(resources, "Table.GlobalSecondaryIndexes")

    assert types == {"pk": "S", "sk": "S", "due_shard": "S", "due_at": "N"}
    assert [key["AttributeName"] for key in properties(resources, "Table.KeySchema")] == ["pk", "sk"]
    assert index["IndexName"] == "due"
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["due_shard", "due_at"]


def test_passwords_have_at_least_12_characters(resources: Template) -> None:
    assert properties(resources, "UserPool.Policies.PasswordPolicy.MinimumLength") >= 12


def test_access_tokens_live_an_hour_and_refresh_tokens_a_month(resources: Template) -> None:
    client = properties(resources, "Client.TokenValidityUnits")

    assert client == {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "days"}
    assert properties(resources, "Client.AccessTokenValidity") == 60
    assert properties(resources, "Client.RefreshTokenValidity") == 30


def test_a_message_is_invisible_for_six_times_the_workers_time_out(resources: Template) -> None:
    timeout = properties(resources, "WorkerFunction.Timeout")

    assert properties(resources, "Uploads.VisibilityTimeout") >= 6 * timeout


def test_a_dead_letter_raises_an_alarm(resources: Template) -> None:
    alarm = properties(resources, "DeadLettersAlarm.Dimensions")

    assert alarm == [{"Name": "QueueName", "Value": {"Fn::GetAtt": ["DeadLetters", "QueueName"]}}]
    assert properties(resources, "DeadLettersAlarm.MetricName") == "ApproximateNumberOfMessagesVisible"
    assert properties(resources, "DeadLettersAlarm.ComparisonOperator") == "GreaterThanThreshold"
    assert properties(resources, "DeadLettersAlarm.Threshold") == 0


@pytest.mark.parametrize(("function", "entry"), [("Api", "app.main.handler"), ("Worker", "app.worker.handler")])
def test_a_function_runs_a_handler_that_is_there(resources: Template, function: str, entry: str) -> None:
    module, name = entry.rsplit(".", 1)

    assert properties(resources, f"{function}Function.ImageConfig.Command") == [entry]
    assert callable(getattr(import_module(module), name))


@pytest.mark.parametrize("function", ["Api", "Worker"])
def test_a_function_is_told_exactly_the_settings(resources: Template, function: str) -> None:
    lines_and_metrics = {"POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME"}

    assert properties(resources, f"{function}Function.Environment.Variables").keys() == VARIABLES | lines_and_metrics


@pytest.mark.parametrize("function", ["Api", "Worker"])
def test_a_functions_metrics_are_the_stacks_under_its_name(resources: Template, function: str) -> None:
    variables = properties(resources, f"{function}Function.Environment.Variables")

    assert variables["POWERTOOLS_METRICS_NAMESPACE"] == {"Ref": "AWS::StackName"}
    assert variables["POWERTOOLS_SERVICE_NAME"] == function.lower()


@pytest.mark.parametrize("function", ["Api", "Worker"])
def test_a_functions_log_is_its_own_and_ends(resources: Template, function: str) -> None:
    assert properties(resources, f"{function}Function.LoggingConfig.LogGroup") == {"Ref": f"{function}Logs"}
    assert properties(resources, f"{function}Logs.RetentionInDays") == 30


@pytest.mark.parametrize("function", ["Api", "Worker"])
def test_a_function_has_a_role_of_its_own(resources: Template, function: str) -> None:
    role = properties(resources, f"{function}Function.Role")

    assert role == {"Fn::GetAtt": [f"{function}Role", "Arn"]}
    assert "ManagedPolicyArns" not in properties(resources, f"{function}Role")


@pytest.mark.parametrize("role", ["ApiRole", "WorkerRole"])
def test_a_role_names_its_actions_and_resources(resources: Template, role: str) -> None:
    actions, items = (set().union(*sets) for sets in zip(*statements(resources, role), strict=True))

    assert not [action for action in actions if "*" in action]
    assert not [item for item in items - {TOPICS} if "*" in item and not item.endswith(WITHIN_BUCKET)]


@pytest.mark.parametrize(
    ("role", "action", "prefixes"),
    [
        ("ApiRole", "s3:PutObject", {"incoming", "originals", "previews", "thumbnails"}),
        ("ApiRole", "s3:GetObject", {"incoming", "originals", "previews", "thumbnails"}),
        ("ApiRole", "s3:DeleteObject", {"incoming", "originals", "previews", "thumbnails"}),
        ("WorkerRole", "s3:PutObject", {"originals", "previews", "thumbnails"}),
        ("WorkerRole", "s3:GetObject", {"incoming", "originals"}),
        ("WorkerRole", "s3:DeleteObject", {"incoming", "originals", "previews", "thumbnails"}),
    ],
)
def test_a_role_reaches_the_bucket_by_prefix(resources: Template, role: str, action: str, prefixes: set[str]) -> None:
    assert allowed_prefixes(resources, role, action) == prefixes


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("ApiRole", [({'{"Fn::GetAtt": ["Table", "Arn"]}'}, ROW_ACTIONS)]),
        (
            "WorkerRole",
            [
                ({'{"Fn::GetAtt": ["Table", "Arn"]}'}, ROW_ACTIONS),
                ({'{"Fn::Sub": "${Table.Arn}/index/due"}'}, {"dynamodb:Query"}),
            ],
        ),
    ],
)
def test_a_role_reads_and_writes_rows_and_only_the_worker_asks_what_is_due(
    resources: Template, role: str, allowed: list[tuple[set[str], set[str]]]
) -> None:
    granted = [(items, actions) for actions, items in statements(resources, role) if "dynamodb:Query" in actions]

    assert granted == allowed


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("ApiRole", {"sns:CreateTopic", "sns:DeleteTopic", "sns:ListSubscriptionsByTopic", "sns:Subscribe"}),
        ("WorkerRole", {"sns:DeleteTopic", "sns:ListSubscriptionsByTopic", "sns:Publish"}),
    ],
)
def test_a_role_does_with_our_topics_what_is_its_part(resources: Template, role: str, expected: set[str]) -> None:
    granted = [
        (action, items)
        for actions, items in statements(resources, role)
        for action in actions
        if action.startswith("sns:")
    ]

    assert {action for action, _ in granted} == expected
    assert all(items == {TOPICS} for _, items in granted)


def test_nothing_but_e_mail_is_subscribed_to_a_topic(resources: Template) -> None:
    conditions = [
        statement.get("Condition")
        for statement in properties(resources, "ApiRole.Policies.0.PolicyDocument.Statement")
        if "sns:Subscribe" in listed(statement["Action"])
    ]

    assert conditions == [{"StringEquals": {"sns:Protocol": "email"}}]


def test_of_the_user_pool_the_api_reads_only_its_rules(resources: Template) -> None:
    granted = [
        (actions, items)
        for role in ("ApiRole", "WorkerRole")
        for actions, items in statements(resources, role)
        if any(action.startswith("cognito-idp:") for action in actions)
    ]

    assert granted == [({"cognito-idp:DescribeUserPool"}, {'{"Fn::GetAtt": ["UserPool", "Arn"]}'})]


@pytest.mark.parametrize("function", ["Api", "Worker"])
def test_a_function_mails_by_sns_and_links_to_the_ui(resources: Template, function: str) -> None:
    variables = properties(resources, f"{function}Function.Environment.Variables")

    assert variables["PIXTAG_TOPIC_PREFIX"] == {"Fn::Sub": TOPIC_PREFIX}
    assert not variables["PIXTAG_MAILBOX_URL"]
    assert variables["PIXTAG_UI_URL"] == {"Fn::GetAtt": ["Api", "ApiEndpoint"]}


def test_only_the_worker_takes_messages(resources: Template) -> None:
    received = {
        role: [items for actions, items in statements(resources, role) if "sqs:ReceiveMessage" in actions]
        for role in ("ApiRole", "WorkerRole")
    }

    assert received == {"ApiRole": [], "WorkerRole": [{'{"Fn::GetAtt": ["Uploads", "Arn"]}'}]}


def test_without_compute_only_what_holds_data_is_left(resources: Template) -> None:
    left = {resource["Type"].split("::")[1] for resource in resources.values() if "Condition" not in resource}

    assert left == {"S3", "DynamoDB", "Cognito", "SQS", "CloudWatch"}


def test_the_outputs_name_every_setting_but_a_laptops_addresses_and_what_stands_beside_them(template: Template) -> None:
    addresses = {"PIXTAG_MAILBOX_URL", "PIXTAG_UI_URL"}

    assert {variable(name) for name in template["Outputs"]} == VARIABLES - addresses | {
        "PIXTAG_API_URL",
    }
