/** The families of bad upgrades, by what makes them bad, and the tests that prove that each is seen and its honest twin passes. */

export interface Proof {
  /** Below `test/`. */
  file: string;
  /** As it stands in the file. */
  title: string;
}

interface Mechanism {
  family: string;
  /** What happens, in one sentence. */
  mechanism: string;
  proved: readonly Proof[];
}

const proof = (file: string, ...titles: string[]): Proof[] => titles.map((title) => ({ file, title }));
const bytes = (...titles: string[]) => proof("gates/bytes.test.ts", ...titles);
const shapes = (...titles: string[]) => proof("gates/families/shapes.test.ts", ...titles);
const simulation = (...titles: string[]) => proof("gates/simulation.test.ts", ...titles);
const layout = (...titles: string[]) => proof("gates/layout.test.ts", ...titles);
const opcodes = (...titles: string[]) => proof("gates/opcodes.test.ts", ...titles);
const artefact = (...titles: string[]) => proof("gates/artefact.test.ts", ...titles);
const preflight = (...titles: string[]) => proof("gates/preflight.test.ts", ...titles);

const envelope: Mechanism[] = [
  {
    family: "safe",
    mechanism: "Borrowed code overwrites the Safe's own first slot behind a harmless-looking call.",
    proved: [
      ...bytes("refuses a DELEGATECALL, whatever it looks like", "lets a plain call pass"),
      ...shapes("a DELEGATECALL out of a Safe, signed or as a module, is refused"),
    ],
  },
  {
    family: "safe",
    mechanism: "A batch contract that can do more than plain calls makes a foreign one with the Safe's powers.",
    proved: bytes(
      "refuses a DELEGATECALL packed into a batch, and one in a Safe transaction inside",
      "takes MultiSendCallOnly where policy names it and its code is Safe's own, and there alone",
    ),
  },
  {
    family: "safe",
    mechanism: "A signature has no end: the same bytes still run a year later.",
    proved: [
      ...proof("chain/preconditions.test.ts", "notAfter: holds at the second, refuses a second after"),
      ...proof("watch/after-first-signature.test.ts", "expired after all signatures: anyone could still send them"),
    ],
  },
  {
    family: "safe",
    mechanism: "A gas limit inside lets a call fail while the nonce is used up and the receipt says success.",
    proved: [
      ...bytes("refuses a %s"),
      ...proof("domain/safe-signatures.test.ts", "a plain call has no gas refund, so that an inner revert cannot use"),
    ],
  },
  {
    family: "safe",
    mechanism: "A signature is made over another chain's domain.",
    proved: [
      ...shapes("a signature made for another chain, Safe or nonce belongs to nobody here"),
      ...preflight("hashes otherwise than the transaction says: refused"),
    ],
  },
  {
    family: "safe",
    mechanism: "Two transactions take one nonce: one is signed, the other one runs.",
    proved: [
      ...proof("domain/siblings.test.ts", "it is named by what differs in it"),
      ...proof("domain/drafting.test.ts", "is refused while another ceremony holds the nonces"),
      ...preflight("has used a nonce: refused; stands before it: flagged with how many wait"),
    ],
  },
  {
    family: "safe",
    mechanism: "Signatures that wait for an emergency are a bearer token, and can be sent early.",
    proved: proof(
      "ceremonies/gas-executor.test.ts",
      "a thief of the gas key can run nothing: it is early, and no rollback is there",
    ),
  },
  {
    family: "safe",
    mechanism:
      "A transaction of owner changes alone lowers the threshold, or gives one person or the gas key a second voice.",
    proved: bytes("flags a threshold that sinks, refuses the gas key as an owner, and a second key for one person"),
  },
  {
    family: "safe",
    mechanism: "The Safe that signs runs code, asks a guard or has a handler that nobody published.",
    proved: preflight("has a guard, a handler or code of its own that nobody published: flagged"),
  },
  {
    family: "safe",
    mechanism: "A refund is set in another Safe's transaction that runs inside.",
    proved: bytes("refuses a refund out of another Safe's transaction inside"),
  },
  {
    family: "safe",
    mechanism: "An owner, a threshold, a module, a guard or a handler is changed beside something else.",
    proved: bytes(
      "refuses a Safe that gives itself %s",
      "refuses owner changes that ride with something else, and takes them by themselves",
      "flags an owner whom nobody knows, and refuses a threshold of one",
    ),
  },
];

