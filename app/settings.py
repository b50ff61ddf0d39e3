"""Reads the settings that differ between deployments. Settings contain no secrets and no limits."""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel


class Settings(BaseModel, frozen=True):
    """The `PIXTAG_…` environment variables. `infra/aws/template.yaml` sets them for both Lambda functions."""

    table: str
    bucket: str
    queue_url: str
    user_pool_id: str
    client_id: str
    issuer: str
    jwks_url: str
    topic_prefix: str
    mailbox_url: str
    ui_url: str

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Return the settings in the given environment variables.

        Raises:
            ValidationError: variables are missing. The message names them.
        """
        variables = {name: environment.get(f"PIXTAG_{name.upper()}") for name in cls.model_fields}
        return cls.model_validate({name: value for name, value in variables.items() if value is not None})
