/** What nodes answer to `debug_trace…`: by the call tracer, and by the prestate tracer in its diff mode. */

import { z } from "zod";
import type { Address, Hex } from "../domain/primitives.ts";
import { hexAddress, hexBytes, hexQuantity, hexWord } from "./rpc.ts";

const account = z.string().regex(/^0x[0-9a-fA-F]{40}$/);
const slots = z.object({ storage: z.record(hexWord, hexWord).optional() });
export const difference = z.object({
  // Code that was there before is not looked at.
  pre: z.record(account, slots),
  post: z.record(account, slots.extend({ code: hexBytes.optional() })),
});

/** And what else a call left behind. */
export const whole = difference.extend({
  post: z.record(
    account,
    slots.extend({
      code: hexBytes.optional(),
      balance: hexQuantity.optional(),
      nonce: z.int().nonnegative().optional(),
    }),
  ),
});

export interface Frame {
  type: string;
  from: Address;
  to?: Address | undefined;
  input?: Hex | undefined;
  value?: bigint | undefined;
  gasUsed?: bigint | undefined;
  error?: string | undefined;
  output?: Hex | undefined;
  logs?: { address: Address; topics: Hex[]; data: Hex }[] | undefined;
  calls?: Frame[] | undefined;
}
export const frame: z.ZodType<Frame> = z.object({
  type: z.string(),
  from: hexAddress,
  to: hexAddress.optional(),
  input: hexBytes.optional(),
  value: hexQuantity.optional(),
  gasUsed: hexQuantity.optional(),
  error: z.string().optional(),
  output: hexBytes.optional(),
  logs: z.array(z.object({ address: hexAddress, topics: z.array(hexWord), data: hexBytes })).optional(),
  get calls() {
    return z.array(frame).optional();
  },
});
