// The screen of the administrator of one machine.

import { formatBytes, formatDateTime, formatNumber } from "../../formats";
import { formatPhotos, plural } from "./formats";

export const administration = "Administration";
export const thisPixtag = "This PixTag";
export const disk = "Disk";
export const diskUsed = (used: number, total: number) => `${formatBytes(used)} of ${formatBytes(total)} used`;
export const diskFree = (free: number) => `${formatBytes(free)} free.`;
export const diskOfPhotos = (images: number, bytes: number) =>
  `${formatPhotos(images)} of all people: ${formatBytes(bytes)}, without previews and the database.`;
export const registration = "Registration";
export const whoCanRegister = {
  open: "Everyone who can open this PixTag can register.",
  limited: "Only the addresses in the setting PIXTAG_REGISTRATION can register, and people with an invitation.",
  closed: "Only people with an invitation can register.",
} as const;
export const closeRegistration = "Close registration";
export const closedBySetting =
  "The setting PIXTAG_REGISTRATION closes registration. To open it, change the setting and restart PixTag.";
export const closedRegistration = "Registration is closed.";
export const openedRegistration = "Registration is no longer closed here.";
export const people = "People";
export const peopleCount = (count: number) => `${formatNumber(count)} ${plural(count, "account", "accounts")}`;
export const accounts = "Accounts";
export const administrator = "Administrator";
export const notConfirmed = "Address not confirmed";
export const libraryOf = (images: number, bytes: number) => `${formatPhotos(images)}, ${formatBytes(bytes)}`;
export const registeredOn = (at: string) => `Registered ${formatDateTime(at)}`;
export const lastSignIn = (day: string) => `Last sign-in ${day}`;
export const neverSignedIn = "Never signed in";
export const showMore = "Show more";
export const deleteButton = "Delete…";
export const deleteAccountOf = (email: string) => `Delete… ${email}`;
export const deleteTitle = "Delete account";
export const deleteText = (name: string) =>
  `This deletes the account of ${name} with all photos, tags and saved searches. It can't be undone.`;
export const typeToConfirm = (email: string) => `Type ${email} to confirm`;
export const deleteAction = "Delete account";
export const deleted = (email: string) => `Deleted ${email}. The photos are removed within minutes.`;
