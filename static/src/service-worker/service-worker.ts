// The service worker: opens the page without a network, and receives shared photos. It sees no response of the API and no
// photo, and leaves all other pages to the server.

import { routeOf } from "./routes";
import { receiveShare } from "./share";
import { installShell, openAsset, openPage } from "./shell";

const worker = globalThis as unknown as ServiceWorkerGlobalScope;

worker.addEventListener("install", (event) => {
  // The page always comes from the server if it can, so a new worker can take over at once.
  event.waitUntil(installShell().then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  switch (routeOf(request, location.origin)) {
    case "page":
      event.respondWith(openPage(request, (work) => event.waitUntil(work.catch(() => {}))));
      break;
    case "asset":
      event.respondWith(openAsset(request));
      break;
    case "share":
      event.respondWith(receiveShare(request));
      break;
  }
});
