import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { hashTypedData } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Hex } from "../../src/domain/primitives.ts";
import { embeddedGasAccount, embeddedPeople } from "../../src/embedded/people.ts";
import { type StartedWorld, startWorld } from "../../src/embedded/world.ts";
import { signed } from "../support/safe-service/owner.ts";
import { policiesWith } from "../support/safe-service/policies.ts";
import { type LoopbackService, startLoopbackService } from "../support/safe-service/service.ts";
import { quorate } from "./run-quorate.ts";

let world: StartedWorld;
let loopback: LoopbackService;
let policies: string;

beforeAll(async () => {
  world = await startWorld();
  const safe = () => Promise.reject(new Error("Nobody asks for a Safe."));
  loopback = await startLoopbackService({ chain: `eip155:${world.chainId}`, safe });
  policies = await policiesWith(loopback.url, true);
});
afterAll(async () => {
  await loopback?.stop();
  await world?.stop();
  await rm(dirname(policies), { recursive: true, force: true });
});

const { ben, eve } = embeddedPeople;

const delegate = (signature?: Hex, gasKey = embeddedGasAccount.privateKey) =>
  quorate(
    [
      ...["delegate", "--chain-id", `${world.chainId}`, "--safe", world.councilSafe],
      ...(signature === undefined ? [] : ["--signature", signature]),
    ],
    { QUORATE_POLICIES: policies, GAS_KEY: gasKey, [`RPC_${world.chainId}`]: world.url },
  );

test("an owner signs what is printed, and the gas account is their delegate at the service", async () => {
  const printed = await delegate();
  expect([printed.code, printed.stderr]).toEqual([0, ""]);
  const data = /--data '(.*)'$/m.exec(printed.stdout)?.[1] ?? "";
  const hash = hashTypedData(JSON.parse(data));
  const stranger = await delegate(await signed(eve, hash));
  expect([stranger.code, stranger.stdout]).toEqual([1, ""]);
  expect(stranger.stderr).toMatch(
    /^No owner of the Safe .* made this signature .* have an owner sign what it prints\.\n$/,
  );
  expect(loopback.requests).toEqual([]);
  const done = await delegate(await signed(ben, hash));
  expect([done.code, done.stderr]).toEqual([0, ""]);
  expect(done.stdout).toContain(`may propose for ${ben.address}`);
  expect(loopback.delegates).toEqual([embeddedGasAccount.address]);
  expect(loopback.refused).toEqual([]);
});

test("a gas account that is an owner is refused", async () => {
  const { code, stdout, stderr } = await delegate(undefined, ben.privateKey);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toBe(
    `The gas account ${ben.address} is an owner of the Safe ${world.councilSafe}: set another GAS_KEY.\n`,
  );
});
