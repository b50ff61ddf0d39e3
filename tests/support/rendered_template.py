"""The template as CloudFormation evaluates it: after the SAM transform and with its conditions resolved."""

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
def transform() -> Template:
    """Return the template after the SAM transform, with its conditions still unresolved."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        source = yaml_parse(TEMPLATE.read_text())
        template: Template = Translator({}, Parser()).translate(source, {"ImageUri": "image"})
    return template


def render(**parameters: str) -> Template:
    """Return the template with these parameters, and defaults for the others, without what its conditions exclude."""
    template = transform()
    defaults = {name: declaration["Default"] for name, declaration in template["Parameters"].items()}
    resolver = _Resolver(template["Conditions"], defaults | {"ImageUri": "image"} | parameters)
    sections = {name: resolver.resolve_section(template[name]) for name in ("Resources", "Outputs")}
    return template | sections


class _Resolver:
    """Evaluates conditions and replaces `Fn::If` and references to parameters by their values."""

    def __init__(self, conditions: Template, parameters: Template) -> None:
        self._conditions = conditions
        self._parameters = parameters

    def resolve_section(self, section: Template) -> Template:
        return {
            name: self.resolve(item)
            for name, item in section.items()
            if "Condition" not in item or self.is_true({"Condition": item["Condition"]})
        }

    def is_true(self, condition: Json) -> bool:
        ((function, operand),) = condition.items()
        match function:
            case "Condition":
                return self.is_true(self._conditions[operand])
            case "Fn::Not":
                return not self.is_true(operand[0])
            case "Fn::And":
                return all(map(self.is_true, operand))
            case _:
                left, right = map(self.resolve, operand)
                return str(left) == str(right)

    def resolve(self, value: Json) -> Json:
        match value:
            case {"Fn::If": [name, if_true, if_false]}:
                return self.resolve(if_true if self.is_true({"Condition": name}) else if_false)
            case {"Ref": name} if name in self._parameters:
                return self._parameters[name]
            case dict():
                return {key: self.resolve(item) for key, item in value.items() if self.resolve(item) != NO_VALUE}
            case list():
                return [self.resolve(item) for item in value]
        return value
