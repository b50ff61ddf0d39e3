-- The metadata of photos. taken_at now ends with the source of the capture time, unless it is EXIF.
ALTER TABLE image ADD COLUMN metadata TEXT NOT NULL DEFAULT ''; -- JSON
