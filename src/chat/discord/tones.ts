/** How a state is marked: a symbol of a shape of its own; the colour at the edge only goes with it. */

import type { Tone } from "../../view.ts";

export const symbols: Record<Tone, string> = {
  neutral: "▫️",
  progress: "⏳",
  good: "✅",
  warning: "⚠️",
  bad: "🛑",
};

/** For answers, which carry no status of their own. */
export const words: Record<Tone, string> = {
  neutral: "Note",
  progress: "Under way",
  good: "OK",
  warning: "Careful",
  bad: "Problem",
};

/** 0xRRGGBB. */
export const colours: Record<Tone, number> = {
  neutral: 0x8a94a6,
  progress: 0x2f6feb,
  good: 0x2da44e,
  warning: 0xd29922,
  bad: 0xcf222e,
};
