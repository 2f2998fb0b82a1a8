import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { createSiweMessage } from "viem/siwe";
import { describe, expect, test } from "vitest";
import { linkStatement } from "../../src/link-message.ts";
import { change, problemsAfter } from "./given-policy.ts";

const adas = 'accounts: ["console:ada", "cli:ada"]';
const workspaces = `slack:
  - { name: Harbour, team: T0HARBOUR }
  - { name: Quay, team: T0QUAY, enterprise: E0QUAY }
  - { name: Lighthouse, team: T0LIGHT, external: true }
discord:
  - { name: Harbour, guild: "112233445566778899" }
`;

/** What is read once Ada has this account too, in a council with four workspaces. */
function withAccount(account: string, more: (folder: string) => void = () => undefined): Promise<string> {
  return problemsAfter((folder) => {
    change(folder, "workspaces.yaml", "slack: []\ndiscord: []\n", workspaces);
    change(folder, "council.yaml", adas, `accounts: ["console:ada", "${account}"]`);
    more(folder);
  });
}

describe("a chat account", () => {
  test.each(["slack:T0HARBOUR:U1", "slack:E0QUAY:T0QUAY:W2", "discord:112233445566778899:998877665544332211"])(
    "%s is right",
    async (account) => expect(await withAccount(account)).toBe(""),
  );

  test.each([
    ["slack:U1", "slack:U1 is not written slack:TEAM:USER or slack:ENTERPRISE:TEAM:USER"],
    ["slack:T0HARBOUR:ada", "slack:T0HARBOUR:ada is not written slack:TEAM:USER"],
    ["slack:T0OTHER:U1", "slack:T0OTHER:U1 is in a Slack team that workspaces.yaml does not list"],
    ["slack:E0QUAY:T0HARBOUR:U1", "has to be written slack:T0HARBOUR:U1"],
    ["slack:T0QUAY:U1", "has to be written slack:E0QUAY:T0QUAY:U1"],
    ["discord:ada", "discord:ada is not written discord:GUILD:USER"],
    ["discord:999999999999999999:998877665544332211", "is in a Discord guild that workspaces.yaml does not list"],
    ["slack:T0LIGHT:U1", "so the person's wallet has to sign for it under links"],
  ])("%s is refused", async (account, reason) => {
    const read = await withAccount(account);
    expect(read).toContain("council/council.yaml: ada.accounts: ");
    expect(read).toContain(reason);
  });
});

describe("a link of an account from another organisation", () => {
  const wallet = privateKeyToAccount(generatePrivateKey());
  const account = "slack:T0LIGHT:U1";
  const right = {
    address: wallet.address,
    statement: linkStatement(account, "ada", "Harbour security council"),
    chainId: 31337,
  };

  /** What is read once Ada's wallet said this; by default another wallet's signature is the same wallet's. */
  async function linked(said: Partial<typeof right>, signer = wallet): Promise<string> {
    const message = createSiweMessage({
      ...right,
      ...said,
      domain: "quorate.example.org",
      uri: "https://quorate.example.org/link",
      version: "1",
      nonce: "abcdefgh12345678",
      issuedAt: new Date(1_700_000_000_000),
    });
    const signature = await signer.signMessage({ message });
    const wallets = 'wallets: ["0xbf8c0B07B252FDD723B647dCC9EB97B3F4493519"]';
    const text = message.split("\n").map((line) => `          ${line}`);
    const link = [
      "links:",
      `      - account: ${account}`,
      "        message: |",
      ...text,
      `        signature: "${signature}"`,
    ];
    return withAccount(account, (folder) =>
      change(folder, "council.yaml", wallets, `wallets: ["${wallet.address}"]\n    ${link.join("\n")}`),
    );
  }

  test("is taken where the person's wallet signed that the account is theirs", async () => {
    expect(await linked({})).toBe("");
  });

  test("is refused for another account, person, wallet, chain or signer", async () => {
    const other = privateKeyToAccount(generatePrivateKey());
    const says = (what: string) => `council/council.yaml: ada.links: ${what}`;
    const statement = linkStatement("slack:T0LIGHT:U2", "ada", "Harbour security council");
    expect(await linked({ statement })).toContain(says(`the message for ${account} has to say`));
    const ben = linkStatement(account, "ben", "Harbour security council");
    expect(await linked({ statement: ben })).toContain(says(`the message for ${account} has to say`));
    expect(await linked({ address: other.address }, other)).toContain("which is none of the person's");
    expect(await linked({ chainId: 1 })).toContain("which chains.yaml does not have");
    expect(await linked({}, other)).toContain(says(`the signature for ${account} is not by ${wallet.address}`));
  });
});

describe("a channel", () => {
  const to = (text: string) =>
    problemsAfter((folder) => change(folder, "channels.yaml", 'upgrades: "console:upgrades"', text));

  test("is written by platform and id, one a platform", async () => {
    expect(await to("upgrades: [console:upgrades, slack:C024BE91L, discord:112233445566778899]")).toBe("");
    expect(await to("upgrades: slack:#upgrades")).toContain(
      "council/channels.yaml: upgrades: slack:#upgrades is no channel: write slack:C024BE91L",
    );
    expect(await to("upgrades: [slack:C1, slack:C2]")).toContain("upgrades: two channels on slack");
  });
});