const calldata: Mechanism[] = [
  {
    family: "calldata",
    mechanism: "Bytes that the decoded view does not show, behind a call or between its arguments.",
    proved: [
      ...bytes(
        "refuses appended bytes at every depth",
        "refuses offsets that overlap, though they decode to the same call",
      ),
      ...shapes("bytes behind a call, and a function that nobody knows, are refused"),
    ],
  },
  {
    family: "calldata",
    mechanism: "Another function answers to the four bytes of one that was taken out.",
    proved: opcodes("another function under the four bytes of an old one"),
  },
  {
    family: "calldata",
    mechanism: "Ether rides on an upgrade and ends with whoever wrote the initialiser.",
    proved: [...bytes("refuses ether on an upgrade"), ...shapes("on an upgrade through %s is refused")],
  },
  {
    family: "calldata",
    mechanism: "A hash is approved, and what it stands for is nowhere in the bytes.",
    proved: shapes("a hash that is approved blindly is flagged"),
  },
  {
    family: "calldata",
    mechanism: "An allowance without limit lets a stranger take the tokens later.",
    proved: bytes("flags an allowance without limit for somebody whom policy does not know"),
  },
];

const targets: Mechanism[] = [
  {
    family: "target",
    mechanism: "The payload is genuine and the node belongs to another chain.",
    proved: preflight("an RPC of another chain is named, and refused"),
  },
  {
    family: "target",
    mechanism: "An older code with a known hole comes back as if it were new.",
    proved: artefact("that says a lower version is refused, and the next version passes"),
  },
  {
    family: "target",
    mechanism: "A batch gives an owner, an admin or a role away, at once or as a transfer to be accepted.",
    proved: [
      ...bytes(
        "refuses a change of %s that rides with other calls, and flags it by itself",
        "only tells of a change that goes where policy has that power, and stands alone",
      ),
      ...shapes("a change of %s beside the upgrade is refused"),
      ...preflight("to be, in a transfer that is under way, is refused"),
      ...proof(
        "gates/honest.test.ts",
        "with a new role that it declares passes, and without the declaration it is refused",
      ),
    ],
  },
  {
    family: "target",
    mechanism: "One proxy is pointed at another beacon by a raw write.",
    proved: simulation("a proxy that is made to follow a beacon"),
  },
  {
    family: "target",
    mechanism: "An address looks like a known one, by its ends or by letters of another script.",
    proved: bytes("refuses an address that looks like one of ours"),
  },
  {
    family: "target",
    mechanism: "The account called has no code yet, or borrows it by a person's key.",
    proved: preflight(
      "without code is refused, however deep it is called",
      "whose code is borrowed by a person's key is refused",
    ),
  },
  {
    family: "target",
    mechanism: "Somebody beside the timelock can upgrade: by ownership, a role, its admin, or an AccessManager.",
    proved: preflight(
      "that is %s is refused",
      "%s that somebody else holds is refused",
      "that hands out the right to upgrade is refused in a stranger's hands",
      "that gave a stranger %s is refused",
      "that is the timelock passes",
    ),
  },
];

