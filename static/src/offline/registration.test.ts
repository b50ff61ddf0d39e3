import { afterEach, expect, it, vi } from "vitest";
import { inTurn } from "../turns";
import { registerServiceWorker } from "./registration";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

/** Load a page that registers a service worker and then sends two requests. Return the names of those that are sent. */
function load(register: () => Promise<unknown>, respond: () => Promise<void>): readonly string[] {
  const page = new EventTarget();
  vi.stubEnv("PROD", true);
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("navigator", { serviceWorker: { register } });
  registerServiceWorker();
  page.dispatchEvent(new Event("load"));
  const sent: string[] = [];
  for (const name of ["a", "b"]) {
    void inTurn(() => {
      sent.push(name);
      return respond();
    });
  }
  return sent;
}

it.each([
  ["can't be registered", () => Promise.reject(new DOMException("", "SecurityError"))],
  ["was installed before", () => Promise.resolve({ installing: null })],
])("a service worker that %s leaves both turns to other requests", async (_, register) => {
  const ended = new EventTarget();
  const sent = load(register, () => new Promise((resolve) => ended.addEventListener("end", () => resolve())));

  await vi.waitFor(() => expect(sent).toEqual(["a", "b"]));
  ended.dispatchEvent(new Event("end"));
});

it("a new service worker takes one of two turns until it is installed", async () => {
  const installing = new EventTarget();
  const listen = vi.spyOn(installing, "addEventListener");

  const sent = load(
    () => Promise.resolve({ installing }),
    () => new Promise(() => {}),
  );

  await vi.waitFor(() => expect(listen).toHaveBeenCalled());
  expect(sent).toEqual(["a"]);
  installing.dispatchEvent(new Event("statechange"));
  await vi.waitFor(() => expect(sent).toEqual(["a", "b"]));
});
