// The API keys on the account screen.

import { formatDateTime } from "../../formats";

export const programs = "Programme";
export const keys = "API-Schlüssel";
export const keysLead =
  "Mit einem Schlüssel nutzt ein Skript, ein Handy oder ein anderes Programm deine Bibliothek ohne dein Passwort. Du kannst ihn jederzeit widerrufen.";
export const yourKeys = "Deine API-Schlüssel";
export const newKey = "Neuer Schlüssel…";
export const createKey = "Schlüssel erstellen";
export const name = "Name";
export const nameHint = "Wo du den Schlüssel nutzt, zum Beispiel „Handy“.";
export const scopes = "Was er darf";
export const read = "Lesen: Fotos auflisten, suchen und herunterladen";
export const upload = "Hochladen: Fotos hinzufügen";
export const edit = "Bearbeiten: Schlagwörter, Daten und Alben ändern, Fotos löschen";
export const end = "Er gilt";
export const forThirtyDays = "30 Tage";
export const forOneYear = "ein Jahr";
export const untilRevoked = "bis ich ihn widerrufe";
export const scopeNames = { read: "Lesen", upload: "Hochladen", edit: "Bearbeiten" } as const;
export const neverUsed = "Nie benutzt";
export const lastUsed = (day: string) => `Zuletzt benutzt: ${day}`;
export const worksUntil = (expiresAt: string) => `Gilt bis ${formatDateTime(expiresAt)}`;
export const ended = (expiresAt: string) => `Abgelaufen: ${formatDateTime(expiresAt)}`;
export const revoke = "Widerrufen…";
export const revokeKey = (key: string) => `Widerrufen… ${key}`;
export const revokeTitle = "Schlüssel widerrufen?";
export const revokeAction = "Schlüssel widerrufen";
export const revokeText = (key: string) =>
  `Programme, die „${key}“ nutzen, verlieren sofort den Zugriff. Das lässt sich nicht rückgängig machen.`;
export const revoked = (key: string) => `${key} widerrufen.`;
export const keyOf = (key: string) => `Schlüssel von ${key}`;
export const shownOnce = "Kopiere ihn jetzt und bewahre ihn sicher auf. PixTag zeigt ihn nur hier.";
export const copyKey = "Schlüssel kopieren";
export const copiedTheKey = "Schlüssel kopiert.";
export const copyingFailed = "Dein Browser erlaubt das Kopieren nicht. Markiere den Schlüssel und kopiere ihn selbst.";
export const examples = "So nutzt du einen Schlüssel";
export const curlTitle = "Ein Foto mit curl hochladen";
export const curlExample = (origin: string) =>
  `curl -f ${origin}/images -H "Authorization: Bearer $KEY" -F "file=@photo.jpg"`;
export const pythonTitle = "Mit Python suchen";
export const pythonExample = (origin: string) => `import os, httpx

headers = {"Authorization": f"Bearer {os.environ['KEY']}"}
url = "${origin}/search"
response = httpx.get(url, params={"q": "dog"}, headers=headers)
for image in response.raise_for_status().json()["images"]:
    print(image["id"], image["name"])`;
export const phoneTitle = "Vom Handy hochladen";
export const phoneText = (origin: string) =>
  `Füge in der App Kurzbefehle „Inhalte von URL abrufen“ hinzu, mit der URL ${origin}/images und der Methode POST. Ergänze den Header Authorization mit dem Wert Bearer, einem Leerzeichen und dem Schlüssel. Wähle als Text der Anfrage Formular, und füge ein Dateifeld mit dem Namen file hinzu.`;
export const phoneHint = "Das Handy muss diese Adresse öffnen können. Jedes Foto darf bis zu 4 MiB haben.";
