import json
import re
from importlib import import_module

import pytest
from cfnlint.api import ManualArgs, lint
from samtranslator.yaml_helper import yaml_parse

from app.api import origin_check
from app.services.queue_worker import TRIES
from app.settings import AwsSettings
from infra.local.emulator import TEMPLATE, variable_name
from tests.support.rendered_template import Template, render, transform
from tests.support.template_resources import TOPIC_PREFIX, get_property, list_statements, render_resources

DAY_SECONDS = 24 * 60 * 60
VARIABLES = {f"PIXTAG_{name.upper()}" for name in AwsSettings.__dataclass_fields__}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Bucket.PublicAccessBlockConfiguration.BlockPublicAcls", True),
        ("Bucket.PublicAccessBlockConfiguration.BlockPublicPolicy", True),
        ("Bucket.PublicAccessBlockConfiguration.IgnorePublicAcls", True),
        ("Bucket.PublicAccessBlockConfiguration.RestrictPublicBuckets", True),
        ("Bucket.OwnershipControls.Rules", [{"ObjectOwnership": "BucketOwnerEnforced"}]),
        ("Bucket.VersioningConfiguration.Status", "Enabled"),
        ("Bucket.CorsConfiguration.CorsRules.0.AllowedMethods", ["GET", "HEAD", "POST", "PUT"]),
        (
            "Bucket.CorsConfiguration.CorsRules.0.ExposedHeaders",
            ["Accept-Ranges", "Content-Disposition", "Content-Range", "ETag"],
        ),
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
def test_resource_has_property(resources: Template, path: str, expected: object) -> None:
    assert get_property(resources, path) == expected


def test_cfn_lint_finds_nothing_after_the_sam_transform() -> None:
    assert lint(json.dumps(transform()), config=ManualArgs(regions=["us-east-1"])) == []


@pytest.mark.parametrize(("function", "entry"), [("Api", "app.main.handler"), ("Worker", "app.worker.handler")])
def test_function_runs_an_existing_handler(resources: Template, function: str, entry: str) -> None:
    module, name = entry.rsplit(".", 1)

    assert get_property(resources, f"{function}Function.ImageConfig.Command") == [entry]
    assert callable(getattr(import_module(module), name))


@pytest.mark.parametrize("function", ["Api", "Worker"])
def test_function_has_exactly_the_variables_of_the_settings(resources: Template, function: str) -> None:
    own_variables = {"Api": {origin_check.ORIGIN_VARIABLE}, "Worker": set()}
    powertools = {"POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME"}

    variables = get_property(resources, f"{function}Function.Environment.Variables").keys()

    assert variables == VARIABLES | powertools | own_variables[function]


@pytest.mark.parametrize("function", ["Api", "Worker"])
def test_function_has_the_metrics_namespace_of_the_stack(resources: Template, function: str) -> None:
    variables = get_property(resources, f"{function}Function.Environment.Variables")

    assert variables["POWERTOOLS_METRICS_NAMESPACE"] == {"Ref": "AWS::StackName"}
    assert variables["POWERTOOLS_SERVICE_NAME"] == function.lower()


@pytest.mark.parametrize("function", ["Api", "Worker"])
def test_function_has_its_own_log_with_a_retention(resources: Template, function: str) -> None:
    assert get_property(resources, f"{function}Function.LoggingConfig.LogGroup") == {"Ref": f"{function}Logs"}
    assert get_property(resources, f"{function}Logs.RetentionInDays") == 30


@pytest.mark.parametrize("function", ["Api", "Worker"])
def test_function_has_the_topic_prefix_and_the_address_of_the_ui(resources: Template, function: str) -> None:
    variables = get_property(resources, f"{function}Function.Environment.Variables")

    assert variables["PIXTAG_TOPIC_PREFIX"] == {"Fn::Sub": TOPIC_PREFIX}
    assert not variables["PIXTAG_MAILBOX_URL"]
    assert variables["PIXTAG_UI_URL"] == {"Fn::GetAtt": ["Api", "ApiEndpoint"]}


@pytest.mark.parametrize(
    ("origins", "is_valid"),
    [
        ("", True),
        ("https://app.example.com", True),
        ("https://app.example.com,http://localhost:5173", True),
        ("*", False),
        ("https://*.example.com", False),
        ("app.example.com", False),
        ("https://app.example.com/", False),
        ("https://a.example, https://b.example", False),
    ],
)
def test_origins_of_other_pages_are_a_list(resources: Template, origins: str, *, is_valid: bool) -> None:
    pattern = render()["Parameters"]["CorsOrigins"]["AllowedPattern"]

    assert bool(re.fullmatch(pattern, origins)) is is_valid
    variables = get_property(resources, "ApiFunction.Environment.Variables")
    assert variables["PIXTAG_CORS_ORIGINS"] == ""  # the default of the parameter


