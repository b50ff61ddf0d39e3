import json
import re
from fnmatch import fnmatch

import pytest

from tests.support.rendered_template import Template
from tests.support.template_resources import OWNER_TOPICS, get_property, render_resources

SIGNS = {"GreaterThanThreshold": ">", "GreaterThanOrEqualToThreshold": ">=", "LessThanThreshold": "<"}
METRICS = {
    "ImagesTagged",
    "ImagesFailed",
    "ObjectsFound",
    "ReadSeconds",
    "DecodeSeconds",
    "DetectSeconds",
    "EncodeSeconds",
    "WriteSeconds",
    "OutboxAge",
}


@pytest.mark.parametrize(
    ("alarm", "metric", "dimension", "condition"),
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
def test_alarm_has_metric_and_threshold(
    resources: Template, alarm: str, metric: str, dimension: tuple[str, object], condition: str
) -> None:
    settings = resources[f"{alarm}Alarm"]["Properties"]

    assert f"{settings['Namespace']} {settings['MetricName']}" == metric
    assert [(item["Name"], item["Value"]) for item in settings["Dimensions"]] == [dimension]
    assert (settings["Period"], settings["EvaluationPeriods"]) == (300, 1)
    assert f"{settings['Statistic']} {SIGNS[settings['ComparisonOperator']]} {settings['Threshold']}" == condition
    assert settings["TreatMissingData"] == ("breaching" if alarm == "WorkerStopped" else "notBreaching")


def test_oldest_message_alarm_is_not_raised_by_a_failing_message(resources: Template) -> None:
    # SQS counts the age of a message until it is received for the third time.
    failing_seconds = 3 * get_property(resources, "Uploads.VisibilityTimeout")

    assert get_property(resources, "OldestMessageAlarm.Threshold") > failing_seconds


def list_alarms(resources: Template) -> dict[str, Template]:
    """Return the properties of the alarms by name."""
    return {
        name: resource["Properties"]
        for name, resource in resources.items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }


def test_alarms_with_an_address_are_sent_to_it_with_their_end() -> None:
    resources = render_resources(AlarmEmail="ada@example.com")

    actions = [(alarm["AlarmActions"], alarm["OKActions"]) for alarm in list_alarms(resources).values()]

    assert actions == [([{"Ref": "Alarms"}], [{"Ref": "Alarms"}])] * 6
    assert get_property(resources, "Alarms.Subscription") == [{"Protocol": "email", "Endpoint": "ada@example.com"}]


def test_alarms_without_an_address_are_not_sent(resources: Template) -> None:
    assert "Alarms" not in resources
    assert not [alarm for alarm in list_alarms(resources).values() if "AlarmActions" in alarm or "OKActions" in alarm]


def test_functions_have_no_permission_for_the_topic_of_the_alarms() -> None:
    name = get_property(render_resources(AlarmEmail="ada@example.com"), "Alarms.TopicName")["Fn::Sub"]

    assert not fnmatch(name, OWNER_TOPICS.rpartition(":")[2])


def test_dashboard_shows_all_alarms_and_metrics(resources: Template) -> None:
    body, names = get_property(resources, "Dashboard.DashboardBody")["Fn::Sub"]

    widgets = json.loads(body)["widgets"]
    alarms = [arn.removeprefix("${").removesuffix(".Arn}") for arn in widgets[0]["properties"]["alarms"]]

    assert sorted(alarms) == sorted(list_alarms(resources))
    assert set(re.findall(r"\w+", body)) >= METRICS
    assert names == {"Name": {"Ref": "Table"}}


def test_dashboard_refers_only_to_existing_resources(resources: Template) -> None:
    body, names = get_property(resources, "Dashboard.DashboardBody")["Fn::Sub"]

    references = set(re.findall(r"\$\{(\w+)[.}]", body))

    assert references <= {*resources, *names}
