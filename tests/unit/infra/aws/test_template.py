import json
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import reduce
from importlib import import_module

import pytest
from cfnlint.api import ManualArgs, lint
from samtranslator.yaml_helper import yaml_parse

from app.api import origin_check
from app.settings import Settings
from app.worker import TRIES
from infra.local.emulator import TEMPLATE, variable
from tests.support.rendered_template import Json, Template, render, transform

DAY_SECONDS = 24 * 60 * 60
VARIABLES = {f"PIXTAG_{name.upper()}" for name in Settings.model_fields}
WITHIN_BUCKET = tuple(f'/{prefix}/*"}}' for prefix in ("incoming", "originals", "previews", "thumbnails"))
TOPIC_PREFIX = "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:${AWS::StackName}-"
TOPICS = json.dumps({"Fn::Sub": TOPIC_PREFIX + "-".join("?" * length for length in (8, 4, 4, 4, 12))})
SIGNS = {"GreaterThanThreshold": ">", "GreaterThanOrEqualToThreshold": ">=", "LessThanThreshold": "<"}
METRICS = {"ImagesTagged", "ImagesFailed", "ObjectsFound", "ReadSeconds", "DecodeSeconds", "DetectSeconds"} | {
    "EncodeSeconds",
    "WriteSeconds",
    "OutboxAge",
}
# A table, a bucket and a user pool are made anew when one of these changes.
REPLACING = {
    "BucketName",
    "KeySchema",
    "LocalSecondaryIndexes",
    "ImportSourceSpecification",
    "TableName",
    "AliasAttributes",
    "UsernameAttributes",
    "UsernameConfiguration",
    "Schema",
}
ROW_ACTIONS = {f"dynamodb:{name}" for name in ("DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")}


@pytest.fixture(scope="module")
def resources() -> Template:
    """What is deployed when nothing optional is asked for."""
    return deployed()


def deployed(**parameters: str) -> Template:
    found: Template = render(**parameters)["Resources"]
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
        ("UserPool.UserAttributeUpdateSettings", {"AttributesRequireVerificationBeforeUpdate": ["email"]}),
        ("Client.GenerateSecret", False),
        ("Client.ExplicitAuthFlows", ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]),
        ("Client.PreventUserExistenceErrors", "ENABLED"),
        ("Client.EnableTokenRevocation", True),
        ("Uploads.SqsManagedSseEnabled", True),
        ("Uploads.RedrivePolicy.maxReceiveCount", TRIES + 1),
        ("Uploads.RedrivePolicy.deadLetterTargetArn", {"Fn::GetAtt": ["DeadLetters", "Arn"]}),
        ("DeadLetters.SqsManagedSseEnabled", True),
        ("DeadLetters.MessageRetentionPeriod", 14 * DAY_SECONDS),
        ("WorkerFunctionUpload.EventSourceArn", {"Fn::GetAtt": ["Uploads", "Arn"]}),
        ("WorkerFunctionUpload.BatchSize", 1),
        ("WorkerFunctionUpload.FunctionResponseTypes", ["ReportBatchItemFailures"]),
        ("WorkerFunctionUpload.ScalingConfig.MaximumConcurrency", 5),
        ("WorkerFunctionMinute.ScheduleExpression", "rate(1 minute)"),
        ("ApiRoute.RouteKey", "$default"),
        ("ApiStage.StageName", "$default"),
        ("ApiStage.DefaultRouteSettings", {"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 200}),
        ("ApiIntegration.PayloadFormatVersion", "2.0"),
    ],
)
def test_a_property_is_set(resources: Template, path: str, expected: object) -> None:
    assert properties(resources, path) == expected


def test_cfn_lint_finds_nothing_after_the_sam_transform() -> None:
    assert lint(json.dumps(transform()), config=ManualArgs(regions=["us-east-1"])) == []


@pytest.mark.parametrize(
    ("name", "policy"),
    [
        ("Bucket", "RetainExceptOnCreate"),
        ("BucketPolicy", "RetainExceptOnCreate"),
        ("Table", "Retain"),
        ("UserPool", "Retain"),
    ],
)
def test_what_holds_data_outlives_the_stack(resources: Template, name: str, policy: str) -> None:
    assert (resources[name]["DeletionPolicy"], resources[name]["UpdateReplacePolicy"]) == (policy, "Retain")


