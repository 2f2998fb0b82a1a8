/** Wallet proofs of chat accounts: an EIP-4361 message that names the account, signed by a wallet of the same person. */

import { recoverMessageAddress } from "viem";
import { parseSiweMessage } from "viem/siwe";
import { linkStatement } from "../link-message.ts";
import type { PolicyFiles } from "./policy-files.ts";

type Person = PolicyFiles["council"]["value"]["people"][number];
type Link = Person["links"][number];

/** Each problem as `FILE: path: reason`. */
export async function linkProblems(files: PolicyFiles): Promise<string[]> {
  const { file, value } = files.council;
  const found = await Promise.all(
    value.people.flatMap((person) =>
      person.links.map(async (link) => {
        const problem = await linkProblem(link, person, files);
        return problem === undefined ? [] : [`${file}: ${person.id}.links: ${problem}`];
      }),
    ),
  );
  return found.flat();
}

async function linkProblem(link: Link, person: Person, { council, chains }: PolicyFiles): Promise<string | undefined> {
  const { account, message, signature } = link;
  if (!person.accounts.includes(account)) return `${account} is none of the person's accounts`;
  const { address, statement, chainId } = parseSiweMessage(message);
  if (address === undefined) return `the message for ${account} is no EIP-4361 message`;
  const wanted = linkStatement(account, person.id, council.value.name);
  if (statement !== wanted) return `the message for ${account} has to say "${wanted}"`;
  if (!chains.value.chains.some((one) => one.id === `eip155:${chainId}`))
    return `the message for ${account} names the chain ${chainId}, which chains.yaml does not have`;
  if (!person.wallets.some((one) => one.toLowerCase() === address.toLowerCase()))
    return `the message for ${account} is of the wallet ${address}, which is none of the person's`;
  const signer = await recoverMessageAddress({ message, signature }).catch(() => undefined);
  return signer?.toLowerCase() === address.toLowerCase()
    ? undefined
    : `the signature for ${account} is not by ${address}`;
}
