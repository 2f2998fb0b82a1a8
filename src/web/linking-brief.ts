/** What the page is given to link a wallet. It believes none of it: the text is written anew and shown before it is signed. */

import { z } from "zod";
import { address, chainId, slug } from "../domain/primitives.ts";

/** Seconds of wall time as a decimal string. */
const seconds = z.string().regex(/^\d{1,12}$/);

export const linkingBrief = z.strictObject({
  schema: z.literal("quorate/linking/1"),
  /** `link-3`. */
  link: slug,
  council: z.string().max(80),
  person: z.strictObject({ id: slug, name: z.string().max(60) }),
  account: z.string().max(110),
  domain: z.string().max(300),
  uri: z.string().max(2000),
  chain: chainId,
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
  issuedAt: seconds,
  expiresAt: seconds,
  /** Addresses that cannot be this person's, and whose they are, as an end of a sentence: "belongs to Ben". */
  taken: z.array(z.strictObject({ address, whose: z.string().max(200) })),
  /** The admins of whom two must confirm. */
  admins: z.array(z.string().max(60)),
});
export type LinkingBrief = z.input<typeof linkingBrief>;

/** What the page hands in. */
export const linkingProof = z.strictObject({
  token: z.string().min(1).max(200),
  wallet: address,
  signature: z
    .string()
    .regex(/^0x([0-9a-fA-F]{2}){1,4096}$/)
    .transform((text) => text.toLowerCase() as `0x${string}`),
});
