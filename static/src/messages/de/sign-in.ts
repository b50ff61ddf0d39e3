// The sign-in screen, and fields of the forms before signing in.

export const emailAddress = "E-Mail-Adresse";
export const enterAddress = "Gib eine Adresse wie ada@example.com ein";
export const code = "Code";
export const signInTitle = "Deine private Fotobibliothek, die sich selbst ordnet";
export const signInLead =
  "PixTag findet die Personen, Tiere und Dinge auf deinen Fotos, zählt sie und lässt dich danach suchen.";
export const continueTitle = "Melde dich an, um fortzufahren";
export const continueLead = "Danach kommst du zu der Seite zurück, auf der du warst.";
export const deletedTitle = "Dein Konto wurde gelöscht";
export const deletedLead =
  "PixTag entfernt deine Fotos. Das dauert ein paar Minuten, bei Tausenden von Fotos einige Stunden.";
export const newToPixtag = "Neu bei PixTag?";
export const createAnAccount = "Konto erstellen";
export const signIn = "Anmelden";
export const password = "Passwort";
export const forgotYourPassword = "Passwort vergessen?";
export const enterTheCode = "Code eingeben";
export const notConfirmed = "Deine E-Mail-Adresse ist noch nicht bestätigt.";
