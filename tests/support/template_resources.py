"""Reads the resources of the rendered template."""

import json
from collections.abc import Iterator
from functools import reduce

from tests.support.rendered_template import Json, Template, render

DOMAIN = {"DomainName": "photos.example.com", "CertificateArn": "arn:certificate", "HostedZoneId": "Z1"}
CDN = {"Cdn": "true"}
TOPIC_PREFIX = "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:${AWS::StackName}-"
OWNER_TOPICS = TOPIC_PREFIX + "-".join("?" * length for length in (8, 4, 4, 4, 12))


def render_resources(**parameters: str) -> Template:
    """Return the resources of a stack with these parameters."""
    resources: Template = render(**parameters)["Resources"]
    return resources


def get_property(resources: Template, path: str) -> Json:
    """Return the value at a path such as `Bucket.CorsConfiguration.CorsRules.0`."""
    name, *keys = path.split(".")
    return reduce(lambda value, key: value[int(key) if key.isdigit() else key], keys, resources[name]["Properties"])


def list_statements(resources: Template, role: str) -> Iterator[tuple[set[str], set[str]]]:
    """Yield the actions and the resources, as JSON, of each statement of a role."""
    for policy in get_property(resources, f"{role}.Policies"):
        for statement in policy["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            yield set(as_list(statement["Action"])), {json.dumps(item) for item in as_list(statement["Resource"])}


def as_list(value: Json) -> list[Json]:
    """Return a list as it is, and any other value in a list."""
    return value if isinstance(value, list) else [value]
