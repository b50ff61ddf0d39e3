// Why a photo could not be read, and problems of requests. The API writes these texts in English.

export const reason = (text: string): string => text;
/** The detail of a problem of a type such as `invalid-code`, or of an outcome without one. */
export const problem = (_kind: string, detail: string): string | Promise<string> => detail;
