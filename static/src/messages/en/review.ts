// The review.

import { formatNumber } from "../../formats";
import { formatPhotos, plural } from "./formats";

export const previousPhoto = "Previous photo";
export const skipToNextPhoto = "Skip to next photo";
export const drawMissingBox = "Draw a missing box";
export const noMoreQuestions = "No more questions about this photo.";
export const loading = "Loading…";
export const nextPhoto = "Next photo";
export const question = "Question";
export const yes = "Yes";
export const no = "No";
export const allAreRight = (count: number) => `All ${formatNumber(count)} are right`;
export const counts = "Counts";
export const review = "Review";
export const undoLastDecision = "Undo the last decision (Z)";
export const keys = "Keys";
export const photosOfSession = "Photos of this session";
export const thatWasTheLastPhoto = "That was the last photo";
export const allPhotosAreReviewed = "All photos are reviewed";
export const goToLibrary = "Go to library";
export const skippedPhotos = (skipped: number) => `You skipped ${formatPhotos(skipped)}. They stay in the review.`;
export const allCertain = "All counts of these photos are certain now.";
export const allReviewed =
  "PixTag is sure about all boxes, or you have checked them. New photos appear here if it isn't sure.";
/** `{0}` is the label. */
export const isThis = (label: string) => `Is this ${/^[aeiou]/i.test(label) ? "an" : "a"} {0}?`;
export const sure = (percent: string) => `${percent} sure`;
export const certain = "certain";
export const countCertain = (count: number) => `${formatNumber(count)} certain`;
export const photoOf = (number: number, total: number, isMore: boolean) =>
  `Photo ${formatNumber(number)} of ${formatNumber(total)}${isMore ? "+" : ""}.`;
export const decisionsOn = (decisions: number, photos: number) =>
  `${formatNumber(decisions)} ${plural(decisions, "decision", "decisions")} on ${formatPhotos(photos)}.`;