def test_the_bucket_encrypts(resources: Template) -> None:
    rules = properties(resources, "Bucket.BucketEncryption.ServerSideEncryptionConfiguration")

    assert rules == [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]


@pytest.mark.parametrize(
    ("name", "actions", "within"),
    [("Bucket", "s3:*", [{"Fn::Sub": "${Bucket.Arn}/*"}]), ("Uploads", "sqs:*", []), ("DeadLetters", "sqs:*", [])],
)
def test_nothing_is_reached_without_tls(resources: Template, name: str, actions: str, within: list[Json]) -> None:
    denials = [s for s in properties(resources, f"{name}Policy.PolicyDocument.Statement") if s["Effect"] == "Deny"]

    (denial,) = denials
    assert (denial["Principal"], denial["Action"]) == ("*", actions)
    assert listed(denial["Resource"]) == [{"Fn::GetAtt": [name, "Arn"]}, *within]
    assert denial["Condition"] == {"Bool": {"aws:SecureTransport": False}}
    attached = properties(resources, f"{name}Policy").get(
        "Queues", [properties(resources, f"{name}Policy").get("Bucket")]
    )
    assert attached == [{"Ref": name}]


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
        "ExpiredObjectDeleteMarker": True,
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


@pytest.mark.parametrize(
    ("alarm", "metric", "of", "condition"),
    [
        (
            "DeadLetters",
            "AWS/SQS ApproximateNumberOfMessagesVisible",
            ("QueueName", {"Fn::GetAtt": ["DeadLetters", "QueueName"]}),
            "Maximum > 0",
        ),
        (
            "OldestMessage",
            "AWS/SQS ApproximateAgeOfOldestMessage",
            ("QueueName", {"Fn::GetAtt": ["Uploads", "QueueName"]}),
            "Maximum > 1800",
        ),
        ("WorkerErrors", "AWS/Lambda Errors", ("FunctionName", {"Ref": "WorkerFunction"}), "Sum > 0"),
        ("WorkerStopped", "AWS/Lambda Invocations", ("FunctionName", {"Ref": "WorkerFunction"}), "Sum < 1"),
        ("Outbox", "{'Ref': 'AWS::StackName'} OutboxAge", ("service", "worker"), "Maximum > 900"),
        ("ApiErrors", "AWS/ApiGateway 5xx", ("ApiId", {"Ref": "Api"}), "Sum >= 5"),
    ],
)
def test_an_alarm_is_raised(
    resources: Template, alarm: str, metric: str, of: tuple[str, object], condition: str
) -> None:
    said = resources[f"{alarm}Alarm"]["Properties"]

    assert f"{said['Namespace']} {said['MetricName']}" == metric
    assert [(item["Name"], item["Value"]) for item in said["Dimensions"]] == [of]
    assert (said["Period"], said["EvaluationPeriods"]) == (300, 1)
    assert f"{said['Statistic']} {SIGNS[said['ComparisonOperator']]} {said['Threshold']}" == condition
    assert said["TreatMissingData"] == ("breaching" if alarm == "WorkerStopped" else "notBreaching")


def test_no_message_fails_for_long_enough_to_raise_the_alarm_of_the_oldest(resources: Template) -> None:
    # SQS counts a message's age until it was received three times.
    failing = 3 * properties(resources, "Uploads.VisibilityTimeout")

    assert properties(resources, "OldestMessageAlarm.Threshold") > failing


def alarms(resources: Template) -> dict[str, Template]:
    found = {name: resource for name, resource in resources.items() if resource["Type"] == "AWS::CloudWatch::Alarm"}
    return {name: resource["Properties"] for name, resource in found.items()}


def test_whoever_wants_alarms_gets_them_all_by_mail_and_their_end() -> None:
    resources = deployed(AlarmEmail="ada@example.com")

    told = [(alarm["AlarmActions"], alarm["OKActions"]) for alarm in alarms(resources).values()]

    assert told == [([{"Ref": "Alarms"}], [{"Ref": "Alarms"}])] * 6
    assert properties(resources, "Alarms.Subscription") == [{"Protocol": "email", "Endpoint": "ada@example.com"}]


