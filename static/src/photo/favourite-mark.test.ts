import { expect, it } from "vitest";
import { FavouriteMark } from "./favourite-mark";

/** A mark whose changes are saved one by one with `finish`. */
function testMark(saved = false) {
  const sent: boolean[] = [];
  const waiting: ((isSaved: boolean) => void)[] = [];
  const state = { saved };
  const mark = new FavouriteMark(
    () => state.saved,
    async (isOn) => {
      sent.push(isOn);
      const isSaved = await new Promise<boolean>((done) => waiting.push(done));
      state.saved = isSaved ? isOn : state.saved;
    },
  );
  const finish = async (isSaved: boolean) => {
    waiting.shift()?.(isSaved);
    await settle();
  };
  return { mark, sent, finish };
}

const settle = () => new Promise((done) => setTimeout(done));

it("is shown before it is saved", async () => {
  const { mark, sent, finish } = testMark();

  mark.toggle();

  expect(mark.isOn.value).toBe(true);
  await settle();
  await finish(true);
  expect(mark.isOn.value).toBe(true);
  expect(sent).toEqual([true]);
});

it("returns to what it was when the change is rejected", async () => {
  const { mark, finish } = testMark(true);

  mark.toggle();
  await settle();
  expect(mark.isOn.value).toBe(false);
  await finish(false);

  expect(mark.isOn.value).toBe(true);
});

it("sends only the last of several changes, after the one that is being sent", async () => {
  const { mark, sent, finish } = testMark();
  mark.toggle();
  await settle();
  mark.toggle();
  mark.toggle();
  mark.toggle();

  expect(mark.isOn.value).toBe(false);
  await finish(true);
  expect(mark.isOn.value).toBe(false);
  await finish(true);

  expect(sent).toEqual([true, false]);
  expect(mark.isOn.value).toBe(false);
});
