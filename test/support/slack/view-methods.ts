/** views.*: modals and the Home tab. */

import { randomBytes } from "node:crypto";
import { checkView } from "./content.ts";
import { limits } from "./limits.ts";
import { type Json, record, SlackRefusal, text, type View } from "./model.ts";
import { findView, kept, newId, userOf, useTrigger, type Workspace } from "./workspace.ts";

/** A view as the person is going to see it. Refuses what Slack refuses. */
export function madeView(
  workspace: Workspace,
  given: Json,
  about: Pick<View, "type" | "user"> & { below?: View; replaces?: View },
): View {
  checkView(workspace, given, about.type);
  const externalId = text(given.external_id);
  const same = externalId === "" ? undefined : findView(workspace, externalId);
  if (same !== undefined && same.id !== about.replaces?.id) throw new SlackRefusal("duplicate_external_id");
  const id = about.replaces?.id ?? newId("V");
  return {
    id,
    hash: `${Math.floor(workspace.clock.now() / 1000)}.${randomBytes(4).toString("hex")}`,
    type: about.type,
    user: about.user,
    callbackId: text(given.callback_id),
    externalId,
    privateMetadata: text(given.private_metadata),
    title: text(record(given.title).text),
    submit: given.submit === undefined ? undefined : text(record(given.submit).text),
    close: given.close === undefined ? undefined : text(record(given.close).text),
    notifyOnClose: given.notify_on_close === true,
    clearOnClose: given.clear_on_close === true,
    blocks: kept(given.blocks),
    rootId: about.replaces?.rootId ?? about.below?.rootId ?? id,
    previousId: about.replaces === undefined ? about.below?.id : about.replaces.previousId,
    errors: {},
  };
}

/** A view as Slack writes it; `values` is what the person entered, by block_id and action_id. */
export function viewJson(workspace: Workspace, view: View, values: Json = {}): Json {
  const plain = (words: string | undefined) =>
    words === undefined || words === "" ? null : { type: "plain_text", text: words, emoji: true };
  return {
    id: view.id,
    team_id: userOf(workspace, view.user).team,
    type: view.type,
    blocks: view.blocks,
    private_metadata: view.privateMetadata,
    callback_id: view.callbackId,
    state: { values },
    hash: view.hash,
    title: plain(view.title),
    clear_on_close: view.clearOnClose,
    notify_on_close: view.notifyOnClose,
    close: plain(view.close),
    submit: plain(view.submit),
    previous_view_id: view.previousId ?? null,
    root_view_id: view.rootId,
    app_id: workspace.installation.appId,
    external_id: view.externalId,
    app_installed_team_id: workspace.installation.team,
    bot_id: workspace.installation.botId,
  };
}

export function stackOf(workspace: Workspace, user: string): View[] {
  return workspace.modals.get(user) ?? [];
}

export function setStack(workspace: Workspace, user: string, stack: View[]): void {
  workspace.modals.set(user, stack);
  workspace.changes.changed();
}

export function replaceView(workspace: Workspace, old: View, view: View): void {
  setStack(
    workspace,
    old.user,
    stackOf(workspace, old.user).map((one) => (one.id === old.id ? view : one)),
  );
}

/** Puts a view on top of the open ones; at most three lie on each other. */
export function pushView(workspace: Workspace, user: string, given: Json): View {
  const stack = stackOf(workspace, user);
  if (stack.length >= limits.modalDepth) throw new SlackRefusal("push_limit_reached");
  const below = stack.at(-1);
  const view = madeView(workspace, given, { type: "modal", user, ...(below === undefined ? {} : { below }) });
  setStack(workspace, user, [...stack, view]);
  return view;
}

export function open(workspace: Workspace, args: Json): Json {
  checkView(workspace, record(args.view), "modal");
  const { user } = useTrigger(workspace, text(args.trigger_id));
  const view = madeView(workspace, record(args.view), { type: "modal", user });
  setStack(workspace, user, [view]);
  return { view: viewJson(workspace, view) };
}

export function push(workspace: Workspace, args: Json): Json {
  checkView(workspace, record(args.view), "modal");
  const { user, view: from } = useTrigger(workspace, text(args.trigger_id));
  if (from === undefined) throw new SlackRefusal("invalid_trigger_id");
  return { view: viewJson(workspace, pushView(workspace, user, record(args.view))) };
}

export function update(workspace: Workspace, args: Json): Json {
  const old = findView(workspace, text(args.view_id) || text(args.external_id));
  if (old === undefined || old.type !== "modal") throw new SlackRefusal("view_not_found");
  if (args.hash !== undefined && args.hash !== old.hash) throw new SlackRefusal("hash_conflict");
  const view = madeView(workspace, record(args.view), { type: "modal", user: old.user, replaces: old });
  replaceView(workspace, old, view);
  return { view: viewJson(workspace, view) };
}

export function publish(workspace: Workspace, args: Json): Json {
  const user = text(args.user_id);
  if (!workspace.users.has(user)) throw new SlackRefusal("user_not_found");
  const old = workspace.homes.get(user);
  if (args.hash !== undefined && args.hash !== old?.hash) throw new SlackRefusal("hash_conflict");
  const view = madeView(workspace, record(args.view), {
    type: "home",
    user,
    ...(old === undefined ? {} : { replaces: old }),
  });
  workspace.homes.set(user, view);
  workspace.changes.changed();
  return { view: viewJson(workspace, view) };
}
