import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { change, problemsAfter } from "./given-policy.ts";

const changed = (file: string, from: string, to: string) => problemsAfter((folder) => change(folder, file, from, to));

test("the sample policy is right", async () => {
  expect(await problemsAfter(() => undefined)).toBe("");
});

describe("a file by itself", () => {
  test.each([
    [
      "lanes.yaml",
      "quorum: 3\n  minDelay: 172800 # 48",
      "quorum: 0\n  minDelay: 172800 # 48",
      "routine.quorum: it must not be less than 1",
    ],
    ["lanes.yaml", "quorum: 3\n  minDelay: 172800 # 48", "minDelay: 172800 # 48", "routine.quorum: it is missing"],
    [
      "lanes.yaml",
      "window: 172800",
      "windows: 172800",
      "emergency.window: it is missing\ncouncil/lanes.yaml: emergency: there is no setting called windows here",
    ],
    [
      "lanes.yaml",
      "window: 172800",
      "window: two days",
      "emergency.window: a whole number without sign or leading zeros",
    ],
    ["lanes.yaml", "window: 172800", "window: -1", "emergency.window: it must not be less than 0"],
    ["lanes.yaml", "window: 172800", "window: yes", "emergency.window: a whole number without sign or leading zeros"],
    [
      "lanes.yaml",
      "emergency:\n  quorum: 3",
      "emergency:\n  quorum: [3]",
      "emergency.quorum: it must be a number, and is a list",
    ],
    [
      "chains.yaml",
      'lowGas: "100000000000000000"',
      "lowGas: 100000000000000000",
      "chains.eip155:31337.lowGas: a number this large goes into quotes, or its last digits would be lost",
    ],
    [
      "chains.yaml",
      "id: eip155:31337",
      "id: 31337",
      "chains.Embedded.id: 31337 is read as something else than text: write it in quotes",
    ],
    [
      "chains.yaml",
      "id: eip155:31337",
      "id: mainnet",
      "chains.mainnet.id: a chain is written eip155:NUMBER, such as eip155:1",
    ],
    [
      "council.yaml",
      '["0x2eb02271A96FD13a47718C8856eea0C3838aC973"]',
      '["0x2EB02271A96FD13a47718C8856eea0C3838aC973"]',
      "people.caro.wallets.1: the address has a wrong checksum: a character was mistyped",
    ],
    [
      "council.yaml",
      '["0x2eb02271A96FD13a47718C8856eea0C3838aC973"]',
      '["0x2eb0"]',
      "people.caro.wallets.1: an address is 0x and 40 hexadecimal digits",
    ],
    [
      "council.yaml",
      '["0x2eb02271A96FD13a47718C8856eea0C3838aC973"]',
      '"none"',
      "people.caro.wallets: it must be a list, and is none",
    ],
    [
      "council.yaml",
      '"cli:caro"',
      '"caro"',
      "people.caro.accounts.2: an account is PLATFORM:ID, such as slack:T024BE7LD:U023BECGF",
    ],
    [
      "council.yaml",
      "id: caro",
      "id: Caro",
      "people.Caro.id: a name of lower-case letters, digits and hyphens, 40 at most",
    ],
    ["roles.yaml", "auditor: []", "auditor: []\nking: [ada]", "(whole file): there is no setting called king here"],
    ["roles.yaml", "auditor: []", "", "auditor: it is missing"],
    [
      "channels.yaml",
      "upgrades:",
      "Upgrades:",
      "Upgrades: a name of lower-case letters, digits and hyphens, 40 at most",
    ],
    ["roles.yaml", "auditor: []", "auditor:", "auditor: it must be a list, and is empty"],
    [
      "targets/harbour.yaml",
      "kind: uups",
      "kind: diamond",
      "contracts.vault.kind: diamond is none of transparent, uups, beacon",
    ],
    ["targets/harbour.yaml", "releases:", "release:", "(whole file): there is no setting called release here"],
    [
      "invariants/harbour.yaml",
      'pass: { is: "<=", value: 300 }',
      'pass: { is: "<=" }',
      "metrics.price-age.pass: say either value or baselineBps",
    ],
    [
      "invariants/harbour.yaml",
      'pass: { is: "<=", value: 300 }',
      'pass: { is: "!=", value: 300 }',
      "metrics.price-age.pass.is: != is none of <, <=, =, >=, >",
    ],
  ])("%s with %j as %j", async (file, from, to, reason) => {
    expect(await changed(file, from, to)).toBe(`council/${file}: ${reason}`);
  });

  test("YAML that is broken is told with its line", async () => {
    expect(await changed("lanes.yaml", "emergency:\n", "emergency\n")).toMatch(
      /^council\/lanes\.yaml: not valid YAML: .* at line \d+, column \d+$/,
    );
  });

  test("a setting that stands there twice is no silent winner", async () => {
    expect(await changed("channels.yaml", "upgrades:", "upgrades: a\nupgrades:")).toMatch(
      /^council\/channels\.yaml: not valid YAML: Map keys must be unique at line 5/,
    );
  });

  test("an alias bomb ends in a sentence", async () => {
    const bomb = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
    for (const [name, of] of ["ba", "cb", "dc", "ed"]) bomb.push(`${name}: &${name} [${Array(10).fill(`*${of}`)}]`);
    const problem = await problemsAfter((folder) => writeFileSync(join(folder, "channels.yaml"), bomb.join("\n")));
    expect(problem).toMatch(/^council\/channels\.yaml: /);
  });

  test("all files that are wrong are named at once", async () => {
    const problem = await problemsAfter((folder) => {
      change(folder, "lanes.yaml", "window: 172800", "window: -1");
      change(folder, "targets/harbour.yaml", "kind: uups", "kind: diamond");
      rmSync(join(folder, "on-call.yaml"));
    });
    expect(problem.split("\n").map((line) => line.split(": ")[0])).toEqual([
      "council/lanes.yaml",
      "council/on-call.yaml",
      "council/targets/harbour.yaml",
    ]);
  });
});