def test_nobody_is_mailed_alarms_who_has_not_asked(resources: Template) -> None:
    assert "Alarms" not in resources
    assert not [alarm for alarm in alarms(resources).values() if "AlarmActions" in alarm or "OKActions" in alarm]


def test_no_function_reaches_the_topic_of_the_alarms() -> None:
    name = properties(deployed(AlarmEmail="ada@example.com"), "Alarms.TopicName")["Fn::Sub"]

    assert not fnmatch(name, json.loads(TOPICS)["Fn::Sub"].rpartition(":")[2])


def test_the_dashboard_shows_each_alarm_and_what_the_functions_measure(resources: Template) -> None:
    body, names = properties(resources, "Dashboard.DashboardBody")["Fn::Sub"]

    shown = json.loads(body)["widgets"]
    arns = [arn.removeprefix("${").removesuffix(".Arn}") for arn in shown[0]["properties"]["alarms"]]

    assert sorted(arns) == sorted(alarms(resources))
    assert set(re.findall(r"\w+", body)) >= METRICS
    assert names == {"Name": {"Ref": "Table"}}


def test_what_the_dashboard_names_is_there(resources: Template) -> None:
    body, names = properties(resources, "Dashboard.DashboardBody")["Fn::Sub"]

    named = set(re.findall(r"\$\{(\w+)[.}]", body))

    assert named <= {*resources, *names}


@pytest.mark.parametrize(("function", "entry"), [("Api", "app.main.handler"), ("Worker", "app.worker.handler")])
def test_a_function_runs_a_handler_that_is_there(resources: Template, function: str, entry: str) -> None:
    module, name = entry.rsplit(".", 1)

    assert properties(resources, f"{function}Function.ImageConfig.Command") == [entry]
    assert callable(getattr(import_module(module), name))


@pytest.mark.parametrize("function", ["Api", "Worker"])
def test_a_function_is_told_exactly_the_settings(resources: Template, function: str) -> None:
    own = {"Api": {origin_check.ORIGIN_VARIABLE}, "Worker": set()}
    lines_and_metrics = {"POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME"}

    told = properties(resources, f"{function}Function.Environment.Variables").keys()

    assert told == VARIABLES | lines_and_metrics | own[function]


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
    assert [item for item in items if "*" in item and not item.endswith(WITHIN_BUCKET)] == ['"*"']


@pytest.mark.parametrize("function", ["Api", "Worker"])
def test_a_function_writes_traces_and_to_no_other_place_without_a_name(resources: Template, function: str) -> None:
    anywhere = [actions for actions, items in statements(resources, f"{function}Role") if '"*"' in items]

    assert anywhere == [{"xray:PutTraceSegments", "xray:PutTelemetryRecords"}]
    assert properties(resources, f"{function}Function.TracingConfig.Mode") == "Active"


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


def test_without_compute_only_what_holds_data_is_left() -> None:
    left = {resource["Type"].split("::")[1] for resource in deployed(Compute="false").values()}

    assert left == {"S3", "DynamoDB", "Cognito", "SQS", "CloudWatch"}


def test_the_outputs_name_every_setting_but_a_laptops_addresses_and_what_stands_beside_them() -> None:
    addresses = {"PIXTAG_MAILBOX_URL", "PIXTAG_UI_URL"}

    assert {variable_name(name) for name in render()["Outputs"]} == VARIABLES - addresses | {
        "PIXTAG_API_URL",
    }


