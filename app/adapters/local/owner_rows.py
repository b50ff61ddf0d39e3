"""Statements that delete the rows of an owner when an account is deleted, except images and account deletions."""

from typing import Final

SUM_DELETIONS: Final = tuple(
    f"DELETE FROM {table} WHERE owner = :owner"  # noqa: S608 - our tables
    for table in ("tag_total", "tag_month_total", "month_total", "usage")
)
"""These come before the images of an account. A damaged image could make a sum negative, which is not allowed."""

DELETIONS: Final = (
    """
    DELETE FROM announcement WHERE owner = :owner AND id IN (
        SELECT id FROM announcement WHERE owner = :owner LIMIT :limit
    )
    """,
    """
    DELETE FROM outbox WHERE owner = :owner AND id IN (
        SELECT id FROM outbox WHERE owner = :owner AND kind <> 'delete-account' LIMIT :limit
    )
    """,
    """
    DELETE FROM subscription WHERE owner = :owner AND id IN (
        SELECT id FROM subscription WHERE owner = :owner LIMIT :limit
    )
    """,
    """
    DELETE FROM redetection WHERE owner = :owner AND id IN (
        SELECT id FROM redetection WHERE owner = :owner LIMIT :limit
    )
    """,
    """
    DELETE FROM undo WHERE owner = :owner AND (operation, image) IN (
        SELECT operation, image FROM undo WHERE owner = :owner LIMIT :limit
    )
    """,
    """
    DELETE FROM operation WHERE owner = :owner AND id IN (
        SELECT id FROM operation WHERE owner = :owner LIMIT :limit
    )
    """,
    "DELETE FROM album WHERE owner = :owner AND id IN (SELECT id FROM album WHERE owner = :owner LIMIT :limit)",
    """
    DELETE FROM album_order WHERE owner = :owner AND album IN (
        SELECT album FROM album_order WHERE owner = :owner LIMIT :limit
    )
    """,
    "DELETE FROM rate WHERE owner = :owner AND rate IN (SELECT rate FROM rate WHERE owner = :owner LIMIT :limit)",
    "DELETE FROM preference WHERE owner = :owner AND :limit > 0",
    "DELETE FROM profile WHERE owner = :owner AND :limit > 0",
    "DELETE FROM usage WHERE owner = :owner AND :limit > 0",
)
"""Each has the parameters `owner` and `limit`, the number of rows to delete at most."""
