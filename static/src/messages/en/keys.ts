// The API keys on the account screen.

import { formatDateTime } from "../../formats";

export const programs = "Programs";
export const keys = "API keys";
export const keysLead =
  "A key lets a script, a phone or another program use your library without your password. You can revoke it at any time.";
export const yourKeys = "Your API keys";
export const newKey = "New key…";
export const createKey = "Create key";
export const name = "Name";
export const nameHint = "Where you use the key, such as Phone.";
export const scopes = "What it may do";
export const read = "Read: list, search and download photos";
export const upload = "Upload: add photos";
export const edit = "Edit: change tags, dates and albums, and delete photos";
export const end = "It works";
export const forThirtyDays = "for 30 days";
export const forOneYear = "for a year";
export const untilRevoked = "until I revoke it";
export const scopeNames = { read: "Read", upload: "Upload", edit: "Edit" } as const;
export const neverUsed = "Never used";
export const lastUsed = (day: string) => `Last used on ${day}`;
export const worksUntil = (expiresAt: string) => `Works until ${formatDateTime(expiresAt)}`;
export const ended = (expiresAt: string) => `Ended on ${formatDateTime(expiresAt)}`;
export const revoke = "Revoke…";
export const revokeKey = (key: string) => `Revoke… ${key}`;
export const revokeTitle = "Revoke the key?";
export const revokeAction = "Revoke key";
export const revokeText = (key: string) => `Programs that use “${key}” lose access at once. This can't be undone.`;
export const revoked = (key: string) => `Revoked ${key}.`;
export const keyOf = (key: string) => `Key of ${key}`;
export const shownOnce = "Copy it now, and store it safely. PixTag shows it only here.";
export const copyKey = "Copy key";
export const copiedTheKey = "Copied the key.";
export const copyingFailed = "Your browser doesn't allow copying. Select the key and copy it.";
export const examples = "How to use a key";
export const curlTitle = "Upload a photo with curl";
export const curlExample = (origin: string) =>
  `curl -f ${origin}/images -H "Authorization: Bearer $KEY" -F "file=@photo.jpg"`;
export const pythonTitle = "Search with Python";
export const pythonExample = (origin: string) => `import os, httpx

headers = {"Authorization": f"Bearer {os.environ['KEY']}"}
url = "${origin}/search"
response = httpx.get(url, params={"q": "dog"}, headers=headers)
for image in response.raise_for_status().json()["images"]:
    print(image["id"], image["name"])`;
export const phoneTitle = "Upload from a phone";
export const phoneText = (origin: string) =>
  `In the app Shortcuts, add “Get Contents of URL” with the URL ${origin}/images and the method POST. Add the header Authorization with the value Bearer, a space and the key. As request body, choose Form, and add a file field with the name file.`;
export const phoneHint = "The phone must be able to open this address. Each photo can have up to 4 MiB.";
