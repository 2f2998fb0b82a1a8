import { expect, test } from "vitest";
import { toPng } from "../../src/charts/png.ts";

const svg = (label: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="50"><text x="5" y="30" font-family="sans-serif" font-size="20">${label}</text></svg>`;
const picture = (label: string) => ({ title: "t", alt: "a", svg: svg(label) });

test("a picture becomes a PNG of twice its size", async () => {
  const png = Buffer.from(await toPng(picture("solvency")));
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([400, 100]);
});

test("its letters are drawn on a machine without fonts", async () => {
  const [letters, other, none] = await Promise.all(["solvency ✓", "liveness ✕", ""].map((one) => toPng(picture(one))));
  expect(Buffer.from(letters ?? []).equals(Buffer.from(none ?? []))).toBe(false);
  expect(Buffer.from(letters ?? []).equals(Buffer.from(other ?? []))).toBe(false);
});
