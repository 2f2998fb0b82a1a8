/** The console's HTTP interface: the page, its event stream, and what people do. */

import { type Context, Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import type { Action, Form, View } from "../../view.ts";
import { notice } from "../../view.ts";
import { parseTextCommand, slash } from "../text-command.ts";
import type { ChannelClock } from "./clock.ts";
import { complete } from "./completion.ts";
import { onlyJson, onlyOurHost, onlyOurPage, onlySmallBodies, refuse } from "./guard.ts";
import type { ConsoleOptions } from "./options.ts";
import type { PageFiles } from "./page-files.ts";
import type { Room } from "./room.ts";
import type { Setup, Update } from "./wire.ts";
import type { Work } from "./work.ts";

export interface Parts {
  options: ConsoleOptions;
  files: PageFiles;
  room: Room;
  work: Work;
  clock: ChannelClock;
  port: () => number;
}

const id = z.string().regex(/^[A-Za-z0-9-]{8,64}$/, "an id is 8 to 64 letters, digits and hyphens");
const values = z.record(z.string().max(100), z.string().max(20_000));
const bodies = {
  say: z.object({ account: z.string(), id, text: z.string().max(20_000) }),
  run: z.object({
    account: z.string(),
    id,
    said: z.string().max(300),
    command: z.string().max(100),
    options: values,
    revision: z.int().positive().optional(),
  }),
  submit: z.object({ account: z.string(), id, reply: id, values }),
  complete: z.object({ account: z.string(), text: z.string().max(20_000), caret: z.int().nonnegative() }),
  sign: z.object({ account: z.string(), reply: id }),
  dismiss: z.object({ account: z.string(), reply: id }),
  advance: z.object({
    account: z.string(),
    id,
    said: z.string().max(300),
    seconds: z
      .int()
      .positive()
      .max(366 * 86_400),
  }),
};
type Body<Name extends keyof typeof bodies> = z.output<(typeof bodies)[Name]>;

export function routes(parts: Parts): Hono {
  const app = new Hono();
  app.use(onlyOurHost(parts.port));
  app.get("/", (context) => context.html(parts.files.html));
  app.get("/console.js", (context) => context.body(parts.files.script, 200, { "Content-Type": "text/javascript" }));
  app.get("/style.css", (context) => context.body(parts.files.style, 200, { "Content-Type": "text/css" }));

  const { pages } = parts.options;
  // A Response that is handed back as it is stands under its own headers: these pages run no script.
  if (pages !== undefined) app.all("/view/*", (context) => pages.answer(context.req.raw));

  app.use("/api/*", onlyOurPage(parts.port));
  app.get("/api/setup", (context) => context.json(setup(parts)));
  app.get("/api/events", (context) => events(context, parts));
  app.on("POST", "/api/*", onlyJson, onlySmallBodies);
  for (const [name, act] of Object.entries(actions(parts))) {
    app.post(`/api/${name}`, async (context) => {
      const parsed = bodies[name as keyof typeof bodies].safeParse(await context.req.json().catch(() => undefined));
      if (!parsed.success) return refuse(context, 400, `This request is not understood: ${firstIssue(parsed.error)}.`);
      if (!known(parts, parsed.data.account)) return refuse(context, 400, "Nobody here has this account.");
      return (act as (context: Context, body: unknown) => Response | Promise<Response>)(context, parsed.data);
    });
  }
  app.notFound((context) => refuse(context, 404, "There is nothing here: the console is at /."));
  return app;
}

/** Answers at once; what comes of it arrives by the event stream. */
function actions(parts: Parts) {
  const { options, room, work } = parts;
  const accepted = (context: Context) => context.json({}, 202);
  const start = (
    account: string,
    request: string,
    said: string,
    job: (progress: (text: string) => void) => Promise<View>,
  ) => void work.run(account, request, said, job);
  return {
    say(context: Context, body: Body<"say">) {
      start(body.account, body.id, body.text.trim(), say(parts, body));
      return accepted(context);
    },
    run(context: Context, { account, id, said, command, options: given, revision }: Body<"run">) {
      const offered = revision === undefined ? {} : { revision };
      const invocation = { command, options: given, account, deliveryId: `console:${id}`, ...offered };
      start(account, id, said, (progress) => options.dispatch(invocation, progress));
      return accepted(context);
    },
    submit(context: Context, body: Body<"submit">) {
      const entry = room.reply(body.account, body.reply);
      const form = entry?.view?.kind === "form" ? entry.view : entry?.again;
      if (form?.kind !== "form") return refuse(context, 409, "This form is gone: start the command again.");
      const unknown = Object.keys(body.values).find((name) => !form.fields.some((field) => field.name === name));
      if (unknown !== undefined) return refuse(context, 400, "The form has no such field.");
      submit(parts, body, form);
      return accepted(context);
    },
    async complete(context: Context, { account, text, caret }: Body<"complete">) {
      const ask = (command: string, option: string, typed: string) => options.complete(account, command, option, typed);
      return context.json(await complete(text, Math.min(caret, text.length), options.commands, ask));
    },
    sign(context: Context, { account, reply }: Body<"sign">) {
      if (!room.reply(account, reply)) return refuse(context, 409, "This wallet request is gone: start it again.");
      void work.sign(account, reply, options.sign);
      return accepted(context);
    },
    dismiss(context: Context, { account, reply }: Body<"dismiss">) {
      room.dismiss(account, reply);
      return accepted(context);
    },
    advance(context: Context, { account, id, said, seconds }: Body<"advance">) {
      start(account, id, said, async (progress) => {
        const view = await options.time.advance(BigInt(seconds), progress);
        if (await parts.clock.refresh()) room.announce({ type: "clock", clock: parts.clock.last });
        return view;
      });
      return accepted(context);
    },
  } satisfies { [Name in keyof typeof bodies]: (context: Context, body: Body<Name>) => Response | Promise<Response> };
}

/** A typed line: run, or answered by what it may have meant. */
function say({ options }: Parts, body: Body<"say">): (progress: (text: string) => void) => Promise<View> {
  const read = parseTextCommand(body.text, options.commands);
  if (read.kind === "unclear") {
    return async () => notice("warning", read.sentence, { actions: suggested(read.suggestion, options.commands) });
  }
  const [command, given] = read.kind === "empty" ? ["help", {}] : [read.command, read.options];
  const invocation = { command, options: given, account: body.account, deliveryId: `console:${body.id}` };
  return (progress) => options.dispatch(invocation, progress);
}

/** A button for the line that the person may have meant, where it can be read. */
function suggested(line: string | undefined, commands: ConsoleOptions["commands"]): Action[] {
  const read = line === undefined ? undefined : parseTextCommand(line, commands);
  if (line === undefined || read?.kind !== "command") return [];
  return [{ label: line.trim(), command: read.command, options: read.options, style: "plain" }];
}

/** Runs the form's command; the form is kept filled in, so that a "no" does not cost what was typed. */
function submit({ options, room, work }: Parts, body: Body<"submit">, form: Form): void {
  const fields = form.fields.map((field) => ({ ...field, value: body.values[field.name] ?? field.value }));
  const filled = fields.filter((field) => field.value !== "").map((field) => [field.name, field.value]);
  const invocation = {
    command: form.command,
    options: { ...form.options, ...Object.fromEntries(filled) },
    account: body.account,
    deliveryId: `console:${body.id}`,
    ...(form.revision === undefined ? {} : { revision: form.revision }),
  };
  const said = `${slash} ${form.command}`;
  void work.run(body.account, body.id, said, (progress) => {
    room.update(body.account, body.id, { again: { ...form, fields } });
    room.dismiss(body.account, body.reply);
    return options.dispatch(invocation, progress);
  });
}

function events(context: Context, parts: Parts): Response {
  const account = context.req.query("account") ?? "";
  if (!known(parts, account)) return refuse(context, 400, "Nobody here has this account.");
  const { room, clock } = parts;
  return streamSSE(context, async (stream) => {
    const send = (update: Update) => void stream.writeSSE({ data: JSON.stringify(update) });
    const unwatch = room.watch({ account, send });
    send({ type: "state", cards: room.cards(), replies: room.replies(account), clock: clock.last });
    await new Promise<void>((resolve) => stream.onAbort(resolve));
    unwatch();
  });
}

function setup({ options }: Parts): Setup {
  return {
    council: options.council,
    chain: options.chain.id,
    people: options.people.map(({ id, name, account, title }) => ({ id, name, account, title })),
    commands: options.commands.map(({ name, summary, example, roles }) => ({ name, summary, example, roles })),
  };
}

function known({ options }: Parts, account: string): boolean {
  return options.people.some((person) => person.account === account);
}

function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue ? `${issue.path.join(".") || "body"}: ${issue.message}` : "it is not JSON";
}
