-- What people choose for a saved search (app/domain/subscriptions.py). The worker finds the newest match of each.
ALTER TABLE subscription ADD COLUMN title TEXT NOT NULL DEFAULT '';

ALTER TABLE subscription ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;

ALTER TABLE subscription ADD COLUMN email INTEGER NOT NULL DEFAULT 1;

ALTER TABLE subscription ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;

ALTER TABLE subscription ADD COLUMN digest TEXT NOT NULL DEFAULT 'at-once';

UPDATE profile SET alerts_at = 0 WHERE owner IN (SELECT owner FROM subscription);
