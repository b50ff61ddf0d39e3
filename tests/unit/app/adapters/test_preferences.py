from app.domain.outbox import OutboxKind
from app.domain.ports import Images, Outbox, OwnerPreferences
from app.domain.preferences import REMOVAL_DELAY_SECONDS, Preferences
from tests.support.fakes import OTHER_OWNER, Clock


def test_get_without_a_choice_returns_the_defaults(preferences: OwnerPreferences, owner: str) -> None:
    assert preferences.get(owner) == Preferences(owner, remove_positions=False, removal="", cursor=None)


def test_choose_to_remove_positions_starts_one_job(
    preferences: OwnerPreferences, outbox: Outbox, owner: str, clock: Clock
) -> None:
    chosen = preferences.choose(owner, remove_positions=True)
    again = preferences.choose(owner, remove_positions=True)

    assert chosen == again == preferences.get(owner)
    assert (chosen.remove_positions, bool(chosen.removal), chosen.cursor) == (True, True, None)
    assert outbox.lease(owner) == []  # an ingest may still write a position
    clock.ahead += REMOVAL_DELAY_SECONDS + 1
    assert owner in {due.owner for due in outbox.list_due()}
    assert [(row.kind, row.image_id) for row in outbox.lease(owner)] == [(OutboxKind.REMOVE_POSITIONS, chosen.removal)]
    assert preferences.get(OTHER_OWNER) == Preferences(OTHER_OWNER)


def test_choose_to_keep_positions_ends_the_job(preferences: OwnerPreferences, owner: str) -> None:
    preferences.choose(owner, remove_positions=True)

    assert preferences.choose(owner, remove_positions=False) == preferences.get(owner) == Preferences(owner)


def test_record_and_finish_change_only_the_current_job(preferences: OwnerPreferences, owner: str) -> None:
    old = preferences.choose(owner, remove_positions=True)
    preferences.choose(owner, remove_positions=False)
    current = preferences.choose(owner, remove_positions=True)

    preferences.record_removal(old, "cursor")
    preferences.finish_removal(old)
    unchanged = preferences.get(owner)
    recorded = preferences.record_removal(current, "cursor")

    assert unchanged == current
    assert recorded == preferences.get(owner) == Preferences(owner, True, current.removal, "cursor")  # noqa: FBT003
    preferences.finish_removal(recorded)
    assert preferences.get(owner) == Preferences(owner, remove_positions=True)


def test_delete_rows_deletes_the_preferences(preferences: OwnerPreferences, images: Images, owner: str) -> None:
    preferences.choose(owner, remove_positions=True)

    while images.delete_rows(owner, 1):
        pass

    assert preferences.get(owner) == Preferences(owner)
