// Buttons and notices that several screens have.

export const stop = "Anhalten";
export const tryAgain = "Noch einmal versuchen";
export const close = "Schließen";
export const loading = "Wird geladen";
export const share = "Teilen";
export const more = "Mehr";
export const undo = "Rückgängig";
export const cancel = "Abbrechen";
export const restore = "Wiederherstellen";
export const dismiss = "Ausblenden";
/** The last line of a list that does not show all. */
export const andMore = (count: string) => `Und ${count} weitere`;
export const tryAgainWith = (name: string) => `Noch einmal versuchen: ${name}`;
export const restoreIt = (name: string) => `${name} wiederherstellen`;
export const mailboxHint = "PixTag verschickt von diesem Rechner keine E-Mails. Es zeigt sie in seinem Postfach.";
