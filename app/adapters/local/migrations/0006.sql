-- What owners have chosen for their libraries.
CREATE TABLE preference (
    owner TEXT NOT NULL PRIMARY KEY,
    remove_positions INTEGER NOT NULL,
    removal TEXT NOT NULL, -- the id of the job that removes the positions of existing images; empty if none is running
    next_page TEXT -- the cursor of the job
) STRICT, WITHOUT ROWID;
