// The saved searches and their e-mails.

import { formatPhotos, plural } from "./formats";

export const alerts = "Saved searches";
export const alertsLead =
  "Open a search again with one click. PixTag can send an e-mail when a new or changed photo matches.";
export const removedAlert = (query: string) => `Removed ${query}.`;
export const noAlertsYet = "No saved searches yet";
export const yourAlerts = "Your saved searches";
export const remove = "Remove";
export const countingTheMatchingPhotos = "Counting the matching photos";
export const noPhotosMatch = "No photos match";
export const addedAnAlert = (added: string) => `Saved ${added}`;
export const addAlert = "Save search";
export const unknownTag = "No photo has this tag yet. Did you mean:";
export const tagOrSearch = "Tag or search";
export const exampleQueries = "dog, person>=2";
export const name = "Name";
export const nameOptional = "Name (optional)";
export const nameHint = "Without a name, the search itself is shown.";
export const rename = "Rename";
export const shareSearch = (name: string) => `Share ${name}`;
export const renameSearch = (name: string) => `Rename ${name}`;
export const showInSideBar = "Show in side bar";
export const showInSideBarFor = (name: string) => `Show in side bar: ${name}`;
export const yourAddress = "your address";
export const email = "E-mail";
export const confirmEmailAddress = "Confirm your e-mail address";
export const emailsAreOff = "E-mails are off";
export const confirmedIt = "I've confirmed it";
export const sendNewConfirmation = "Send new confirmation";
export const sendAgain = "Send it again";
export const sentAgain = (address: string) => `Sent the confirmation to ${address} again.`;
export const atOnce = "At once";
export const daily = "Daily";
export const weekly = "Weekly";
export const paused = "Paused";
export const off = "No e-mails";
export const emailsAbout = (name: string) => `E-mails about ${name}`;
export const noLongerValid = (fault: string) => `No longer valid: ${fault}`;
/** `{0}` is a tag, `{1}` a search. */
export const noAlertsText = "Enter a tag such as {0}, or a search such as {1}.";
export const removeAlertFor = (query: string) => `Remove ${query}`;
export const photosMatch = (count: number) => `${formatPhotos(count)} ${plural(count, "matches", "match")}`;
export const addAlertFor = (query: string) => `Save ${query}`;
export const addAnyway = (query: string) => `Save “${query}” anyway`;
export const emailsGoTo = (address: string) => `E-mails go to ${address}`;
export const emailsGoToMailbox = "E-mails go to the mailbox";
export const oneEmailPerMinute = "You get at most one e-mail per minute. Choose for each search when they come.";
export const mailboxHasEmail = (address: string) =>
  `The mailbox has an e-mail to ${address}. Open its link to get e-mails about new photos.`;
export const emailSent = (address: string) =>
  `AWS Notifications has sent an e-mail to ${address}. Open its link to get e-mails about new photos. If you can't find it, check your spam folder.`;
export const subscriptionEnded = (address: string) =>
  `The subscription of ${address} has ended or was never confirmed.`;
