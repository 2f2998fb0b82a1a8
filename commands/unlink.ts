import { actor, askReason, type Command, settled } from "../src/command.ts";
import { personById, personOfWallet } from "../src/domain/policy.ts";
import { address } from "../src/domain/primitives.ts";
import { notice } from "../src/view.ts";

export const unlink: Command = {
  name: "unlink",
  summary: "Have a wallet taken from a person; two admins confirm. Lost or stolen: freeze first",
  example: '/upgrade unlink wallet=0x… reason="the device is lost"',
  effect: "mutate",
  roles: [],
  group: "people",
  options: [
    { name: "wallet", description: "Which wallet, by its address", type: "address", required: false, maxLength: 42 },
    {
      name: "confirm",
      description: "For admins: what to confirm, such as unlink-1",
      type: "text",
      required: false,
      maxLength: 40,
    },
    {
      name: "deny",
      description: "For admins, and for whose wallet it is: what to deny, such as unlink-1",
      type: "text",
      required: false,
      maxLength: 40,
    },
    { name: "reason", description: "Why; everyone sees it", type: "paragraph", required: false, maxLength: 2000 },
  ],
  asks: ({ confirm, reason }) => confirm === undefined && reason === undefined,
  async run(call) {
    const { confirm, deny, reason } = call.options;
    const { people } = call.services;
    const by = actor(call);
    if ([confirm, deny, call.options.wallet].filter((one) => one !== undefined).length !== 1)
      return notice(
        "bad",
        "Nothing was done: give one of wallet, confirm and deny. /upgrade whoami shows your wallets.",
      );
    if (confirm !== undefined) {
      const outcome = await people.act({ kind: "confirmUnlink", by, request: confirm });
      return settled(outcome, (all) =>
        all.unlinks.find((one) => one.id === confirm)?.status === "unlinked"
          ? `You confirmed ${confirm}, as the second admin: the wallet is unlinked now. Packages written before need a revision.`
          : `You confirmed ${confirm}. One more admin has to.`,
      );
    }
    if (reason === undefined)
      return askReason(
        "unlink",
        call.options,
        deny === undefined ? "Unlink a wallet" : `Deny ${deny}`,
        "Everyone sees this",
      );
    if (deny !== undefined) {
      const outcome = await people.act({ kind: "denyUnlink", by, request: deny, reason });
      return settled(outcome, () => `You denied ${deny}: the wallet stays where it is.`);
    }
    const wallet = address.safeParse(call.options.wallet);
    if (!wallet.success)
      return notice("bad", `wallet is no address: ${wallet.error.issues[0]?.message}. Copy it from /upgrade whoami.`);
    const person = personOfWallet(call.policy, wallet.data)?.id ?? call.person.id;
    const outcome = await people.act({ kind: "requestUnlink", by, person, wallet: wallet.data, reason });
    const name = person === call.person.id ? "you" : personById(call.policy, person)?.name;
    return settled(
      outcome,
      (all) =>
        `${all.unlinks.at(-1)?.id} asks two admins to take ${wallet.data} from ${name}. Until then it counts: if it is lost or stolen, freeze with /upgrade freeze ${person}.`,
    );
  },
};
