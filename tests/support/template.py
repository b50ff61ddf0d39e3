"""Reads the SAM template."""

from functools import cache
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from infra.local.emulator import TEMPLATE


@cache
def resource_properties(resource: str) -> Any:
    """Return the properties of a resource of the template."""
    return yaml_parse(TEMPLATE.read_text())["Resources"][resource]["Properties"]