# What CloudFormation cannot change in place: it makes another, empty one, and keeps this one aside.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html and the like
@pytest.mark.parametrize(
    ("name", "fixed"),
    [
        ("Bucket", {"BucketName": {"Fn::Sub": "${AWS::StackName}-${AWS::AccountId}-${AWS::Region}"}}),
        (
            "Table",
            {
                "KeySchema": [
                    {"AttributeName": "pk", "KeyType": "HASH"},
                    {"AttributeName": "sk", "KeyType": "RANGE"},
                ]
            },
        ),
        (
            "UserPool",
            {
                "UsernameAttributes": ["email"],
                "UsernameConfiguration": {"CaseSensitive": False},
                "Schema": [
                    {"Name": name, "AttributeDataType": "String", "Required": True, "Mutable": True}
                    for name in ("email", "given_name", "family_name")
                ],
            },
        ),
    ],
)
def test_no_change_makes_an_empty_store_in_the_place_of_one_that_holds_data(
    resources: Template, name: str, fixed: Template
) -> None:
    replacing = REPLACING & properties(resources, name).keys()

    assert {key: properties(resources, name)[key] for key in replacing} == fixed


def test_aws_refuses_whatever_would_put_an_empty_store_in_their_place(resources: Template) -> None:
    allowed, denied = json.loads(TEMPLATE.with_name("stack-policy.json").read_text())["Statement"]
    held = {f"LogicalResourceId/{name}" for name, resource in resources.items() if "DeletionPolicy" in resource}

    assert (allowed["Effect"], allowed["Action"], allowed["Resource"]) == ("Allow", "Update:*", "*")
    assert (denied["Effect"], set(denied["Action"])) == ("Deny", {"Update:Replace", "Update:Delete"})
    assert set(denied["Resource"]) == held


def test_the_template_needs_no_bucket_to_be_deployed_from() -> None:
    assert len(TEMPLATE.read_bytes()) <= 51_200


def test_one_stack_is_one_stage_and_all_names_begin_with_its_own(resources: Template) -> None:
    keys = ("BucketName", "FunctionName", "LogGroupName", "DashboardName", "TopicName", "TableName", "QueueName")

    names = [
        properties(resources, name).get(key) for name in resources for key in keys if "Properties" in resources[name]
    ]

    given = [json.dumps(name) for name in names if name and name.get("Ref") not in resources]
    assert len(given) == 7
    assert all("AWS::StackName" in name for name in given)


def test_a_function_is_as_large_and_as_many_as_is_asked() -> None:
    resources = deployed(ApiMemory="512", WorkerMemory="1769", ApiConcurrency="20", WorkerConcurrency="7", LogDays="7")

    assert properties(resources, "ApiFunction.MemorySize") == "512"
    assert properties(resources, "WorkerFunction.MemorySize") == "1769"
    assert properties(resources, "ApiFunction.ReservedConcurrentExecutions") == "20"
    assert properties(resources, "WorkerFunctionUpload.ScalingConfig.MaximumConcurrency") == "7"
    assert {name: properties(resources, f"{name}Logs.RetentionInDays") for name in ("Api", "Worker", "Access")} == {
        "Api": "7",
        "Worker": "7",
        "Access": "7",
    }


def test_no_concurrency_is_set_aside_unless_asked(resources: Template) -> None:
    assert "ReservedConcurrentExecutions" not in properties(resources, "ApiFunction")


def test_the_parameters_defaults_are_what_was_measured(resources: Template) -> None:
    assert (properties(resources, "ApiFunction.MemorySize"), properties(resources, "WorkerFunction.MemorySize")) == (
        1024,
        3008,
    )


def test_a_code_says_what_it_is_for_and_what_to_do_when_nobody_asked(resources: Template) -> None:
    message = properties(resources, "UserPool.VerificationMessageTemplate")

    assert message["DefaultEmailOption"] == "CONFIRM_WITH_CODE"
    assert message["EmailMessage"].count("{####}") == 1
    assert {"confirm your address", "new password", "not asked"} == {
        said for said in ("confirm your address", "new password", "not asked") if said in message["EmailMessage"]
    }


@pytest.mark.parametrize(
    ("arn", "sender"),
    [
        ("", {"EmailSendingAccount": "COGNITO_DEFAULT"}),
        ("arn:identity", {"EmailSendingAccount": "DEVELOPER", "SourceArn": "arn:identity"}),
    ],
)
def test_codes_are_sent_by_cognito_or_from_an_identity(arn: str, sender: dict[str, str]) -> None:
    assert properties(deployed(MailIdentityArn=arn), "UserPool.EmailConfiguration") == sender


