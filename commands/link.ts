import { actor, askReason, type Call, type Command, settled } from "../src/command.ts";
import { address, chainId } from "../src/domain/primitives.ts";
import { type Form, notice, type View } from "../src/view.ts";

export const link: Command = {
  name: "link",
  summary: "Link a wallet to yourself: it signs a text, and two admins confirm",
  example: "/upgrade link",
  effect: "mutate",
  roles: [],
  group: "people",
  options: [
    {
      name: "wallet",
      description: "Its address, to sign where the wallet is; left out, you get a link that asks it in your browser",
      type: "address",
      required: false,
      maxLength: 42,
    },
    {
      name: "chain",
      description: "The chain that the text names, such as eip155:1; the council's first where left out",
      type: "text",
      required: false,
      maxLength: 30,
    },
    {
      name: "confirm",
      description: "For admins: the link to confirm, such as link-1",
      type: "text",
      required: false,
      maxLength: 40,
    },
    {
      name: "deny",
      description: "For admins, and for who asked: the link to deny, such as link-1",
      type: "text",
      required: false,
      maxLength: 40,
    },
    {
      name: "reason",
      description: "Why it is denied; everyone sees it",
      type: "paragraph",
      required: false,
      maxLength: 2000,
    },
  ],
  asks: ({ wallet, confirm, deny, reason }) =>
    confirm === undefined && (deny === undefined ? wallet === undefined : reason === undefined),
  async run(call) {
    const { confirm, deny, reason } = call.options;
    const { people } = call.services;
    if (confirm !== undefined && deny !== undefined)
      return notice("bad", "confirm and deny were both given, so nothing was done: give one of them.");
    if (confirm !== undefined) {
      const outcome = await people.act({ kind: "confirmLink", by: actor(call), request: confirm });
      return settled(outcome, (all) => {
        const found = all.links.find((one) => one.id === confirm);
        return found?.status === "linked"
          ? `You confirmed ${confirm}, as the second admin: ${found.wallet} is linked now. Packages written before need a revision.`
          : `You confirmed ${confirm}. One more admin has to.`;
      });
    }
    if (deny !== undefined) {
      if (reason === undefined) return askReason("link", { deny }, `Deny ${deny}`, "Everyone sees this");
      const outcome = await people.act({ kind: "denyLink", by: actor(call), request: deny, reason });
      return settled(outcome, () => `You denied ${deny}: nothing is linked by it.`);
    }
    return begin(call);
  },
};

async function begin(call: Call): Promise<View> {
  const { people } = call.services;
  const wallet = address.optional().safeParse(call.options.wallet);
  if (!wallet.success)
    return notice("bad", `wallet is no address: ${wallet.error.issues[0]?.message}. Copy it from your wallet.`);
  const chain = chainId.optional().safeParse(call.options.chain);
  if (!chain.success) return notice("bad", "chain is not understood: it is written eip155:NUMBER, such as eip155:1.");
  if (wallet.data === undefined && people.needsWallet(call.person.id)) return walletForm(call);
  const asked = await people.requestLink(actor(call), { wallet: wallet.data, chain: chain.data });
  if (!asked.ok) return notice("bad", asked.refusal.sentence);
  const { request, url, item } = asked.offer;
  return {
    kind: "wallet",
    ceremony: request.id,
    title: `Link a wallet to ${call.person.name}`,
    summary:
      "Your wallet signs a text that says whose chat account this is. It moves nothing, costs nothing and gives the wallet no power on a chain. You have 15 minutes; then two admins confirm, and a card in the channel shows everybody what you asked for.",
    items: [],
    ...(item === undefined ? {} : { message: item }),
    ...(url === undefined ? {} : { link: url, again: "link" }),
  };
}

/** Where there is no page to ask the wallet, its address has to be known: it stands in the text. */
function walletForm(call: Call): Form {
  return {
    kind: "form",
    title: "Link a wallet",
    command: "link",
    options: call.options,
    fields: [
      {
        name: "wallet",
        label: "Address of the wallet",
        hint: "0x and 40 digits; the text to be signed names it",
        required: true,
        type: "line",
        choices: [],
        value: "",
        maxLength: 42,
      },
    ],
    submit: "Go on",
  };
}
