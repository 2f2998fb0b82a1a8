import { expect, it } from "vitest";
import { asTyped, inertMrkdwnWithin } from "../../../src/chat/slack/mrkdwn.ts";

it.each([
  ["approve UP-1", "approve UP-1"],
  ["deny UP-1 a &lt; b &amp;&amp; c &gt; d", "deny UP-1 a < b && c > d"],
  ["hold reason=<@U123|ada>", "hold reason=@ada"],
  ["hold reason=<@U123>", "hold reason=@U123"],
  ["see <#C1|upgrades>", "see @upgrades".replace("@", "#")],
  ["at <https://a.example/x|a.example/x>", "at a.example/x"],
  ["at <https://a.example/x>", "at https://a.example/x"],
  ["call <!subteam^S1|@oncall> <!here>", "call @oncall @here"],
  ["&amp;lt;", "&lt;"],
])("%s is read as it was typed", (escaped, typed) => {
  expect(asTyped(escaped)).toBe(typed);
});

it("cuts text and never an entity", () => {
  for (const limit of [20, 21, 22, 23, 24, 25])
    expect(inertMrkdwnWithin("&<>".repeat(40), limit)).toMatch(/^(&(amp|lt|gt);)*…$/);
});
