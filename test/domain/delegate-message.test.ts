import { hashTypedData } from "viem";
import { expect, test } from "vitest";
import { delegateHashes, delegateTypedData } from "../../src/domain/delegate-message.ts";

const chain = "eip155:1";
const account = "0xA6c173C67453Eca91c45C809fcb14Ff5f026fB4b";
const at = 1_800_000_000n;
const hashAt = (when: bigint) => hashTypedData(delegateTypedData(chain, account, when));

test("a signature for a delegate counts in its hour and the next, as at the service, and then no more", () => {
  expect(delegateTypedData(chain, account, at).message).toEqual({ delegateAddress: account, totp: 500_000n });
  expect(hashAt(at + 3599n)).toBe(hashAt(at));
  expect(delegateHashes(chain, account, at + 3599n)).toContain(hashAt(at));
  expect(delegateHashes(chain, account, at + 7199n)).toContain(hashAt(at));
  expect(delegateHashes(chain, account, at + 7200n)).not.toContain(hashAt(at));
  expect(delegateHashes("eip155:10", account, at)).not.toContain(hashAt(at));
});