def test_an_access_log_line_holds_no_address_no_path_and_no_query(resources: Template) -> None:
    settings = properties(resources, "ApiStage.AccessLogSettings")

    assert settings["DestinationArn"] == {"Fn::GetAtt": ["AccessLogs", "Arn"]}
    assert set(re.findall(r"\$context\.([\w.]+)", settings["Format"])) == {
        "requestId",
        "httpMethod",
        "status",
        "responseLatency",
        "integrationErrorMessage",
    }


@pytest.mark.parametrize("role", ["ApiRole", "WorkerRole"])
def test_a_restored_table_is_used_in_the_place_of_the_stacks_own(role: str) -> None:
    template = render(RestoredTable="restored")
    resources = template["Resources"]

    tables = [items for actions, items in statements(resources, role) if "dynamodb:Query" in actions]

    assert all("table/${RestoredTable}" in item for items in tables for item in items)
    assert properties(resources, "ApiFunction.Environment.Variables.PIXTAG_TABLE") == "restored"
    assert properties(resources, "WorkerFunction.Environment.Variables.PIXTAG_TABLE") == "restored"
    assert template["Outputs"]["Table"]["Value"] == "restored"
    assert "Table" in resources


API_ADDRESS = {"Fn::GetAtt": ["Api", "ApiEndpoint"]}
CDN_ADDRESS = {"Fn::Sub": "https://${Distribution.DomainName}"}
OWN_ADDRESS = {"Fn::Sub": "https://${DomainName}"}
DOMAIN = {"DomainName": "photos.example.com", "CertificateArn": "arn:certificate", "HostedZoneId": "Z1"}
CDN = {"Cdn": "true"}
OPTIONAL = {"ApiDomain", "ApiMapping", "DomainRecord", "OriginSecret", "Distribution", "WebAcl"}


@pytest.mark.parametrize(
    ("asked", "address", "parts"),
    [
        ({}, API_ADDRESS, set()),
        (DOMAIN, OWN_ADDRESS, {"ApiDomain", "ApiMapping", "DomainRecord"}),
        (DOMAIN | {"HostedZoneId": ""}, OWN_ADDRESS, {"ApiDomain", "ApiMapping"}),
        (CDN, CDN_ADDRESS, {"OriginSecret", "Distribution"}),
        (CDN | DOMAIN, OWN_ADDRESS, {"OriginSecret", "Distribution", "DomainRecord"}),
        (CDN | {"Firewall": "true"}, CDN_ADDRESS, {"OriginSecret", "Distribution", "WebAcl"}),
    ],
)
def test_pixtag_has_one_address_and_what_it_takes(asked: dict[str, str], address: object, parts: set[str]) -> None:
    template = render(**asked)

    assert template["Resources"].keys() & OPTIONAL == parts
    assert template["Outputs"]["ApiUrl"]["Value"] == address
    for function in ("Api", "Worker"):
        assert properties(template["Resources"], f"{function}Function.Environment.Variables.PIXTAG_UI_URL") == address


@pytest.mark.parametrize(("asked", "closed"), [({}, False), (DOMAIN, True), (CDN | DOMAIN, False)])
def test_with_a_domain_of_its_own_the_api_has_no_other_address(asked: dict[str, str], closed: object) -> None:
    assert properties(deployed(**asked), "Api.DisableExecuteApiEndpoint") is closed


def test_a_domains_record_leads_to_who_answers_for_it() -> None:
    api, cdn = deployed(**DOMAIN), deployed(**DOMAIN, **CDN)

    assert properties(api, "DomainRecord.AliasTarget.DNSName") == {"Fn::GetAtt": ["ApiDomain", "RegionalDomainName"]}
    assert properties(cdn, "DomainRecord.AliasTarget.DNSName") == {"Fn::GetAtt": ["Distribution", "DomainName"]}
    assert properties(cdn, "Distribution.DistributionConfig.Aliases") == ["photos.example.com"]


