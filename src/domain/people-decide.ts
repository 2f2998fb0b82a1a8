/** decidePeople(state, intent, policy, now): events, or a refusal. Pure; what was read or recovered is handed in. */

import { freeze, unfreeze } from "./freezing.ts";
import { frozenRefusal } from "./frozen.ts";
import {
  confirmLink,
  confirmUnlink,
  denyLink,
  denyUnlink,
  expire,
  proveLink,
  requestLink,
  requestUnlink,
} from "./linking.ts";
import type { PeopleState } from "./people.ts";
import { type PeopleDecision, type PeopleIntent, type PeopleSetting, refuses } from "./people-decision.ts";
import type { Policy } from "./policy.ts";

/** `policy` has the people as they count now: {@link import("./people.ts").peopleNow}. */
export function decidePeople(state: PeopleState, intent: PeopleIntent, policy: Policy, now: bigint): PeopleDecision {
  const setting: PeopleSetting = { state, policy, now };
  if (intent.kind === "expire") return expire(setting);
  const frozen = frozenRefusal(policy, intent.by.person);
  if (frozen !== undefined) return refuses(frozen.code, frozen.sentence, frozen.who);
  switch (intent.kind) {
    case "requestLink":
      return requestLink(intent, setting);
    case "proveLink":
      return proveLink(intent, setting);
    case "confirmLink":
      return confirmLink(intent, setting);
    case "confirmUnlink":
      return confirmUnlink(intent, setting);
    case "denyLink":
      return denyLink(intent, setting);
    case "denyUnlink":
      return denyUnlink(intent, setting);
    case "requestUnlink":
      return requestUnlink(intent, setting);
    case "freeze":
      return freeze(intent, setting);
    case "unfreeze":
      return unfreeze(intent, setting);
  }
}
