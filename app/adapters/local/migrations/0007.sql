-- What is wrong with photos that could be decoded only in part.

ALTER TABLE image ADD COLUMN damage TEXT NOT NULL DEFAULT '';
