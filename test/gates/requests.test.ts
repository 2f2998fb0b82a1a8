/** A whole check asks the chain few questions: each of them takes a way there and back. */

import { expect, test } from "vitest";
import { buildPackage } from "../../src/ceremonies/build-package.ts";
import { openChains } from "../../src/chain/open.ts";
import { preconditionsCodeHash } from "../../src/chain/preconditions/preconditions.ts";
import { packageHash } from "../../src/domain/release-package.ts";
import { embeddedGasAccount } from "../../src/embedded/people.ts";
import { startWorld } from "../../src/embedded/world.ts";
import { examine } from "../../src/gates/index.ts";
import { startFaultyRpc } from "../support/faulty-rpc.ts";
import { sampleBuilds, samplePolicy } from "../support/sample-policy.ts";

/** HTTP messages for the three proxies of the sample, all gates and the simulation included. */
const most = 20;

test("a check of three proxies takes few messages, however many slots and calls they hold", async () => {
  await using world = await startWorld();
  const rpc = await startFaultyRpc(world.url);
  const chains = openChains({ rpc: { "eip155:31337": rpc.url }, gasKey: embeddedGasAccount.privateKey });
  try {
    const [policy, builds] = [await samplePolicy(), sampleBuilds()];
    const asked = {
      ...{ kind: "target" as const, target: "harbour", release: "2.0.0", implementations: {} },
      ...{ title: "t", rationale: "r", lane: "routine" as const },
    };
    const pkg = await buildPackage(asked, policy, chains, builds);
    const before = rpc.messages();
    const subject = { kind: "package" as const, package: pkg, packageHash: packageHash(pkg) };
    const progress = () => undefined;
    const { findings } = await examine({ subject, policy, chains, builds, preconditionsCodeHash, progress });
    expect(findings.filter((one) => one.severity !== "info")).toEqual([]);
    expect(rpc.messages() - before).toBeLessThanOrEqual(most);
  } finally {
    chains.close();
    await rpc.stop();
  }
});
