// Registration, confirmation and a forgotten password.

export const addressConfirmed = "Deine E-Mail-Adresse ist bestätigt. Du kannst dich jetzt anmelden.";
export const confirmEmailAddress = "Bestätige deine E-Mail-Adresse";
export const enterCode = "Gib den Code aus der E-Mail ein und wähle ein Passwort.";
export const signIn = "Anmelden";
export const confirmAddress = "Adresse bestätigen";
export const password = "Passwort";
export const sendNewCode = "einen neuen Code anfordern";
export const resetYourPassword = "Passwort zurücksetzen";
export const forgotLead = "Du bekommst einen Code per E-Mail.";
export const sendCode = "Code anfordern";
export const passwordChanged = "Dein Passwort ist geändert. Melde dich mit dem neuen an.";
export const backToSignIn = "Zurück zur Anmeldung";
export const changePassword = "Passwort ändern";
export const newPassword = "Neues Passwort";
export const invitedLead = "Du wurdest eingeladen. Deine Bibliothek ist privat. Nur du kannst sie sehen.";
export const createYourAccount = "Erstelle dein Konto";
export const registerLead = "Deine Bibliothek ist privat. Nur du kannst sie sehen.";
export const limitedLead = "Nur bestimmte Adressen können sich registrieren. Für andere bitte um eine Einladung.";
export const registrationIsClosed = "Die Registrierung ist geschlossen";
export const registrationClosedText =
  "Bitte die Person, die dieses PixTag betreibt, um eine Einladung. Wenn du eine hast, öffne ihren Link.";
export const createAccount = "Konto erstellen";
export const givenName = "Vorname";
export const familyName = "Nachname";
export const confirmationHint = "Du bekommst einen Bestätigungscode per E-Mail.";
/** `{0}` is the address. */
export const mailboxHasEmail = "Im Postfach liegt eine E-Mail an {0}.";
export const codeSent = "Wir haben einen Code an {0} gesendet, falls diese Adresse noch nicht registriert ist.";
/** `{0}` sends a new code, `{1}` corrects the address, `{2}` leads to the sign-in, `{3}` resets the password. */
export const noEmail =
  "Keine E-Mail? Sieh im Spam-Ordner nach. Dann kannst du {0} oder {1}. Hast du schon ein Konto? {2} oder {3}";
export const noEmailInMailbox = "Keine E-Mail? Du kannst {0} oder {1}. Hast du schon ein Konto? {2} oder {3}";
export const correctAddress = "die Adresse korrigieren";
export const resetIt = "Passwort zurücksetzen";
export const mailboxShowsNewCode = "Im Postfach liegt ein neuer Code, falls die Adresse noch nicht bestätigt ist.";
export const newCodeSent = "Wir haben einen neuen Code gesendet, falls die Adresse noch nicht bestätigt ist.";
/** `{0}` is the address. */
export const mailboxShowsResetCode =
  "Im Postfach liegt ein Code für {0}, falls die Adresse ein Konto hat. Wenn keiner kommt, versuche es in einer Stunde noch einmal.";
export const resetCodeSent =
  "Wir haben einen Code an {0} gesendet, falls die Adresse ein Konto hat. Wenn keiner kommt, versuche es in einer Stunde noch einmal.";
export const rememberPassword = "Passwort wieder eingefallen?";
export const alreadyRegistered = "Hast du schon ein Konto?";