def test_cloudfront_shows_the_secret_that_the_api_asks_for() -> None:
    resources = deployed(**CDN)
    (origin,) = properties(resources, "Distribution.DistributionConfig.Origins")

    (shown,) = origin["OriginCustomHeaders"]

    assert shown["HeaderName"] == origin_check.ORIGIN_HEADER
    assert shown["HeaderValue"] == properties(
        resources, f"ApiFunction.Environment.Variables.{origin_check.ORIGIN_VARIABLE}"
    )
    assert "{{resolve:secretsmanager:${OriginSecret}}}" in json.dumps(shown["HeaderValue"])
    assert origin["CustomOriginConfig"] == {"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]}


@pytest.mark.parametrize(
    ("asked", "reached"), [({}, "Api"), (DOMAIN, "Api"), (CDN, "Distribution"), (CDN | DOMAIN, "DomainRecord")]
)
def test_the_secret_is_asked_for_once_people_come_through_cloudfront(asked: dict[str, str], reached: str) -> None:
    tags = {tag["Key"]: tag["Value"] for tag in properties(deployed(**asked), "ApiFunction.Tags")}

    assert tags["reached-through"] == {"Ref": reached}


@pytest.mark.parametrize(
    ("asked", "target"),
    [
        (DOMAIN | {"HostedZoneId": ""}, {"Fn::GetAtt": ["ApiDomain", "RegionalDomainName"]}),
        (CDN | DOMAIN | {"HostedZoneId": ""}, {"Fn::GetAtt": ["Distribution", "DomainName"]}),
        (DOMAIN, None),
        ({}, None),
    ],
)
def test_who_makes_the_domains_record_is_told_what_it_has_to_name(asked: dict[str, str], target: object) -> None:
    assert render(**asked)["Outputs"].get("RecordTarget", {}).get("Value") == target


def test_without_cloudfront_the_api_asks_for_no_secret(resources: Template) -> None:
    assert properties(resources, f"ApiFunction.Environment.Variables.{origin_check.ORIGIN_VARIABLE}") == ""


def test_cloudfront_keeps_nothing_but_files_named_by_their_content() -> None:
    config = properties(deployed(**CDN), "Distribution.DistributionConfig")
    disabled, optimized = "4135ea2d-6df8-44a3-9df3-3b5a84be39ad", "658327ea-f89d-4fab-a63d-7e88639e58f6"

    assert config["DefaultCacheBehavior"]["CachePolicyId"] == disabled
    assert [(kept["PathPattern"], kept["CachePolicyId"]) for kept in config["CacheBehaviors"]] == [
        ("/assets/*", optimized)
    ]
    assert {
        behaviour["ViewerProtocolPolicy"] for behaviour in (config["DefaultCacheBehavior"], *config["CacheBehaviors"])
    } == {"redirect-to-https"}


def test_the_firewall_stands_before_cloudfront_and_lets_photographs_through() -> None:
    resources = deployed(**CDN, Firewall="true")
    rules = properties(resources, "WebAcl.Rules")

    groups = [rule["Statement"].get("ManagedRuleGroupStatement", {}).get("Name") for rule in rules]

    assert properties(resources, "Distribution.DistributionConfig.WebACLId") == {"Fn::GetAtt": ["WebAcl", "Arn"]}
    assert properties(resources, "WebAcl.Scope") == "CLOUDFRONT"
    assert groups == [None, "AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet"]
    seen = [properties(resources, "WebAcl.VisibilityConfig"), *(rule["VisibilityConfig"] for rule in rules)]
    assert not {config["MetricName"].lower() for config in seen} & {"all", "default_action"}  # AWS's own


@pytest.mark.parametrize(
    ("rule", "when", "needed"),
    [
        ("ComputeNeedsAnImage", "Compute", "ImageUri"),
        ("ADomainNeedsACertificate", "DomainName", "CertificateArn"),
        ("AFirewallNeedsCloudFront", "Firewall", "Cdn"),
    ],
)
def test_what_one_parameter_needs_of_another_is_said_before_anything_is_made(rule: str, when: str, needed: str) -> None:
    said = yaml_parse(TEMPLATE.read_text())["Rules"][rule]

    assert json.dumps({"Ref": when}) in json.dumps(said["RuleCondition"])
    assert [json.dumps({"Ref": needed}) in json.dumps(item["Assert"]) for item in said["Assertions"]] == [True]
