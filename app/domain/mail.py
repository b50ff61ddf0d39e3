"""Defines the states of e-mail subscriptions."""

from enum import StrEnum


class EmailState(StrEnum):
    """The state of an owner's e-mail subscription."""

    NONE = "none"  # the owner never subscribed, or SNS has deleted the subscription
    PENDING = "pending"  # SNS has sent a confirmation link, but the owner has not opened it
    CONFIRMED = "confirmed"