const code: Mechanism[] = [
  {
    family: "artefact",
    mechanism: "The same source with another value in an immutable.",
    proved: artefact("an address that policy does not know is refused, and one that it knows passes"),
  },
  {
    family: "artefact",
    mechanism: "A linked library's address is swapped.",
    proved: artefact("of the build pass, of others are refused, and of nobody too"),
  },
  {
    family: "artefact",
    mechanism: "Code that can destroy itself is replaced at its address, where the chain still allows that.",
    proved: opcodes("code that can destroy itself is refused, because other code could take its place", "SELFDESTRUCT"),
  },
  {
    family: "artefact",
    mechanism: "The implementation is not there when people approve it.",
    proved: [
      ...artefact("an address without code, and a person's account that borrows code"),
      ...proof(
        "chain/preconditions.test.ts",
        "codeHash: holds for exactly this code, and refuses once the code is another",
      ),
    ],
  },
  {
    family: "artefact",
    mechanism: "The implementation has state of its own, from its constructor.",
    proved: artefact("an implementation with storage of its own is flagged"),
  },
  {
    family: "init",
    mechanism: "An initialiser grants a role on the way.",
    proved: simulation("a role that an initialiser grants", "a role that is written without an event"),
  },
  {
    family: "init",
    mechanism: "An initialiser is left open, on the implementation or on the proxy.",
    proved: simulation("an implementation left open to initialise", "a reinitialiser that anybody may run"),
  },
  {
    family: "init",
    mechanism: "An initialiser is skipped, and a security parameter reads zero.",
    proved: simulation("a threshold that is read as zero", "a weight whose initialiser was skipped"),
  },
  {
    family: "init",
    mechanism: "An initialiser sends the proxy's money away, or lends it.",
    proved: simulation(
      "ether that leaves with the upgrade",
      "tokens that leave with it",
      "an allowance that is given with it",
      "money that goes to the council",
      "code that a single schedule brings, as in a batch",
    ),
  },
  {
    family: "init",
    mechanism: "An initialiser plants a balance for somebody.",
    proved: simulation("a balance that is planted for a stranger", "a value that is kept for ourselves"),
  },
  {
    family: "target",
    mechanism: "The proxy was planted: it shows one code and runs another.",
    proved: simulation("a proxy that shows one code and runs another"),
  },
  {
    family: "brick",
    mechanism: "A new helper pays whoever asks.",
    proved: simulation(
      "a helper that pays whoever asks",
      "a helper that hands any token out",
      "money that the owner alone may take",
    ),
  },
  {
    family: "init",
    mechanism: "A clean upgrade with a wrong parameter, such as a price in another unit.",
    proved: simulation("a source whose price is in another unit", "a new source of the same price"),
  },
  {
    family: "layout",
    mechanism: "A variable shifts those behind it.",
    proved: [
      ...layout("a variable in front of the others", "a variable packed in between"),
      ...simulation("old values that are read as others"),
    ],
  },
  {
    family: "layout",
    mechanism: "A namespace has another id: everything in it reads zero.",
    proved: layout("a namespace under another id", "a namespace that is gone"),
  },
  {
    family: "layout",
    mechanism: "The annotation names one place, the code writes to another.",
    proved: layout("refuse layout/namespace-slot"),
  },
  {
    family: "brick",
    mechanism: "The upgrade function is gone: there is no way back.",
    proved: [...layout("a UUPS contract without its upgrade function"), ...opcodes("refuse opcodes/upgrade-missing")],
  },
  {
    family: "brick",
    mechanism: "Nothing guards the upgrade function.",
    proved: [
      ...simulation("an upgrade function that nobody guards"),
      ...layout("an upgrade that nothing guards", "a modifier that lets everybody through"),
    ],
  },
];

