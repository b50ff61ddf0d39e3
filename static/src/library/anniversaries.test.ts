import { expect, it } from "vitest";
import { anniversaries } from "./anniversaries";

const month = (text: string) => ({ month: text, images: 1 });

it("are this day in earlier years with photos of its month", () => {
  const months = ["2026-11", "2025-11", "2025-10", "2019-11", ""].map(month);

  expect(anniversaries(months, "2026-11-30")).toEqual(["2025-11-30", "2019-11-30"]);
});

it("are at most ten", () => {
  const months = Array.from({ length: 30 }, (_, index) => month(`${2025 - index}-11`));

  expect(anniversaries(months, "2026-11-30")).toHaveLength(10);
  expect(anniversaries(months, "2026-11-30")[0]).toBe("2025-11-30");
});

it("of 29 February are in leap years", () => {
  expect(anniversaries(["2027-02", "2024-02", "2023-02"].map(month), "2028-02-29")).toEqual(["2024-02-29"]);
});
