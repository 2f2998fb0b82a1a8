/** What the renderers ask of the adapter; everything else they know from the view. */

import type { Action, Picture, Tone } from "../../view.ts";

export interface Rendering {
  /** A person's Slack user id, where they have an account in the team that the message goes to. */
  userOf(person: string): string | undefined;
  /** The user group that is called with urgent cards. */
  group: string | undefined;
  /** What the button for an action carries. */
  token(action: Action): string;
  /** Id of the uploaded file; without one the picture's description stands in. */
  pictureFile(picture: Picture): string | undefined;
  /** Address of the page with all of a card. */
  fullView(key: string): string | undefined;
}

/** Always beside a word. Single characters that need no variation selector. */
export const symbols: Record<Tone, string> = { neutral: "⚪", progress: "🔵", good: "✅", warning: "🔶", bad: "🛑" };

/** The word beside the symbol, where a view brings none of its own. */
export const toneWords: Record<Tone, string> = {
  neutral: "Note",
  progress: "Under way",
  good: "Done",
  warning: "Careful",
  bad: "No",
};
