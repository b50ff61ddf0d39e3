-- When the file of an image was last modified, as the client declared it (ISO 8601).
ALTER TABLE image ADD COLUMN file_time TEXT;

-- Marks a pending image whose file is sent in parts.
ALTER TABLE image ADD COLUMN upload_id TEXT NOT NULL DEFAULT '';
