// The open photo: its menu, the full screen and the slideshow.

import { formatNumber } from "../../formats";
import { plural } from "./formats";

export const addToAlbum = "Zu Album hinzufügen";
export const copyLink = "Link kopieren";
export const linkCopied = "Link kopiert. Nur du kannst ihn öffnen. Um das Foto anderen zu zeigen, teile es.";
export const linkNotCopied = (link: string) => `Dein Browser erlaubt das Kopieren nicht. Der Link ist ${link}`;
export const fullScreen = "Vollbild";
export const leaveFullScreen = "Vollbild beenden";
export const slideshow = "Diashow";
export const endSlideshow = "Diashow beenden";
export const pauseSlideshow = "Anhalten";
export const continueSlideshow = "Abspielen";
export const repeat = "Nach dem letzten Foto von vorn beginnen";
export const timePerPhoto = "Zeit pro Foto";
export const seconds = (count: number) => `${formatNumber(count)} ${plural(count, "Sekunde", "Sekunden")}`;
export const slideshowStarted = "Die Diashow läuft. Die Leertaste hält sie an, Escape beendet sie.";
export const lastPhoto = "Das war das letzte Foto.";
