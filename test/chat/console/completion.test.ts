import { describe, expect, it } from "vitest";
import { complete } from "../../../src/chat/console/completion.ts";
import { commands } from "./council.ts";

const asked: string[] = [];
const values = async (command: string, option: string, typed: string) => {
  asked.push(`${command} ${option} ${typed}`);
  return option === "ceremony"
    ? [
        { value: "UP-1", label: "Vault 1.2.0" },
        { value: "UP-3", label: "Fee switch" },
      ]
    : [{ value: "price oracle", label: "Oracle" }];
};

/** Labels for the line, whose caret is at `|`, and the line after the first suggestion is taken. */
async function at(line: string): Promise<{ labels: string[]; taken: string }> {
  const caret = line.indexOf("|");
  const text = line.replace("|", "");
  const { from, to, suggestions } = await complete(text, caret, commands, values);
  const taken = text.slice(0, from) + (suggestions[0]?.insert ?? "") + text.slice(to);
  return { labels: suggestions.map((suggestion) => suggestion.label), taken };
}

describe("completion", () => {
  it("offers commands, by their beginning first", async () => {
    expect((await at("|")).labels).toContain("propose");
    expect(await at("app|")).toEqual({ labels: ["approve"], taken: "approve " });
    expect(await at("/upgrade ex|")).toEqual({ labels: ["execute"], taken: "/upgrade execute " });
    expect((await at("/up|")).taken).toBe("/upgrade propose ");
    expect(await at("stat|")).toEqual({ labels: ["status"], taken: "status" });
  });

  it("offers values of the option whose turn it is, and the names of the others", async () => {
    expect(await at("approve |")).toEqual({ labels: ["UP-1", "UP-3", "ceremony=", "reason="], taken: "approve UP-1 " });
    expect(await at("approve UP-3|")).toEqual({ labels: ["UP-3"], taken: "approve UP-3 " });
    expect(await at("approve UP-1 |")).toEqual({ labels: ["reason="], taken: "approve UP-1 reason=" });
    expect((await at("approve reason=x |")).labels).toEqual(["UP-1", "UP-3", "ceremony="]);
    expect(await at("approve UP-1 re|")).toEqual({ labels: ["reason="], taken: "approve UP-1 reason=" });
  });

  it("offers values after a name, and quotes them where it must", async () => {
    expect(await at("propose lane=e|")).toEqual({ labels: ["routine", "emergency"], taken: "propose lane=routine " });
    expect(await at("propose lane=em|")).toEqual({ labels: ["emergency"], taken: "propose lane=emergency " });
    expect((await at("propose target=|")).taken).toBe('propose target="price oracle" ');
    expect((await at('propose target="pri|')).taken).toBe('propose target="price oracle" ');
    expect((await at("approve --ceremony |")).labels).toEqual(["UP-1", "UP-3"]);
  });

  it("replaces only the word at the caret", async () => {
    expect(await at("app| UP-1")).toMatchObject({ taken: "approve  UP-1" });
  });

  it("asks for values only of what can have some, and offers nothing after an unknown command", async () => {
    asked.length = 0;
    expect((await at("approve UP-1 reason=x|")).labels).toEqual([]);
    expect((await at("dance |")).labels).toEqual([]);
    expect(asked).toEqual([]);
  });
});
