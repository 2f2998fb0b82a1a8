/** Payloads just beyond what Slack takes, each with a benign twin at the limit and the place that Slack names. */

export const long = (length: number) => "x".repeat(length);
export const plain = (text: string) => ({ type: "plain_text", text });
export const section = (text: unknown, more: object = {}) => ({ type: "section", text, ...more });
const button = (more: object = {}) => ({ type: "button", text: plain("Go"), action_id: "go", ...more });
const actions = (...elements: object[]) => ({ type: "actions", elements });
const confirm = (more: object) =>
  button({
    confirm: { title: plain("Sure?"), text: plain("Sure?"), confirm: plain("Yes"), deny: plain("No"), ...more },
  });
const option = (label: string, value: string) => ({ text: plain(label), value });
const select = (...options: object[]) => actions({ type: "static_select", action_id: "s", options });
const input = (element: object, more: object = {}) => ({
  type: "input",
  label: plain("Reason"),
  element: { type: "plain_text_input", ...element },
  ...more,
});
export const many = (count: number, one: (at: number) => object) => Array.from({ length: count }, (_, at) => one(at));

/** Blocks that are refused, the same within the limit, and the place that Slack names. */
export const blockTable: [string, object[], object[], string][] = [
  ["50 blocks", many(51, () => ({ type: "divider" })), many(50, () => ({ type: "divider" })), "/blocks"],
  ["section text", [section(plain(long(3001)))], [section(plain(long(3000)))], "/blocks/0/text/text"],
  ["an empty text", [section(plain(""))], [section(plain(" "))], "/blocks/0/text/text"],
  ["a section of nothing", [{ type: "section" }], [section(plain("a"))], "/blocks/0"],
  [
    "10 fields",
    [{ type: "section", fields: many(11, () => plain("a")) }],
    [{ type: "section", fields: many(10, () => plain("a")) }],
    "/blocks/0/fields",
  ],
  [
    "field text",
    [{ type: "section", fields: [plain(long(2001))] }],
    [{ type: "section", fields: [plain(long(2000))] }],
    "/blocks/0/fields/0/text",
  ],
  [
    "header text",
    [{ type: "header", text: plain(long(151)) }],
    [{ type: "header", text: plain(long(150)) }],
    "/blocks/0/text/text",
  ],
  [
    "header markup",
    [{ type: "header", text: { type: "mrkdwn", text: "a" } }],
    [{ type: "header", text: plain("a") }],
    "/blocks/0/text/type",
  ],
  [
    "10 context elements",
    [{ type: "context", elements: many(11, () => plain("a")) }],
    [{ type: "context", elements: many(10, () => plain("a")) }],
    "/blocks/0/elements",
  ],
  [
    "25 actions",
    [actions(...many(26, (at) => button({ action_id: `a${at}` })))],
    [actions(...many(25, (at) => button({ action_id: `a${at}` })))],
    "/blocks/0/elements",
  ],
  [
    "button text",
    [actions(button({ text: plain(long(76)) }))],
    [actions(button({ text: plain(long(75)) }))],
    "/blocks/0/elements/0/text/text",
  ],
  [
    "button value",
    [actions(button({ value: long(2001) }))],
    [actions(button({ value: long(2000) }))],
    "/blocks/0/elements/0/value",
  ],
  [
    "button style",
    [actions(button({ style: "green" }))],
    [actions(button({ style: "danger" }))],
    "/blocks/0/elements/0/style",
  ],
  [
    "button link",
    [actions(button({ url: "javascript:1" }))],
    [actions(button({ url: "https://a.example/x" }))],
    "/blocks/0/elements/0/url",
  ],
  [
    "action_id",
    [actions(button({ action_id: long(256) }))],
    [actions(button({ action_id: long(255) }))],
    "/blocks/0/elements/0/action_id",
  ],
  ["action_id twice", [actions(button(), button())], [actions(button(), button({ action_id: "b" }))], "/blocks/0"],
  [
    "block_id",
    [section(plain("a"), { block_id: long(256) })],
    [section(plain("a"), { block_id: long(255) })],
    "/blocks/0/block_id",
  ],
  [
    "block_id twice",
    many(2, () => section(plain("a"), { block_id: "b" })),
    many(2, (at) => section(plain("a"), { block_id: `b${at}` })),
    "/blocks",
  ],
  [
    "confirm title",
    [actions(confirm({ title: plain(long(101)) }))],
    [actions(confirm({ title: plain(long(100)) }))],
    "/blocks/0/elements/0/confirm/title/text",
  ],
  [
    "confirm text",
    [actions(confirm({ text: plain(long(301)) }))],
    [actions(confirm({ text: plain(long(300)) }))],
    "/blocks/0/elements/0/confirm/text/text",
  ],
  [
    "confirm yes",
    [actions(confirm({ confirm: plain(long(31)) }))],
    [actions(confirm({ confirm: plain(long(30)) }))],
    "/blocks/0/elements/0/confirm/confirm/text",
  ],
  [
    "confirm no",
    [actions(confirm({ deny: plain(long(31)) }))],
    [actions(confirm({ deny: plain(long(30)) }))],
    "/blocks/0/elements/0/confirm/deny/text",
  ],
  [
    "option text",
    [select(option(long(76), "a"))],
    [select(option(long(75), "a"))],
    "/blocks/0/elements/0/options/0/text/text",
  ],
  [
    "option value",
    [select(option("a", long(151)))],
    [select(option("a", long(150)))],
    "/blocks/0/elements/0/options/0/value",
  ],
  [
    "100 options",
    [select(...many(101, (at) => option("a", `${at}`)))],
    [select(...many(100, (at) => option("a", `${at}`)))],
    "/blocks/0/elements/0/options",
  ],
  ["no option", [select()], [select(option("a", "a"))], "/blocks/0/elements/0/options"],
  [
    "image alt text",
    [{ type: "image", image_url: "https://a.example/i.png", alt_text: long(2001) }],
    [{ type: "image", image_url: "https://a.example/i.png", alt_text: long(2000) }],
    "/blocks/0/alt_text",
  ],
  [
    "image title",
    [{ type: "image", image_url: "https://a.example/i.png", alt_text: "a", title: plain(long(2001)) }],
    [{ type: "image", image_url: "https://a.example/i.png", alt_text: "a", title: plain(long(2000)) }],
    "/blocks/0/title/text",
  ],
  [
    "image without alt text",
    [{ type: "image", image_url: "https://a.example/i.png" }],
    [{ type: "image", image_url: "https://a.example/i.png", alt_text: "" }],
    "/blocks/0",
  ],
  [
    "image that Slack cannot fetch",
    [{ type: "image", image_url: "http://127.0.0.1:1/i.png", alt_text: "a" }],
    [{ type: "image", image_url: "http://a.example/i.png", alt_text: "a" }],
    "/blocks/0/image_url",
  ],
  [
    "image of no file",
    [{ type: "image", slack_file: { id: "F0NONE" }, alt_text: "a" }],
    [{ type: "divider" }],
    "/blocks/0/slack_file",
  ],
  ["input max_length", [input({ max_length: 3001 })], [input({ max_length: 3000 })], "/blocks/0/element/max_length"],
  [
    "input placeholder",
    [input({ placeholder: plain(long(151)) })],
    [input({ placeholder: plain(long(150)) })],
    "/blocks/0/element/placeholder/text",
  ],
  [
    "input label",
    [input({}, { label: plain(long(2001)) })],
    [input({}, { label: plain(long(2000)) })],
    "/blocks/0/label/text",
  ],
  [
    "input hint",
    [input({}, { hint: plain(long(2001)) })],
    [input({}, { hint: plain(long(2000)) })],
    "/blocks/0/hint/text",
  ],
  ["an unknown key", [section(plain("a"), { color: "red" })], [section(plain("a"), { expand: true })], "/blocks/0"],
  ["an unknown block", [{ type: "banner", text: plain("a") }], [section(plain("a"))], "/blocks/0/type"],
  [
    "an unknown element",
    [actions({ type: "buton", text: plain("a") })],
    [actions(button())],
    "/blocks/0/elements/0/type",
  ],
];

