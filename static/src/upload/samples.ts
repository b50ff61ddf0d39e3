// The sample photos, which go through the ordinary upload. `src/samples/README.md` names their sources and licenses.

import { send } from "../http";
import { upload } from "./uploads";

const SAMPLES = import.meta.glob<string>("../samples/*.jpg", { eager: true, query: "?url", import: "default" });

export async function uploadSamples(): Promise<void> {
  const files = Object.entries(SAMPLES).map(async ([path, url]) => {
    const data = await (await send("GET", url)).blob();
    return new File([data], path.split("/").at(-1) ?? "sample.jpg", { type: "image/jpeg" });
  });
  upload(await Promise.all(files));
}
