// The name, the address and the sessions on the account screen.

export const changeNameButton = "Namen ändern…";
export const changeName = "Namen ändern";
export const changedName = "Name geändert.";
export const givenName = "Vorname";
export const familyName = "Nachname";
export const changeAddressButton = "E-Mail-Adresse ändern…";
export const changeAddress = "E-Mail-Adresse ändern";
export const newAddress = "Neue E-Mail-Adresse";
export const currentPassword = "Aktuelles Passwort";
export const sendCode = "Code anfordern";
export const addressLead =
  "Du bekommst einen Code an die neue Adresse. Bis du ihn eingibst, bleibt deine bisherige Adresse.";
/** `{0}` is the new address. */
export const codeSent =
  "Wir haben einen Code an {0} geschickt, falls kein anderes Konto diese Adresse hat. Wenn keiner ankommt, versuche es in einer Stunde noch einmal.";
export const mailboxShowsCode =
  "Das Postfach zeigt einen Code für {0}, falls kein anderes Konto diese Adresse hat. Wenn keiner ankommt, versuche es in einer Stunde noch einmal.";
export const code = "Code";
export const changedAddress = (email: string) => `Deine E-Mail-Adresse ist jetzt ${email}.`;
export const signOutEverywhereButton = "Überall abmelden…";
export const signOutEverywhereTitle = "Überall abmelden?";
export const signOutEverywhere = "Überall abmelden";
export const signOutEverywhereLead =
  "Das beendet deine Sitzungen in allen Browsern und Programmen, auch in diesem. Danach ist überall eine neue Anmeldung mit deinem Passwort nötig.";
/** `{0}` shows the API keys. */
export const keysKeepWorking = "API-Schlüssel gelten weiterhin. Du kannst sie unter {0} widerrufen.";
export const keysLink = "API-Schlüssel";
export const hourHint =
  "Ein Browser oder Programm, das jetzt angemeldet ist, kann deine Bibliothek noch bis zu einer Stunde lang lesen.";
export const administration = "Verwaltung";
export const administrationLead =
  "Hier siehst du den Datenträger und alle Personen. Du kannst die Registrierung schließen und Konten löschen.";
export const openAdministration = "Verwaltung öffnen";
