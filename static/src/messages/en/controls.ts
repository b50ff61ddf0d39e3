// Buttons and notices that several screens have.

export const stop = "Stop";
export const tryAgain = "Try again";
export const close = "Close";
export const loading = "Loading";
export const share = "Share";
export const more = "More";
export const undo = "Undo";
export const cancel = "Cancel";
export const restore = "Restore";
export const dismiss = "Dismiss";
/** The last line of a list that does not show all. */
export const andMore = (count: string) => `And ${count} more`;
export const tryAgainWith = (name: string) => `Try again: ${name}`;
export const restoreIt = (name: string) => `Restore ${name}`;
export const mailboxHint = "PixTag doesn't send e-mails from this machine. It shows them in its mailbox.";
