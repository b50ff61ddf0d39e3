-- The chain of the transactions. It shows whether a -wal file belongs to the database.

-- One row: the random number of the last write transaction, and that of the transaction before it.
CREATE TABLE last_write (
    number BLOB NOT NULL CHECK (length(number) = 8),
    previous BLOB NOT NULL CHECK (length(previous) = 8)
) STRICT;

INSERT INTO last_write (number, previous) VALUES (randomblob(8), zeroblob(8));
