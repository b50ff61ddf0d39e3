// The library while PixTag can't be reached.

export const latestPhotos = "Your latest photos";
export const onlyThumbnails = "This device has kept small copies of them. All other photos need a connection.";
