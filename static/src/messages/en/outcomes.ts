// Why a photo was not changed. The API writes these texts in English.

export const outcome = (text: string): string => text;
