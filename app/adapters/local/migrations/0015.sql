-- Favourites. The marks are hidden tags: `{":favourite": 1}`.
ALTER TABLE image ADD COLUMN favourite INTEGER NOT NULL DEFAULT 0 CHECK (favourite IN (0, 1));
ALTER TABLE image ADD COLUMN marks TEXT NOT NULL DEFAULT '{}';
