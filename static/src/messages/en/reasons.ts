// Texts of the API, such as why a photo could not be read. The API writes them in English.

/** A text about one photo, or about a part of a request. */
export const reason = (text: string) => text;
/** The detail of a problem. `kind` is its type without the prefix, such as `invalid-code`. */
export const problem = (_kind: string, detail: string): string | Promise<string> => detail;
/** A suggested query: `text` is the query in words. */
export const suggestedQuery = (_query: string, text: string) => text;
