#!/usr/bin/env bash
# A guess about a damaged -wal file of SQLite, and what really happens.
#
# Versions: SQLite 3.40.1, Python 3.11.
# Expected: a checkpoint copies ten rows to the database, which then has them without the -wal file too. If a bit of the
#           -wal file changes after that, SQLite notices the wrong checksum, and the ten rows stay.
# Seen:     four rows are left, for ever, and quick_check says "ok".
# Why:      the -wal file still has the frames of all ten transactions, because SQLite overwrites them only when the next
#           transaction is written. SQLite uses the frames before the first wrong checksum, and their pages are older
#           than those of the database. Nothing in the two files says that the database is newer.
# Remedy:   give each transaction a random number in a row of its own, and compare that of the database alone with those
#           in the frames. See app/adapters/local/last_write.py.
#
# The script exits with 1 if the behaviour changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >damage.py <<'PYTHON'
import shutil
import sqlite3

FRAME = 24 + 4096

writer = sqlite3.connect("used.db", isolation_level=None)
writer.execute("PRAGMA journal_mode = wal")
writer.execute("CREATE TABLE photo (number)")
writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
for number in range(10):
    writer.execute("INSERT INTO photo VALUES (?)", (number,))
copied = writer.execute("PRAGMA wal_checkpoint").fetchone()
for suffix in ("", "-wal"):  # as a kill of the process leaves them
    shutil.copyfile(f"used.db{suffix}", f"killed.db{suffix}")


def read(name: str) -> tuple[int, str]:
    connection = sqlite3.connect(f"file:{name}", uri=True)
    count = connection.execute("SELECT count(*) FROM photo").fetchone()[0]
    check = connection.execute("PRAGMA quick_check").fetchone()[0]
    connection.close()
    return count, check


alone = read("killed.db?immutable=1")
with open("killed.db-wal", "r+b") as wal:
    wal.seek(32 + 4 * FRAME + 500)  # a byte in the fifth transaction
    byte = wal.read(1)[0]
    wal.seek(-1, 1)
    wal.write(bytes([byte ^ 1]))
damaged = read("killed.db")
print(f"copied: {copied}, database alone: {alone}, after a bit has changed: {damaged}, SQLite {sqlite3.sqlite_version}")
raise SystemExit(0 if (copied, alone, damaged) == ((0, 10, 10), (10, "ok"), (4, "ok")) else 1)
PYTHON
python3 damage.py
