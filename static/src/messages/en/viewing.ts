// The open photo: its menu, the full screen and the slideshow.

import { formatNumber } from "../../formats";
import { plural } from "./formats";

export const addToAlbum = "Add to album";
export const copyLink = "Copy link";
export const linkCopied = "Link copied. Only you can open it. To show the photo to others, share it.";
export const linkNotCopied = (link: string) => `Your browser doesn't let PixTag copy. The link is ${link}`;
export const fullScreen = "Full screen";
export const leaveFullScreen = "Leave full screen";
export const slideshow = "Slideshow";
export const endSlideshow = "End slideshow";
export const pauseSlideshow = "Pause";
export const continueSlideshow = "Play";
export const repeat = "Start again after the last photo";
export const timePerPhoto = "Time per photo";
export const seconds = (count: number) => `${formatNumber(count)} ${plural(count, "second", "seconds")}`;
export const slideshowStarted = "The slideshow has started. Space pauses it, and Escape ends it.";
export const lastPhoto = "This was the last photo.";
