import pytest

from tests.support.rendered_template import transform
from tests.support.template_resources import get_property, list_statements, render_resources

LIMITED = "anna@example.org,@example.net"
NAMES = {"SignUpFunction", "SignUpLogs", "SignUpPermission", "SignUpRole"}
TABLE = '{"Fn::GetAtt": ["Table", "Arn"]}'


@pytest.mark.parametrize(
    "parameters", [{}, {"Registration": "open"}, {"Registration": "closed", "Compute": "false"}], ids=str
)
def test_open_pool_and_local_cloud_have_no_trigger(parameters: dict[str, str]) -> None:
    resources = render_resources(**parameters)

    assert not NAMES & resources.keys()
    assert "LambdaConfig" not in get_property(resources, "UserPool")


@pytest.mark.parametrize("registration", ["closed", LIMITED])
def test_pool_that_is_not_open_asks_the_function_before_each_sign_up(registration: str) -> None:
    resources = render_resources(Registration=registration)

    assert get_property(resources, "UserPool.LambdaConfig") == {"PreSignUp": {"Fn::GetAtt": ["SignUpFunction", "Arn"]}}
    variables = get_property(resources, "SignUpFunction.Environment.Variables")
    assert variables == {"PIXTAG_TABLE": {"Ref": "Table"}, "PIXTAG_REGISTRATION": registration}
    assert get_property(resources, "ApiFunction.Environment.Variables.PIXTAG_REGISTRATION") == registration
    assert get_property(resources, "SignUpFunction.ImageConfig.Command") == ["app.adapters.aws.sign_up_trigger.handler"]
    assert get_property(resources, "SignUpFunction.Timeout") == 5  # Cognito does not wait longer


def test_only_the_user_pool_may_call_the_function() -> None:
    resources = render_resources(Registration="closed")

    assert get_property(resources, "SignUpPermission") == {
        "FunctionName": {"Ref": "SignUpFunction"},
        "Action": "lambda:InvokeFunction",
        "Principal": "cognito-idp.amazonaws.com",
        "SourceAccount": {"Ref": "AWS::AccountId"},
        "SourceArn": {"Fn::GetAtt": ["UserPool", "Arn"]},
    }


def test_function_may_read_only_invitations_and_writes_its_own_log() -> None:
    resources = render_resources(Registration="closed")

    statements = list(list_statements(resources, "SignUpRole"))
    assert statements == [
        ({"logs:CreateLogStream", "logs:PutLogEvents"}, {'{"Fn::GetAtt": ["SignUpLogs", "Arn"]}'}),
        ({"xray:PutTraceSegments", "xray:PutTelemetryRecords"}, {'"*"'}),
        ({"dynamodb:GetItem"}, {TABLE}),
    ]
    *_, last = get_property(resources, "SignUpRole.Policies.0.PolicyDocument.Statement")
    assert last["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["INVITATION#*"]}}
    assert get_property(resources, "SignUpFunction.Role") == {"Fn::GetAtt": ["SignUpRole", "Arn"]}
    assert get_property(resources, "SignUpFunction.LoggingConfig.LogGroup") == {"Ref": "SignUpLogs"}
    assert get_property(resources, "SignUpLogs.RetentionInDays") == 30


def test_function_of_a_restored_stack_reads_the_restored_table() -> None:
    resources = render_resources(Registration="closed", RestoredTable="restored")

    assert get_property(resources, "SignUpFunction.Environment.Variables.PIXTAG_TABLE") == "restored"


def test_function_does_not_depend_on_the_user_pool() -> None:
    properties = transform()["Resources"]["SignUpFunction"]["Properties"]

    assert "UserPool" not in str(properties)
