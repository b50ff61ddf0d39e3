// The screen for the current place and session.

import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import * as messages from "#messages/app";
import { describeUnreachable, REACH_ADVICE } from "./http";
import { OfflineLibrary } from "./offline/offline-library";
import { isSignedOutScreen, nextPlace, type Screen, screenOf } from "./paths";
import { go, place, underneath } from "./router";
import { Library } from "./screens/library";
import { obstacle, restore, session } from "./session";
import { Shell } from "./shell";
import { SignIn } from "./signed-out/sign-in";
import { Mark } from "./ui/icon";
import { lazy } from "./ui/lazy";
import { Failed } from "./ui/notice";
import { listed } from "./ui/shortcuts";
import { Toasts } from "./ui/toasts";

const Register = lazy(async () => ({ default: (await import("./signed-out/register")).Register }));
const Confirm = lazy(async () => ({ default: (await import("./signed-out/confirm")).Confirm }));
const ForgotPassword = lazy(async () => ({ default: (await import("./signed-out/forgot-password")).ForgotPassword }));
const Photo = lazy(() => import("./screens/photo"));
const Find = lazy(() => import("./screens/find"));
const Tags = lazy(() => import("./screens/tags"));
const Review = lazy(() => import("./screens/review"));
const Duplicates = lazy(() => import("./screens/duplicates"));
const Albums = lazy(() => import("./screens/albums"));
const Album = lazy(() => import("./screens/album"));
const Alerts = lazy(() => import("./screens/alerts"));
const SharedLinks = lazy(() => import("./screens/shared-links"));
const Trash = lazy(() => import("./screens/trash"));
const ShortcutList = lazy(() => import("./ui/shortcut-list"));
const Administration = lazy(() => import("./screens/administration"));
const Account = lazy(() => import("./screens/account"));

const RETRY_MS = 3_000;

const TITLES: Record<Screen, string> = {
  library: messages.library,
  photo: messages.photo,
  find: messages.find,
  labels: messages.tags,
  check: messages.review,
  copies: messages.duplicates,
  collections: messages.albums,
  album: messages.album,
  alerts: messages.savedSearches,
  "shared-links": messages.sharedLinks,
  trash: messages.trash,
  account: messages.account,
  administration: messages.administration,
  "sign-in": messages.signIn,
  register: messages.createAccount,
  confirm: messages.confirmEmailAddress,
  forgot: messages.resetPassword,
};

export function App() {
  const screen = screenOf(place.value.path) ?? "library";
  useSignalEffect(() => {
    document.title = messages.titleOf(TITLES[screenOf(place.value.path) ?? "library"]);
  });
  useSignalEffect(redirect);
  return (
    <>
      {session.value === "in" ? <SignedIn screen={screen} /> : <SignedOut screen={screen} />}
      {(screen !== "photo" || session.value !== "in") && <Toasts />}
      {listed.value && <ShortcutList />}
    </>
  );
}

/** Redirect signed-out people to the sign-in screen, and back after they sign in. */
function redirect(): void {
  const { path, query } = place.value;
  const here = path + location.search;
  const isForSignedOut = isSignedOutScreen(screenOf(path) ?? "library");
  if (session.value === "in" && isForSignedOut) {
    go(nextPlace(query.get("next"), location.origin), "replace");
  } else if (session.value === "out" && !isForSignedOut) {
    go(here === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(here)}`, "replace");
  }
}

function SignedIn({ screen }: { screen: Screen }) {
  return (
    <Shell screen={screen === "photo" ? (screenOf(underneath.value.path) ?? "library") : screen}>
      <Main screen={screen === "photo" ? (screenOf(underneath.value.path) ?? "library") : screen} />
      {screen === "photo" && <Photo id={decodeURIComponent(place.value.path.split("/")[2] ?? "")} />}
    </Shell>
  );
}

function Main({ screen }: { screen: Screen }) {
  switch (screen) {
    case "find":
      return <Find />;
    case "labels":
      return <Tags />;
    case "check":
      return <Review />;
    case "copies":
      return <Duplicates />;
    case "collections":
      return <Albums />;
    case "album":
      return <OpenAlbum />;
    case "alerts":
      return <Alerts />;
    case "shared-links":
      return <SharedLinks />;
    case "trash":
      return <Trash />;
    case "account":
      return <Account />;
    case "administration":
      return <Administration />;
    default:
      return <Library />;
  }
}

/** The state of one album isn't that of another one. */
function OpenAlbum() {
  const id = decodeURIComponent(underneath.value.path.split("/")[2] ?? "");
  return <Album key={id} id={id} />;
}

/** The screen while the server can't be reached. It retries by itself. */
function Unreachable() {
  const isBusy = useSignal(false);
  useEffect(() => {
    const timer = setInterval(() => void restore(), RETRY_MS);
    return () => clearInterval(timer);
  }, []);
  const retry = async () => {
    isBusy.value = true;
    await restore();
    isBusy.value = false;
  };
  return (
    <main class="starting">
      <h1 class="hidden-text">PixTag</h1>
      <Failed
        title={obstacle.value ? messages.cantOpenLibrary : describeUnreachable()}
        text={obstacle.value || messages.opensByItself(REACH_ADVICE)}
        isBusy={isBusy.value}
        onRetry={() => void retry()}
      />
      {!obstacle.value && <OfflineLibrary />}
    </main>
  );
}

function SignedOut({ screen }: { screen: Screen }) {
  if (session.value === "unreachable") {
    return <Unreachable />;
  }
  switch (session.value === "out" ? screen : "library") {
    case "sign-in":
      return <SignIn />;
    case "register":
      return <Register />;
    case "confirm":
      return <Confirm />;
    case "forgot":
      return <ForgotPassword />;
    default:
      return (
        <main class="starting" aria-busy="true" aria-label={messages.starting}>
          <Mark size={48} />
        </main>
      );
  }
}
