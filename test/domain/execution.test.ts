/** Whose wallet is to send what now, as a link that was handed out a while ago looks at it. */

import { describe, expect, it } from "vitest";
import { executionOf } from "../../src/domain/execution.ts";
import { legById } from "../../src/domain/release-package.ts";
import { by, type Ceremony } from "../support/ceremony-driver.ts";
import { ceremonyAt } from "../support/given.ts";

function asked(it: Ceremony, person: string) {
  const { state, policy, now, rules } = it;
  return executionOf(by(person), { state, policy, now, rules });
}

function code(it: Ceremony, person: string): string {
  const found = asked(it, person);
  return found.ok ? found.legs.join() : found.refusal.code;
}

describe("an execution", () => {
  it("is the named executor's, of the legs that are due", () => {
    const it = ceremonyAt("executing");
    expect(asked(it, "eve")).toMatchObject({ ok: true, purpose: "upgrade", legs: it.state.package.phases[0]?.legs });
    expect(code(it, "gus")).toBe("send/executor");
    expect(code(it, "ben")).toBe("role");
  });

  it("is nobody's before it is named, and after it has run", () => {
    expect(code(ceremonyAt("ready"), "eve")).toBe("execution/state");
    expect(code(ceremonyAt("closed"), "eve")).toBe("execution/state");
    expect(code(ceremonyAt("canary"), "eve")).toBe("send/status");
  });

  it("is over once every leg of it has run", () => {
    const it = ceremonyAt("executing");
    const [leg] = it.state.package.phases[0]?.legs ?? [];
    const done = { ...it.state, executedLegs: [{ leg, purpose: "upgrade", hash: "0x", person: "eve" }] } as never;
    const { policy, now, rules } = it;
    expect(executionOf(by("eve"), { state: done, policy, now, rules })).toMatchObject({
      refusal: { code: "execution/done" },
    });
  });

  it("is separated anew: who became one of its approvers since may not", () => {
    const it = ceremonyAt("executing");
    const vote = { ...it.state.approvals[0], person: "eve" };
    const { policy, now, rules } = it;
    expect(
      executionOf(by("eve"), { state: { ...it.state, approvals: [vote] } as never, policy, now, rules }),
    ).toMatchObject({
      refusal: { code: "separation/approver-executes" },
    });
  });

  it("is bound to the window, by the chain's clock", () => {
    const it = ceremonyAt("executing");
    const { state, policy, now, rules } = it;
    const [id = ""] = state.package.phases[0]?.legs ?? [];
    const { window } = state.package.phases[0] ?? { window: { notBefore: 0n, notAfter: 0n } };
    const at = (timestamp: bigint) =>
      executionOf(by("eve"), {
        ...{ state, policy, rules },
        now: { ...now, chains: now.chains.map((one) => ({ ...one, timestamp })) },
      });
    expect(legById(state.package, id).notBefore).toBeUndefined();
    expect(at(window.notBefore)).toMatchObject({ ok: true });
    expect(at(window.notAfter)).toMatchObject({ ok: true });
    expect(at(window.notBefore - 1n)).toMatchObject({ refusal: { code: "execution/early" } });
    expect(at(window.notAfter + 1n)).toMatchObject({ refusal: { code: "execution/late" } });
  });
});
