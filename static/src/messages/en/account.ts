// The account screen.

import { formatBytes, formatDateTime, formatNumber, formatTenths } from "../../formats";
import { formatPhotos } from "./formats";

export const sameAsTheSystem = "Same as the system";
export const light = "Light";
export const dark = "Dark";
export const theme = "Theme";
export const language = "Language";
export const sameAsTheBrowser = "Same as the browser";
export const onlyThisBrowserRemembers = "Only this browser remembers them.";
export const deleteAccount = "Delete account";
export const deletionLead =
  "This deletes all your photos, tags and saved searches permanently. First save what you want to keep: your originals with their tags, and the export with your boxes.";
export const deleteAccountButton = "Delete account…";
export const deleteEverything = "Delete everything";
export const thisCantBeUndone = "This can't be undone. You won't be able to sign in, and your library will be deleted.";
export const typeToConfirm = (email: string) => `Type ${email} to confirm`;
export const cocoDescription = "A PixTag library";
export const saved = (name: string) => `Saved ${name}.`;
export const exportTitle = "Export";
export const exportLead =
  "Save your tags as a table (CSV), or all boxes in a format that many image annotation tools read (COCO).";
export const exportCsv = "Export CSV";
export const exportCoco = "Export COCO";
export const originals = "Originals";
export const originalsLead =
  "Save the original files of all your photos as zip files of at most 1 GB. Photos in the trash are not included.";
export const downloadOriginals = "Download all originals";
export const invitations = "Invitations";
export const invitationsLead =
  "Registration isn't open. With an invitation, a person can register within seven days. PixTag doesn't send the link: copy it, and send it yourself.";
export const emailAddressOfThePerson = "E-mail address of the person";
export const createLink = "Create link";
export const copiedTheLink = "Copied the link.";
export const copyingFailed = "Your browser doesn't allow copying. Select the link and copy it.";
export const linkWorksUntil = (expiresAt: string) =>
  `It works until ${formatDateTime(expiresAt)}. PixTag shows it only here.`;
export const copyLink = "Copy link";
export const password = "Password";
export const passwordLead = "A new password signs you out on all other devices. API keys keep working.";
export const changePasswordButton = "Change password…";
export const changedPassword = "Changed your password. You're signed out everywhere else.";
export const changePassword = "Change password";
export const currentPassword = "Current password";
export const newPassword = "New password";
export const removedPlaces = "Removed the places of all photos.";
export const places = "Places";
export const removePlaces = "Remove the places where my photos were taken";
export const placesHint =
  "Your original files keep the places. To show them again, clear this box and redetect all photos.";
export const removingPlaces = "Removing the places. This takes a few minutes. You can leave this page.";
export const redetectedAllPhotos = "Redetected all photos.";
export const redetect = "Redetect";
export const redetectionLead =
  "Detect objects in all your photos again, for example after a model update. Your corrections are kept.";
export const redetectAllPhotos = "Redetect all photos";
export const startingWithinAMinute = "Starting within a minute";
export const redetection = "Redetection";
export const redetectionContinues = "You can leave this page. The redetection continues.";
export const usage = "Usage";
export const imagesUsed = (images: number, maxImages: number) =>
  `${formatPhotos(images)} of ${formatNumber(maxImages)}`;
export const bytesUsed = (bytes: number, maxBytes: number) => `${formatBytes(bytes)} of ${formatBytes(maxBytes)}`;
export const usageHint = "This includes the trash. Only originals count, not previews.";
export const account = "Account";
export const you = "You";
export const people = "People";
export const library = "Library";
export const leavePixtag = "Leave PixTag";
export const signOut = "Sign out";
export const bytesFree = (bytes: number) => `${formatBytes(bytes)} free on the disk of this PixTag.`;
export const photos = "Photos";
export const storage = "Storage";
export const link = "Link";
export const readingLibrary = (megabytes: number) => `Reading your library: ${formatTenths(megabytes)} MB so far`;
/** `isAll` is false while PixTag still counts the photos. */
export const redetected = (done: number, queued: number, isAll: boolean) =>
  `${formatNumber(done)} of ${formatNumber(queued)}${isAll ? "" : " or more"} photos redetected`;