const time: Mechanism[] = [
  {
    family: "timelock",
    mechanism: "The delay is lowered in the same batch.",
    proved: [
      ...bytes("refuses a delay that is lowered"),
      ...shapes("a schedule with a short delay inside, and a lower delay, are refused"),
    ],
  },
  {
    family: "timelock",
    mechanism: "The operation has another salt or predecessor than was approved.",
    proved: proof("domain/integrity.test.ts", "every check is tampered with"),
  },
  {
    family: "timelock",
    mechanism: "A delay of years keeps every mend out, or lets nobody remember what was scheduled.",
    proved: bytes("refuses a delay of years, asked for or set"),
  },
  {
    family: "timelock",
    mechanism: "It waits for an operation that can never be done, or that a stranger decides over.",
    proved: bytes("refuses a predecessor that nobody has scheduled"),
  },
  {
    family: "timelock",
    mechanism: "Anybody executes, and so chooses the block.",
    proved: [
      ...proof("gates/gates.test.ts", "a timelock on which anyone may execute"),
      ...preflight(
        "the honest council passes; a timelock on which anyone executes is flagged, a second proposer refused",
      ),
    ],
  },
  {
    family: "timelock",
    mechanism: "The schedule waits less than policy demands.",
    proved: bytes(
      "refuses a shorter delay, in a batch and in a single operation",
      "takes a schedule with policy's delay",
    ),
  },
  {
    family: "simulation",
    mechanism: "Code behaves while it is simulated, and otherwise afterwards.",
    proved: [
      ...simulation("code that looks at who builds the block", "code that looks at the gas price"),
      ...opcodes("looks at the surroundings", "looks at its surroundings that the present code has too"),
    ],
  },
  {
    family: "node",
    mechanism: "One node lies, to us alone.",
    proved: proof("gates/sources.test.ts", "one of three lies, is named, and the other two carry the check"),
  },
  {
    family: "node",
    mechanism: "The state changes between the check and the execution.",
    proved: [
      ...proof("chain/preconditions.test.ts", "answer: holds for exactly these bytes"),
      ...proof("gates/gates.test.ts", "an implementation that was changed since the package was written"),
    ],
  },
];

const history: Mechanism[] = [
  {
    family: "node",
    mechanism: "A reorganisation takes the schedule or the code away after people have approved it.",
    proved: [
      ...proof(
        "watch/release.test.ts",
        "ends a scheduled ceremony at once, and the rest of it is put up for cancellation",
      ),
      ...preflight("that a reorganisation has taken away is refused"),
    ],
  },
];

const people: Mechanism[] = [
  {
    family: "workflow",
    mechanism: "One person votes for their own release through a second account.",
    proved: proof(
      "domain/separation.test.ts",
      "does not hold without the rule %s",
      "holds for random people, accounts",
    ),
  },
  {
    family: "workflow",
    mechanism: "What was signed is edited afterwards.",
    proved: proof("store/audit.test.ts", "finds a flipped byte, and says where", "passes what the program wrote"),
  },
  {
    family: "workflow",
    mechanism: "A signature is used twice, mirrored, or for something else.",
    proved: [
      ...proof("domain/safe-signatures.test.ts", "every other form of the signature is refused in words"),
      ...proof("ceremonies/nested.test.ts", "nobody signs twice, and an author not at all"),
    ],
  },
  {
    family: "chat",
    mechanism:
      "A word is written to its last letter in another script, or in letters that are drawn wide or as formulas.",
    proved: bytes("refuses a title %s", "takes %s"),
  },
  {
    family: "chat",
    mechanism: "Letters that nobody sees, or that turn the line around.",
    proved: proof("chat/security/text.test.ts", "text/invisible", "text/intent"),
  },
  {
    family: "chat",
    mechanism: "Markup, masked links and mentions in what people write.",
    proved: proof("chat/security/text.test.ts", "text/discord-markup", "text/slack-markup", "mentions/nobody"),
  },
  {
    family: "chat",
    mechanism: "A link preview uses a link up before the person opens it.",
    proved: proof(
      "web/signing-routes.test.ts",
      "the page comes under its own policy, and opening it asks nothing and uses nothing up",
    ),
  },
];

export const mechanisms: readonly Mechanism[] = [
  ...envelope,
  ...calldata,
  ...targets,
  ...code,
  ...time,
  ...history,
  ...people,
];
