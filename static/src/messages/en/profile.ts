// The name, the address and the sessions on the account screen.

export const changeNameButton = "Change name…";
export const changeName = "Change name";
export const changedName = "Changed your name.";
export const givenName = "Given name";
export const familyName = "Family name";
export const changeAddressButton = "Change e-mail address…";
export const changeAddress = "Change e-mail address";
export const newAddress = "New e-mail address";
export const currentPassword = "Current password";
export const sendCode = "Send code";
export const addressLead = "You'll get a code at the new address. Until you enter it, your address doesn't change.";
/** `{0}` is the new address. */
export const codeSent =
  "We've sent a code to {0}, unless another account has this address. If you don't get it, try again in an hour.";
export const mailboxShowsCode =
  "The mailbox shows a code for {0}, unless another account has this address. If you don't get it, try again in an hour.";
export const code = "Code";
export const changedAddress = (email: string) => `Your e-mail address is now ${email}.`;
export const signOutEverywhereButton = "Sign out everywhere…";
export const signOutEverywhereTitle = "Sign out everywhere?";
export const signOutEverywhere = "Sign out everywhere";
export const signOutEverywhereLead =
  "This ends your sessions in all browsers and programs, and in this one too. Everyone has to sign in again with your password.";
/** `{0}` shows the API keys. */
export const keysKeepWorking = "API keys keep working. You can revoke them under {0}.";
export const keysLink = "API keys";
export const hourHint = "A browser or program that is signed in now can still read your library for up to an hour.";
export const administration = "Administration";
export const administrationLead = "See the disk and the people, close registration, and delete accounts.";
export const openAdministration = "Open administration";