describe("what is missing", () => {
  test("a file", async () => {
    expect(await problemsAfter((folder) => rmSync(join(folder, "roles.yaml")))).toMatch(
      /^council\/roles\.yaml: the file .*roles\.yaml cannot be read$/,
    );
  });
  test("a folder, and a folder without files", async () => {
    expect(await problemsAfter((folder) => rmSync(join(folder, "targets"), { recursive: true }))).toBe(
      "council/targets: there must be a folder with at least one .yaml file in it",
    );
    expect(await problemsAfter((folder) => rmSync(join(folder, "canary/harbour.yaml")))).toBe(
      "council/canary: there must be a folder with at least one .yaml file in it",
    );
  });
});

describe("what spans files", () => {
  test.each([
    [
      "roles.yaml",
      "executor: [eve, gus]",
      "executor: [eve, gus, zoe]",
      "roles.yaml: executor: nobody in council.yaml is called zoe",
    ],
    [
      "roles.yaml",
      "guardian: [caro, dev, finn, gus]",
      "guardian: []",
      "roles.yaml: guardian: without one no upgrade can be run",
    ],
    ["on-call.yaml", "sev3: [dev]", "sev3: [zoe]", "on-call.yaml: sev3: nobody in council.yaml is called zoe"],
    ["council.yaml", '"cli:ben"', '"cli:ada"', "council.yaml: people.ben.accounts: cli:ada belongs to ada already"],
    [
      "council.yaml",
      "0x8715DB4b30F4eB5EFD33304E9E592DF92ecc9dd0",
      "0xbf8c0b07b252fdd723b647dcc9eb97b3f4493519",
      "council.yaml: people.ben.wallets: 0xbf8c0B07B252FDD723B647dCC9EB97B3F4493519 belongs to ada already",
    ],
    ["council.yaml", "id: ben", "id: ada", "council.yaml: people.ada.id: two people are called ada"],
    ["council.yaml", "id: gus", "id: quorate", "council.yaml: people.quorate.id: quorate is the program itself"],
    [
      "targets/harbour.yaml",
      "chain: eip155:31337",
      "chain: eip155:5",
      "targets/harbour.yaml: chain: chains.yaml has no eip155:5",
    ],
    [
      "targets/harbour.yaml",
      '      vault: "0x598e8BEab0Ee786f29B6e1B921D2A2d956B08058"',
      '      vaults: "0x598e8BEab0Ee786f29B6e1B921D2A2d956B08058"',
      "targets/harbour.yaml: releases.2.0.2-inflating: the target has no contract vaults",
    ],
    [
      "targets/harbour.yaml",
      "id: 2.0.3-stale",
      "id: 2.0.0",
      "targets/harbour.yaml: releases.2.0.0: two releases have this id",
    ],
    [
      "targets/harbour.yaml",
      "id: pause-pilot",
      "id: pause-vault",
      "targets/harbour.yaml: containment.pause-vault: two containments have this id",
    ],
    [
      "canary/harbour.yaml",
      "contracts: [pilot-pool]",
      "contracts: [pilot-pond]",
      "canary/harbour.yaml: phases.pilot: the target has no contract pilot-pond",
    ],
    [
      "canary/harbour.yaml",
      "contracts: [vault, price-feed]",
      "contracts: [vault, price-feed, pilot-pool]",
      "targets/harbour.yaml: contracts.pilot-pool: it must stand in exactly one phase in canary/",
    ],
    [
      "canary/harbour.yaml",
      "contracts: [vault, price-feed]",
      "contracts: [vault]",
      "targets/harbour.yaml: contracts.price-feed: it must stand in exactly one phase in canary/",
    ],
    [
      "canary/harbour.yaml",
      "stopOn: [pilot-solvency, pilot-owner]",
      "stopOn: [pilot-luck]",
      "canary/harbour.yaml: phases.pilot: there is no invariant pilot-luck",
    ],
    ["canary/harbour.yaml", "id: main", "id: pilot", "canary/harbour.yaml: phases.pilot: two phases have this id"],
    [
      "invariants/harbour.yaml",
      "id: vault-cap",
      "id: pilot-cap",
      "invariants/harbour.yaml: metrics.pilot-cap: two invariants have this id",
    ],
    [
      "invariants/harbour.yaml",
      'fail: { is: ">", value: 3600 }\n    severity: 2\n    containment: pause-vault',
      'fail: { is: ">", value: 3600 }\n    severity: 2\n    containment: pray',
      "invariants/harbour.yaml: metrics.price-age: no target prepares the containment pray; an invariant without one is not a control",
    ],
    [
      "invariants/harbour.yaml",
      "function priceAge(address) view returns (uint256)",
      "function priceAge(address) view",
      "invariants/harbour.yaml: metrics.price-age: priceAge must return one value, and returns 0",
    ],
    [
      "invariants/harbour.yaml",
      "function priceAge(address) view returns (uint256)",
      "function priceAge(bool) view returns (uint256)",
      "invariants/harbour.yaml: metrics.price-age: priceAge takes bool, and is given something else",
    ],
    [
      "invariants/harbour.yaml",
      "function priceAge(address) view returns (uint256)",
      "function priceAge() view returns (uint256)",
      "invariants/harbour.yaml: metrics.price-age: priceAge takes 0 arguments, and 1 are given",
    ],
    [
      "invariants/harbour.yaml",
      "function priceAge(address) view returns (uint256)",
      "priceAge",
      'invariants/harbour.yaml: metrics.price-age: the signature "priceAge" cannot be read; write it as "function NAME() view returns (uint256)"',
    ],
  ])("%s with %j as %j", async (file, from, to, problem) => {
    expect((await changed(file, from, to)).split("\n")).toContain(`council/${problem}`);
  });

  test("a person whose id is gone from the council is missed wherever it is named", async () => {
    const problem = await changed("council.yaml", "id: dev", "id: devi");
    expect(problem.split("\n")).toEqual(
      expect.arrayContaining([
        "council/roles.yaml: approver: nobody in council.yaml is called dev",
        "council/on-call.yaml: sev3: nobody in council.yaml is called dev",
        "council/invariants/harbour.yaml: metrics.price-age: nobody in council.yaml is called dev",
      ]),
    );
  });

  test("a quorum that cannot be reached names the proposer in whose case", async () => {
    expect(await changed("roles.yaml", "approver: [ben, caro, dev, finn]", "approver: [ben, caro, dev]")).toBe(
      ["routine", "emergency"]
        .map(
          (lane) =>
            `council/lanes.yaml: ${lane}.quorum: 3 cannot be reached when Ben proposes: too few approvers and executors remain`,
        )
        .join("\n"),
    );
  });

  test("the only executor cannot be needed as an approver too", async () => {
    const problem = await problemsAfter((folder) => {
      change(folder, "roles.yaml", "executor: [eve, gus]", "executor: [finn]");
    });
    expect(problem).toContain("cannot be reached when Ben proposes");
    expect(problem).not.toContain("cannot be reached when Ada proposes");
  });

  test("a canary for a target that is not there is no silent nothing", async () => {
    const other = await problemsAfter((folder) =>
      change(folder, "canary/harbour.yaml", "target: harbour\n", "target: haven\n"),
    );
    expect(other.split("\n")).toEqual([
      "council/targets/harbour.yaml: id: no file in canary/ says the phases of harbour",
      "council/canary/harbour.yaml: target: no file in targets/ has the id haven",
    ]);
  });

  test("two canary files for one target are not merged by chance", async () => {
    const problem = await problemsAfter((folder) => {
      const phase =
        '{ id: again, contracts: [vault], exposure: { maxValue: "1" }, minDuration: 1, minSamples: 1, metrics: [vault-cap], stopOn: [vault-cap] }';
      writeFileSync(join(folder, "canary/second.yaml"), `target: harbour\nphases: [${phase}]\n`);
    });
    expect(problem.split("\n")).toContain(
      "council/canary/second.yaml: target: canary/harbour.yaml says the phases of harbour already",
    );
  });
});