const modal = (more: object) => ({
  type: "modal",
  title: plain("Deny"),
  submit: plain("Deny"),
  blocks: [input({})],
  ...more,
});
export const viewTable: [string, object, object, string][] = [
  [
    "100 blocks",
    modal({ blocks: many(101, () => ({ type: "divider" })) }),
    modal({ blocks: many(100, () => ({ type: "divider" })) }),
    "/view/blocks",
  ],
  ["title", modal({ title: plain(long(25)) }), modal({ title: plain(long(24)) }), "/view/title/text"],
  ["submit", modal({ submit: plain(long(25)) }), modal({ submit: plain(long(24)) }), "/view/submit/text"],
  ["close", modal({ close: plain(long(25)) }), modal({ close: plain(long(24)) }), "/view/close/text"],
  [
    "submit missing",
    { ...modal({}), submit: undefined },
    { ...modal({ blocks: [{ type: "divider" }] }), submit: undefined },
    "/view",
  ],
  [
    "private_metadata",
    modal({ private_metadata: long(3001) }),
    modal({ private_metadata: long(3000) }),
    "/view/private_metadata",
  ],
  ["callback_id", modal({ callback_id: long(256) }), modal({ callback_id: long(255) }), "/view/callback_id"],
  ["unknown key", modal({ theme: "dark" }), modal({ notify_on_close: true }), "/view"],
  [
    "block in a view",
    modal({ blocks: [section(plain(long(3001)))] }),
    modal({ blocks: [section(plain(long(3000)))] }),
    "/view/blocks/0/text/text",
  ],
];
