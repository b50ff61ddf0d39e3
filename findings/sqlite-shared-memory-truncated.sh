#!/usr/bin/env bash
# A guess about the -shm file of SQLite, and what really happens.
#
# Versions: SQLite 3.40.1, Linux 6, Python 3.11.7; the SIGBUS on ext4 with blocks of 1 KiB.
# Expected: if the -shm file is allocated with posix_fallocate before SQLite opens the database, its blocks stay
#           allocated. On a full disk, SQLite then gets no SIGBUS when it writes to the mapped file.
# Seen:     the file is allocated with 128 KiB, and has 32 KiB after the first connection has read. SQLite has written
#           one byte to each 4 KiB of it. If blocks have 1 KiB, three of four are holes. When the disk is full, the
#           first write to a hole of the mapped file ends the process with SIGBUS.
# Why:      the first process that opens the -shm file truncates it, because it cannot know whether its content is of
#           a crashed process (`unixLockSharedMemory` in os_unix.c).
# Remedy:   allocate the file after the first read, and keep the descriptor open. If a process closes any descriptor of
#           the file, it loses all locks that SQLite has on it.
#
# The script exits with 1 if the behaviour changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >open.py <<'PYTHON'
import os
import sqlite3

connection = sqlite3.connect("photos.db", isolation_level=None)
connection.execute("PRAGMA journal_mode = wal")
connection.execute("CREATE TABLE photo (name)")
connection.close()

descriptor = os.open("photos.db-shm", os.O_RDWR | os.O_CREAT)
os.posix_fallocate(descriptor, 0, 128 * 1024)
os.close(descriptor)
before = os.stat("photos.db-shm").st_size

connection = sqlite3.connect("photos.db", isolation_level=None)
connection.execute("SELECT * FROM photo").fetchall()
after = os.stat("photos.db-shm").st_size
print(f"before: {before} bytes, after: {after} bytes, SQLite {sqlite3.sqlite_version}")
raise SystemExit(0 if (before, after) == (131072, 32768) else 1)
PYTHON
python3 open.py