def test_stack_without_compute_has_only_resources_with_data() -> None:
    services = {resource["Type"].split("::")[1] for resource in render_resources(Compute="false").values()}

    assert services == {"S3", "DynamoDB", "Cognito", "SQS", "CloudWatch"}


def test_outputs_are_the_settings_except_local_addresses_and_parameters() -> None:
    parameters = {"PIXTAG_CORS_ORIGINS", "PIXTAG_REGISTRATION", "PIXTAG_UPLOAD_GB_PER_DAY"}
    others = {"PIXTAG_MAILBOX_URL", "PIXTAG_UI_URL"} | parameters

    assert {variable_name(name) for name in render()["Outputs"]} == VARIABLES - others | {
        "PIXTAG_API_URL",
    }


def test_template_is_small_enough_to_deploy_without_a_bucket() -> None:
    assert len(TEMPLATE.read_bytes()) <= 51_200


def test_names_contain_the_name_of_the_stack(resources: Template) -> None:
    keys = ("BucketName", "FunctionName", "LogGroupName", "DashboardName", "TopicName", "TableName", "QueueName")

    names = [
        get_property(resources, name).get(key) for name in resources for key in keys if "Properties" in resources[name]
    ]

    chosen_names = [json.dumps(name) for name in names if name and name.get("Ref") not in resources]
    assert len(chosen_names) == 7
    assert all("AWS::StackName" in name for name in chosen_names)


def test_function_has_the_memory_and_concurrency_of_the_parameters() -> None:
    resources = render_resources(
        ApiMemory="512", WorkerMemory="1769", ApiConcurrency="20", WorkerConcurrency="7", LogDays="7"
    )

    assert get_property(resources, "ApiFunction.MemorySize") == "512"
    assert get_property(resources, "WorkerFunction.MemorySize") == "1769"
    assert get_property(resources, "ApiFunction.ReservedConcurrentExecutions") == "20"
    assert get_property(resources, "WorkerFunctionUpload.ScalingConfig.MaximumConcurrency") == "7"
    assert {name: get_property(resources, f"{name}Logs.RetentionInDays") for name in ("Api", "Worker", "Access")} == {
        "Api": "7",
        "Worker": "7",
        "Access": "7",
    }


def test_function_reserves_no_concurrency_by_default(resources: Template) -> None:
    assert "ReservedConcurrentExecutions" not in get_property(resources, "ApiFunction")


def test_function_has_the_measured_memory_by_default(resources: Template) -> None:
    assert (
        get_property(resources, "ApiFunction.MemorySize"),
        get_property(resources, "WorkerFunction.MemorySize"),
    ) == (
        1024,
        3008,
    )


def test_access_log_contains_no_address_path_or_query(resources: Template) -> None:
    settings = get_property(resources, "ApiStage.AccessLogSettings")

    assert settings["DestinationArn"] == {"Fn::GetAtt": ["AccessLogs", "Arn"]}
    assert set(re.findall(r"\$context\.([\w.]+)", settings["Format"])) == {
        "requestId",
        "httpMethod",
        "status",
        "responseLatency",
        "integrationErrorMessage",
    }


@pytest.mark.parametrize("role", ["ApiRole", "WorkerRole"])
def test_restored_table_replaces_the_table_of_the_stack(role: str) -> None:
    template = render(RestoredTable="restored")
    resources = template["Resources"]

    tables = [items for actions, items in list_statements(resources, role) if "dynamodb:Query" in actions]

    assert all("table/${RestoredTable}" in item for items in tables for item in items)
    assert get_property(resources, "ApiFunction.Environment.Variables.PIXTAG_TABLE") == "restored"
    assert get_property(resources, "WorkerFunction.Environment.Variables.PIXTAG_TABLE") == "restored"
    assert template["Outputs"]["Table"]["Value"] == "restored"
    assert "Table" in resources


@pytest.mark.parametrize(
    ("rule", "parameter", "required"),
    [
        ("ComputeRequiresImage", "Compute", "ImageUri"),
        ("DomainRequiresCertificate", "DomainName", "CertificateArn"),
        ("FirewallRequiresCdn", "Firewall", "Cdn"),
    ],
)
def test_rule_requires_another_parameter(rule: str, parameter: str, required: str) -> None:
    declaration = yaml_parse(TEMPLATE.read_text())["Rules"][rule]

    assert json.dumps({"Ref": parameter}) in json.dumps(declaration["RuleCondition"])
    assert [json.dumps({"Ref": required}) in json.dumps(item["Assert"]) for item in declaration["Assertions"]] == [True]
