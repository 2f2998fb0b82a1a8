/** What a view needs before it is shown: its buttons in the store, its pictures at Slack. */

import { accountsOn } from "../../domain/policy.ts";
import type { StoredButton } from "../../ports.ts";
import type { Action, Picture } from "../../view.ts";
import type { AdapterParts } from "../adapter.ts";
import { buttonToken, pressedButton, storedButton } from "../buttons.ts";
import type { Pictures } from "./pictures.ts";
import type { Rendering } from "./rendering.ts";
import type { SignIn } from "./sign-in.ts";

export class Presenter {
  readonly pictures: Pictures;
  readonly #parts: AdapterParts;
  readonly #signIn: SignIn;
  readonly #teamIds: readonly string[];

  constructor(parts: AdapterParts, pictures: Pictures, signIn: SignIn, teamIds: readonly string[]) {
    this.#parts = parts;
    this.pictures = pictures;
    this.#signIn = signIn;
    this.#teamIds = teamIds;
  }

  /** Keeps the buttons first: one that is shown must be known when it is pressed. */
  async keep(actions: readonly Action[]): Promise<void> {
    if (actions.length > 0) await this.#parts.store.keepButtons(actions.map(storedButton), this.#parts.clock.now());
  }

  /** `withPictures` false: they are described instead. */
  rendering(withPictures = true): Rendering {
    const { policy } = this.#parts;
    return {
      userOf: (person) => this.#userOf(person),
      group: policy.onCall.groups.slack,
      token: (action) => this.token(action),
      pictureFile: (picture: Picture) => (withPictures ? this.pictures.file(picture) : undefined),
      fullView: (key) => this.#parts.fullView(key),
    };
  }

  token(action: Action): string {
    return buttonToken(this.#parts.secret, this.#where(), storedButton(action));
  }

  pressed(token: string): Promise<StoredButton | undefined> {
    return pressedButton(this.#parts.secret, this.#where(), token, this.#parts.store);
  }

  /** Buttons hold in the team that the app is installed in; before Slack has said which, in the configured one. */
  #where(): string {
    return `slack:${this.#team()}`;
  }

  #team(): string {
    return this.#signIn.identity?.team ?? this.#teamIds[0] ?? "";
  }

  /** `slack:TEAM:USER` or `slack:ENTERPRISE:TEAM:USER`, of this team. */
  #userOf(person: string): string | undefined {
    const ids = accountsOn(this.#parts.policy, person, "slack").map((account) => account.split(":").slice(-2));
    return ids.find(([team]) => team === this.#team())?.[1];
  }
}
