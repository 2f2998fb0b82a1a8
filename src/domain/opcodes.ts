/** EVM opcodes as far as a walk through code needs them: how many words each takes and gives, and which ones tell something. */

/** [opcode, words taken, words given]. Cancun and before; an opcode that is not here ends a path, as it does on chain. */
const arities: readonly (readonly [first: number, last: number, takes: number, gives: number])[] = [
  [0x01, 0x07, 2, 1],
  [0x08, 0x09, 3, 1],
  [0x0a, 0x0b, 2, 1],
  [0x10, 0x14, 2, 1],
  [0x15, 0x15, 1, 1],
  [0x16, 0x18, 2, 1],
  [0x19, 0x19, 1, 1],
  [0x1a, 0x1d, 2, 1],
  [0x1e, 0x1e, 1, 1],
  [0x20, 0x20, 2, 1],
  [0x30, 0x30, 0, 1],
  [0x31, 0x31, 1, 1],
  [0x32, 0x34, 0, 1],
  [0x35, 0x35, 1, 1],
  [0x36, 0x36, 0, 1],
  [0x37, 0x37, 3, 0],
  [0x38, 0x38, 0, 1],
  [0x39, 0x39, 3, 0],
  [0x3a, 0x3a, 0, 1],
  [0x3b, 0x3b, 1, 1],
  [0x3c, 0x3c, 4, 0],
  [0x3d, 0x3d, 0, 1],
  [0x3e, 0x3e, 3, 0],
  [0x3f, 0x40, 1, 1],
  [0x41, 0x48, 0, 1],
  [0x49, 0x49, 1, 1],
  [0x4a, 0x4a, 0, 1],
  [0x50, 0x50, 1, 0],
  [0x51, 0x51, 1, 1],
  [0x52, 0x53, 2, 0],
  [0x54, 0x54, 1, 1],
  [0x55, 0x55, 2, 0],
  [0x58, 0x5a, 0, 1],
  [0x5b, 0x5b, 0, 0],
  [0x5c, 0x5c, 1, 1],
  [0x5d, 0x5d, 2, 0],
  [0x5e, 0x5e, 3, 0],
  [0xa0, 0xa0, 2, 0],
  [0xa1, 0xa1, 3, 0],
  [0xa2, 0xa2, 4, 0],
  [0xa3, 0xa3, 5, 0],
  [0xa4, 0xa4, 6, 0],
  [0xf0, 0xf0, 3, 1],
  [0xf1, 0xf2, 7, 1],
  [0xf4, 0xf4, 6, 1],
  [0xf5, 0xf5, 4, 1],
  [0xfa, 0xfa, 6, 1],
];

export interface Arity {
  takes: number;
  gives: number;
}

/** By opcode; undefined for PUSH, DUP, SWAP, jumps, ends, and for what is no opcode. */
export const arityOf: readonly (Arity | undefined)[] = Array.from({ length: 256 }, (_, op) => {
  const found = arities.find(([first, last]) => op >= first && op <= last);
  return found === undefined ? undefined : { takes: found[2], gives: found[3] };
});

export const opcode = {
  add: 0x01,
  sub: 0x03,
  div: 0x04,
  eq: 0x14,
  isZero: 0x15,
  and: 0x16,
  xor: 0x18,
  not: 0x19,
  shl: 0x1b,
  shr: 0x1c,
  address: 0x30,
  callDataLoad: 0x35,
  pop: 0x50,
  sload: 0x54,
  jump: 0x56,
  jumpI: 0x57,
  gas: 0x5a,
  jumpDest: 0x5b,
  push0: 0x5f,
  push32: 0x7f,
  create: 0xf0,
  call: 0xf1,
  callCode: 0xf2,
  delegateCall: 0xf4,
  create2: 0xf5,
  staticCall: 0xfa,
  selfDestruct: 0xff,
} as const;

/** STOP, RETURN, REVERT, INVALID, SELFDESTRUCT. */
export const endsPath = new Set([0x00, 0xf3, 0xfd, 0xfe, 0xff]);

/** What can move code or power. */
export const powerful: ReadonlyMap<number, string> = new Map([
  [opcode.create, "CREATE"],
  [opcode.callCode, "CALLCODE"],
  [opcode.delegateCall, "DELEGATECALL"],
  [opcode.create2, "CREATE2"],
  [opcode.selfDestruct, "SELFDESTRUCT"],
]);

/** By which a contract can tell a simulation from a block: they are zero, made up or different there. */
export const environment: ReadonlyMap<number, string> = new Map([
  [0x32, "ORIGIN"],
  [0x3a, "GASPRICE"],
  [0x40, "BLOCKHASH"],
  [0x41, "COINBASE"],
  [0x44, "PREVRANDAO"],
  [0x45, "GASLIMIT"],
  [0x48, "BASEFEE"],
  [0x49, "BLOBHASH"],
  [0x4a, "BLOBBASEFEE"],
]);
