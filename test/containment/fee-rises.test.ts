/** A breach is when everybody wants into the next block: a containment that the gas key offered too little for goes on. */

import { parseTransaction } from "viem";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type TestCouncil, walk } from "../support/embedded.ts";
import { baseFeeTriples, keepFirstBytes } from "../support/kept-bytes.ts";
import { type KeptCouncil, keepCouncil } from "../support/kept-council.ts";

let kept: KeptCouncil;
let council: TestCouncil;
beforeAll(async () => {
  kept = await keepCouncil({}, (first) => walk(first, "canary"));
});
afterAll(() => kept?.stop());
beforeEach(async () => {
  council = await kept.anew();
});
afterEach(() => council.stop());

test("what was made ready beforehand is sent again at a higher fee, and the council reads that it worked", async () => {
  const { sent } = keepFirstBytes(council, { kept: baseFeeTriples(council) });
  await council.as("caro", "contain", { ceremony: "UP-1", containment: "pause-pilot", reason: "It leaks." });
  await council.quorate.settle();
  expect(sent).toHaveLength(1);
  expect((await council.state()).containment?.confirmed).toBe(false);
  await council.advance(5n, 1);
  council.quorate.outbox.wake();
  await council.quorate.settle();
  const [first, second] = sent.map((raw) => parseTransaction(raw));
  expect(second).toMatchObject({ nonce: first?.nonce, to: first?.to, data: first?.data });
  expect(second?.maxFeePerGas).toBeGreaterThan((first?.maxFeePerGas ?? 0n) * 4n);
  expect((await council.state()).containment?.confirmed).toBe(true);
  expect((await council.card()).status).toBe("contained");
});
