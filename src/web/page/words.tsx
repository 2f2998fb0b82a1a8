/** A sentence with the addresses and hashes in it set apart, so that 40 digits do not drown the verb. */

import { inert } from "./plain-words.ts";

export function Words({ children }: { children: string }) {
  return (
    <>
      {inert(children)
        .split(/(0x[0-9a-fA-F]{6,})/)
        .map((piece, at) => (at % 2 === 1 ? <code key={at}>{piece}</code> : piece))}
    </>
  );
}
