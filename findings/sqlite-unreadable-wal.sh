#!/usr/bin/env bash
# A guess about a bad sector under a -wal file of SQLite, and what really happens.
#
# Versions: SQLite 3.40.1, Python 3.11, Linux. It needs a C compiler.
# Expected: if the disk cannot read a -wal file (EIO), SQLite raises "disk I/O error" with the code SQLITE_IOERR_READ, as
#           its documentation says. Only wrong bytes are damage.
# Seen:     if the first statement is a PRAGMA such as application_id, "database disk image is malformed" (SQLITE_CORRUPT),
#           although the database alone is intact. For a SELECT, the code is SQLITE_IOERR_CORRUPTFS, which stands for reads
#           behind the end of a file.
# Why:      `unixRead` turns EIO into SQLITE_IOERR_CORRUPTFS. While SQLite reads the schema, it turns this into damage.
# Remedy:   if SQLite reports damage, read both files once to find out whether the disk can read them. Otherwise, PixTag
#           would advise to go back to an older copy. See `find_unreadable` in app/adapters/local/database_files.py.
#
# The script exits with 1 if the behaviour changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >bad_sector.c <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Let all reads of the file whose path is in BAD_FILE fail with EIO. */
ssize_t pread64(int file, void *data, size_t size, off_t offset) {
    ssize_t (*real)(int, void *, size_t, off_t) = dlsym(RTLD_NEXT, "pread64");
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    if (strcmp(path, getenv("BAD_FILE")) == 0) {
        errno = EIO;
        return -1;
    }
    return real(file, data, size, offset);
}
C
cc -shared -fPIC -o bad_sector.so bad_sector.c -ldl
cat >make.py <<'PYTHON'
import os
import sqlite3

writer = sqlite3.connect("photos.db", isolation_level=None)
writer.execute("PRAGMA journal_mode = wal")
writer.execute("CREATE TABLE photo (number)")
writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
writer.execute("INSERT INTO photo VALUES (1)")
os._exit(0)  # as a kill of the process: the -wal file stays
PYTHON
cat >read.py <<'PYTHON'
import sqlite3
import sys

try:
    print(sqlite3.connect(f"file:{sys.argv[1]}", uri=True).execute(sys.argv[2]).fetchone()[0])
except sqlite3.DatabaseError as error:
    print(error.sqlite_errorname, error)
PYTHON
python3 make.py
read_bad_wal() {
    BAD_FILE=$PWD/photos.db-wal LD_PRELOAD=$PWD/bad_sector.so python3 read.py "photos.db?mode=ro" "$1"
}
alone=$(python3 read.py "photos.db?immutable=1" "PRAGMA quick_check")
pragma=$(read_bad_wal "PRAGMA application_id")
select=$(read_bad_wal "SELECT count(*) FROM photo")
echo "database alone: $alone; with an unreadable -wal file, PRAGMA: $pragma; SELECT: $select"
[[ "$alone" == ok && "$pragma" == "SQLITE_CORRUPT database disk image is malformed" ]]
[[ "$select" == "SQLITE_IOERR_CORRUPTFS disk I/O error" ]]
