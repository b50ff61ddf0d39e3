from app.domain.snapshots import Snapshot, dump_taken, load_snapshot

ID = "01jd8xk3v5m0z8q4n2c7r9t1wy"


def test_load_snapshot_of_dumped_snapshot_returns_it() -> None:
    dated = Snapshot({"dog": 2}, ID, "!2106-02-07T06:28:15", undated=False, certain={"dog": 1})
    undated = Snapshot({}, ID, "2019-07-28T01:03:00", undated=True)

    assert dump_taken(dated) == "!2106-02-07T06:28:15"
    assert dump_taken(undated) == "2019-07-28T01:03:00?"
    assert [load_snapshot(ID, each.tags, each.certain, dump_taken(each)) for each in (dated, undated)] == [
        dated,
        undated,
    ]


def test_load_snapshot_without_time_is_undated_and_has_the_time_of_the_upload() -> None:
    assert load_snapshot(ID, {}, {}, None) == Snapshot({}, ID, "2024-11-22T03:10:32", undated=True)
