#!/usr/bin/env bash
# A guess about transactions in SQLite and Python, and what really happens.
#
# Versions: Python 3.11 to 3.13 with its module sqlite3; SQLite 3.37 or newer in WAL mode.
# Expected: COMMIT ends a read transaction, so the next one sees what other connections have committed meanwhile.
# Seen:     if an exception ended a loop over a cursor, COMMIT succeeds and `in_transaction` is false, but the next
#           transactions still see the old state, and a write fails with "database is locked". This lasts until the
#           cursor is collected: an exception keeps its frames alive, and a class that stores its exception in a local
#           variable before it raises it makes a cycle, which lives until the garbage collector runs.
# Why:      COMMIT leaves SELECT statements open, and the snapshot of a connection ends with its last open statement.
#           Python resets a statement only at its last row, or when its cursor is closed or collected.
# Remedy:   fetch all rows before converting them, or close the cursor: `with closing(connection.execute(…)) as rows:`
#
# The script exits with 1 if the behaviour changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >read.py <<'PYTHON'
import json
import sqlite3
from contextlib import closing, nullcontext


class Damaged(Exception):
    pass


def convert_all(rows):
    try:
        return [json.loads(text) for (text,) in rows]
    except ValueError as error:
        damaged = Damaged()  # the variable makes a cycle: frame, exception, traceback, frame
        raise damaged from error


def read(connection, use):
    connection.execute("BEGIN")
    try:
        with use(connection.execute("SELECT text FROM photo ORDER BY id")) as rows:
            convert_all(rows)
    except Damaged:
        pass
    connection.execute("COMMIT")
    assert not connection.in_transaction


def look(use):
    """Return what a connection sees of a later change, and whether it can write."""
    connection, other = (sqlite3.connect("photos.db", isolation_level=None, timeout=0) for _ in range(2))
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("DROP TABLE IF EXISTS photo")
    connection.execute("CREATE TABLE photo (id INTEGER PRIMARY KEY, text)")
    connection.executemany("INSERT INTO photo (text) VALUES (?)", [("{}",), ("damaged",), ("{}",)])
    read(connection, use)
    other.execute("DELETE FROM photo WHERE id = 3")
    connection.execute("BEGIN")
    (seen,) = connection.execute("SELECT count(*) FROM photo").fetchone()
    connection.execute("COMMIT")
    try:
        connection.execute("DELETE FROM photo WHERE id = 1")
    except sqlite3.OperationalError as error:
        return seen, str(error)
    return seen, "written"


print("SQLite", sqlite3.sqlite_version)
dropped, closed = look(nullcontext), look(closing)
print("2 rows are left. After a dropped cursor:", dropped, "after a closed cursor:", closed)
assert dropped == (3, "database is locked"), dropped
assert closed == (2, "written"), closed
PYTHON
python3 read.py
