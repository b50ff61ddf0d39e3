"""The template as CloudFormation comes to see it: after the SAM transform, its conditions decided."""

from functools import cache
from typing import Any

import pytest
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from infra.local.emulator import TEMPLATE

Json = Any
Template = dict[str, Json]

NO_VALUE = {"Ref": "AWS::NoValue"}


@cache
def transformed() -> Template:
    """The template after the SAM transform, nothing decided."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        source = yaml_parse(TEMPLATE.read_text())
        result: Template = Translator({}, Parser()).translate(source, {"ImageUri": "image"})
    return result


def render(**parameters: str) -> Template:
    """The template with these parameters and the defaults of the others; what a condition leaves out is not there."""
    template = transformed()
    defaults = {name: declared["Default"] for name, declared in template["Parameters"].items()}
    decided = _Decisions(template["Conditions"], defaults | {"ImageUri": "image"} | parameters)
    sections = {name: decided.those_that_are(template[name]) for name in ("Resources", "Outputs")}
    return template | sections


class _Decisions:
    """What the conditions come to, and what is left of a value then."""

    def __init__(self, conditions: Template, parameters: Template) -> None:
        self._conditions = conditions
        self._parameters = parameters

    def those_that_are(self, section: Template) -> Template:
        return {
            name: self.value(item)
            for name, item in section.items()
            if "Condition" not in item or self.holds({"Condition": item["Condition"]})
        }

    def holds(self, condition: Json) -> bool:
        ((function, operand),) = condition.items()
        match function:
            case "Condition":
                return self.holds(self._conditions[operand])
            case "Fn::Not":
                return not self.holds(operand[0])
            case "Fn::And":
                return all(map(self.holds, operand))
            case _:
                left, right = map(self.value, operand)
                return str(left) == str(right)

    def value(self, value: Json) -> Json:
        match value:
            case {"Fn::If": [name, one, other]}:
                return self.value(one if self.holds({"Condition": name}) else other)
            case {"Ref": name} if name in self._parameters:
                return self._parameters[name]
            case dict():
                return {key: self.value(item) for key, item in value.items() if self.value(item) != NO_VALUE}
            case list():
                return [self.value(item) for item in value]
        return value
