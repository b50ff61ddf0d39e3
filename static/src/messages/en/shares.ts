// Links with which people without an account see photos.

import { formatDateTime, formatNumber } from "../../formats";
import { formatPhotos, plural } from "./formats";

// The dialog
export const sharePhotos = (count: number) => `Share ${formatPhotos(count)}`;
export const shareAlbum = "Share album";
export const shareSearch = "Share saved search";
export const everyoneWithTheLink =
  "Everyone who has the link can see the photos, without an account. Visitors see no tags, dates, places or file names.";
export const neverPrivate = (tag: string) => `Photos tagged “${tag}” are never included.`;
export const showsCurrentAlbum = "The page always shows the photos that the album has at that time.";
export const showsCurrentMatches = "The page always shows the photos that match the search at that time.";
export const privateLeftOut = (count: number) =>
  `${formatPhotos(count)} ${plural(count, "is", "are")} private, so visitors won't see ${plural(count, "it", "them")}.`;
export const allPrivate = "All of these photos are private, so the page would be empty. Remove the tag first.";
export const title = "Title";
export const titleHint = "Visitors see it at the top of the page.";
export const untitled = "Photos";
export const untitledSince = (at: string) => `Photos shared on ${formatDateTime(at)}`;
export const linkWorks = "The link works";
export const forDays = (days: number) => `for ${formatNumber(days)} days`;
export const forOneYear = "for a year";
export const untilRevoked = "until you revoke it";
export const password = "Password (optional)";
export const passwordHint = "At least 8 characters. Send it to the visitors in another way than the link.";
export const allowOriginals = "Visitors can download the originals";
export const allowOriginalsHint =
  "Otherwise, they get pictures of up to 1600 pixels. Both are without camera data and positions.";
export const createLink = "Create link";
export const tooManyPhotos = (most: number) =>
  `One link can show at most ${formatNumber(most)} photos. Select fewer photos, or add them to an album and share the album.`;
export const noReadyPhotos = "None of these photos can be shared yet. Wait until they are ready, then try again.";
export const albumGone = "This album no longer exists. It may have been deleted in another tab.";
export const searchGone = "This saved search no longer exists. It may have been removed in another tab.";
export const tooManyShares = (detail: string) => `${detail} You find your links under “Shared links”.`;

// The new link
export const linkCreated = "Link created";
export const link = "Link";
export const shownOnce = "Copy it now. PixTag doesn't keep the link, so it can't show it again.";
export const copyLink = "Copy link";
export const sendLink = "Send link…";
export const linkCopied = "Link copied.";
export const copyingFailed = "Your browser doesn't allow copying. Select the link and copy it.";
export const showSharedLinks = "Show shared links";
export const done = "Done";

// The list
export const sharedLinks = "Shared links";
export const sharedLinksLead =
  "Links with which people see your photos without an account. PixTag doesn't keep the links themselves. If you have lost one, revoke it and create a new one.";
export const noSharedLinks = "No shared links";
export const noSharedLinksText = "Select photos, or open a photo, an album or a saved search. Then choose Share.";
export const goToLibrary = "Go to library";
export const yourSharedLinks = "Your shared links";
export const ofAlbum = "Album";
export const ofSearch = "Saved search";
export const worksUntil = (at: string) => `Works until ${formatDateTime(at)}`;
export const worksUntilRevoked = "Works until you revoke it";
export const expiredOn = (at: string) => `Expired on ${formatDateTime(at)}`;
export const expired = "Expired";
export const withPassword = "Password";
export const withOriginals = "Originals";
export const notViewedYet = "Not viewed yet";
export const viewed = (count: number, day: string) =>
  `${formatNumber(count)} ${plural(count, "view", "views")}, the last on ${day}`;
export const revoke = "Revoke…";
export const revokeIt = (name: string) => `Revoke… ${name}`;
export const revokeTitle = "Revoke the link?";
export const revokeAction = "Revoke link";
export const revokeText = (name: string) =>
  `The link of “${name}” stops working at once. People who have its page open can see its pictures for up to an hour. This can't be undone.`;
export const revoked = (name: string) => `Revoked the link of ${name}.`;
export const manageSharedLinks =
  "People with a link see photos without an account. Here you see your links, and can revoke them.";
