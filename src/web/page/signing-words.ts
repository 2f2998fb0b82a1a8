/** How the page speaks of signing, whatever is signed. */

import { counted } from "./plain-words.ts";
import type { WorkWords } from "./work.ts";

export const signingWords: WorkWords = {
  verb: "sign",
  past: "signed",
  next: (left) => `Compare the hashes below with your device, then sign ${counted(left, "transaction")}.`,
  done: {
    title: "Everything asked of you is signed.",
    sentence: "You can close this page. Each signature stays valid until its nonce is used on the chain.",
  },
};
