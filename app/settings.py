"""What differs between deployments, read once from the environment; holds no secret and no limit."""

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """`PIXTAG_…` variables; `infra/template.yaml` sets each of them for both functions."""

    model_config = SettingsConfigDict(env_prefix="PIXTAG_", frozen=True)

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
