/** What each kind of wallet shows for a Safe transaction, and which hash is to be compared with it. */

import type { SafeTxHashes } from "../../domain/safe-tx.ts";

export type DeviceId = "ledger" | "trezor" | "keystone" | "software";

export interface Device {
  id: DeviceId;
  name: string;
  /** Hashes to compare in full, in the order in which the device shows them. */
  compare: readonly (keyof SafeTxHashes)[];
  advice: string;
}

export const devices: readonly [Device, ...Device[]] = [
  {
    id: "ledger",
    name: "Ledger",
    compare: ["domainHash", "messageHash"],
    advice:
      "A Ledger shows two values one after the other, the domain hash (which Safe, which chain) and the message hash (which transaction). Compare both in full, every group. A Ledger that reads Safe transactions shows the ten fields instead: compare those below.",
  },
  {
    id: "trezor",
    name: "Trezor",
    compare: ["domainHash", "messageHash"],
    advice:
      "A Trezor with a large screen leads you through the fields one by one: compare Safe, to, data and nonce with the ten fields below. A Trezor Model One shows domain hash and message hash instead: compare both in full, every group.",
  },
  {
    id: "keystone",
    name: "Keystone",
    compare: ["safeTxHash", "domainHash", "messageHash"],
    advice:
      "A Keystone shows the decoded transaction and, under its raw data, the hashes. Compare the safeTxHash in full; where your firmware shows domain hash and message hash instead, compare both of those.",
  },
  {
    id: "software",
    name: "Software wallet",
    compare: ["safeTxHash"],
    advice:
      "A wallet in this browser shows the fields, and some show the safeTxHash. It runs on the same computer as this page, so both could lie together: run the offline command below on another computer and compare the safeTxHash in full.",
  },
];
