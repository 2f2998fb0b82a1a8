/** Payloads just beyond what Slack takes, each with a benign twin at the limit and the place that Slack names. */

export const long = (length: number) => "x".repeat(length);
export const plain = (text: string) => ({ type: "plain_text", text });
export const section = (text: unknown, more: object = {}) => ({ type: "section", text, ...more });
export const many = (count: number, one: (at: number) => object) => Array.from({ length: count }, (_, at) => one(at));

const words = (length: number) => plain(long(length));
const header = (text: object) => ({ type: "header", text });
const actions = (...elements: object[]) => ({ type: "actions", elements });
const button = (more: object = {}) => ({ type: "button", text: plain("Go"), action_id: "go", ...more });
const asks = (more: object) => actions(button({ confirm: { title: plain("Sure?"), text: plain("Sure?"), ...more } }));
const option = (label: string, value: string, more: object = {}) => ({ text: plain(label), value, ...more });
const menu = (type: string, more: object) => actions({ type, action_id: "s", ...more });
const options = (count: number) => ({ options: many(count, (at) => option("a", `${at}`)) });
const groups = (...labels: string[]) => ({
  option_groups: labels.map((label) => ({ label: plain(label), ...options(1) })),
});
const image = (more: object) => ({ type: "image", image_url: "https://a.example/i.png", alt_text: "a", ...more });
const link = (length: number) => `https://a.example/${long(length - 18)}`;
const input = (element: object, more: object = {}) => ({
  type: "input",
  label: plain("Reason"),
  element: { type: "plain_text_input", ...element },
  ...more,
});

/** Blocks that are refused, benign ones, and the place. */
export type BlockRow = [what: string, bad: object[], benign: object[], place: string];

/** What has so much of something; how much is allowed; the place. */
const sizes: [string, (size: number) => object | object[], number, string][] = [
  ["blocks", (size) => many(size, () => ({ type: "divider" })), 50, "/blocks"],
  ["section text", (size) => section(words(size)), 3000, "/blocks/0/text/text"],
  ["fields", (size) => ({ type: "section", fields: many(size, () => plain("a")) }), 10, "/blocks/0/fields"],
  ["field text", (size) => ({ type: "section", fields: [words(size)] }), 2000, "/blocks/0/fields/0/text"],
  ["header text", (size) => header(words(size)), 150, "/blocks/0/text/text"],
  [
    "context elements",
    (size) => ({ type: "context", elements: many(size, () => plain("a")) }),
    10,
    "/blocks/0/elements",
  ],
  ["context text", (size) => ({ type: "context", elements: [words(size)] }), 3000, "/blocks/0/elements/0/text"],
  ["actions", (size) => actions(...many(size, (at) => button({ action_id: `a${at}` }))), 25, "/blocks/0/elements"],
  ["button text", (size) => actions(button({ text: words(size) })), 75, "/blocks/0/elements/0/text/text"],
  ["button value", (size) => actions(button({ value: long(size) })), 2000, "/blocks/0/elements/0/value"],
  ["button link", (size) => actions(button({ url: link(size) })), 3000, "/blocks/0/elements/0/url"],
  [
    "button label",
    (size) => actions(button({ accessibility_label: long(size) })),
    75,
    "/blocks/0/elements/0/accessibility_label",
  ],
  ["action_id", (size) => actions(button({ action_id: long(size) })), 255, "/blocks/0/elements/0/action_id"],
  ["block_id", (size) => section(plain("a"), { block_id: long(size) }), 255, "/blocks/0/block_id"],
  ["confirm title", (size) => asks({ title: words(size) }), 100, "/blocks/0/elements/0/confirm/title/text"],
  ["confirm text", (size) => asks({ text: words(size) }), 300, "/blocks/0/elements/0/confirm/text/text"],
  ["confirm yes", (size) => asks({ confirm: words(size) }), 30, "/blocks/0/elements/0/confirm/confirm/text"],
  ["confirm no", (size) => asks({ deny: words(size) }), 30, "/blocks/0/elements/0/confirm/deny/text"],
  [
    "option text",
    (size) => menu("static_select", { options: [option(long(size), "a")] }),
    75,
    "/blocks/0/elements/0/options/0/text/text",
  ],
  [
    "option value",
    (size) => menu("static_select", { options: [option("a", long(size))] }),
    150,
    "/blocks/0/elements/0/options/0/value",
  ],
  [
    "option description",
    (size) => menu("radio_buttons", { options: [option("a", "a", { description: words(size) })] }),
    75,
    "/blocks/0/elements/0/options/0/description/text",
  ],
  [
    "option link",
    (size) => menu("overflow", { options: [option("a", "a", { url: link(size) })] }),
    3000,
    "/blocks/0/elements/0/options/0/url",
  ],
  ["options", (size) => menu("static_select", options(size)), 100, "/blocks/0/elements/0/options"],
  [
    "menu placeholder",
    (size) => menu("static_select", { ...options(1), placeholder: words(size) }),
    150,
    "/blocks/0/elements/0/placeholder/text",
  ],
  [
    "option groups",
    (size) => menu("static_select", groups(...Array.from({ length: size }, () => "a"))),
    100,
    "/blocks/0/elements/0/option_groups",
  ],
  [
    "options of a group",
    (size) => menu("static_select", { option_groups: [{ label: plain("a"), ...options(size) }] }),
    100,
    "/blocks/0/elements/0/option_groups/0/options",
  ],
  [
    "group label",
    (size) => menu("static_select", groups(long(size))),
    75,
    "/blocks/0/elements/0/option_groups/0/label/text",
  ],
  ["overflow options", (size) => menu("overflow", options(size)), 5, "/blocks/0/elements/0/options"],
  ["radio buttons", (size) => menu("radio_buttons", options(size)), 10, "/blocks/0/elements/0/options"],
  ["checkboxes", (size) => menu("checkboxes", options(size)), 10, "/blocks/0/elements/0/options"],
  ["image alt text", (size) => image({ alt_text: long(size) }), 2000, "/blocks/0/alt_text"],
  ["image title", (size) => image({ title: words(size) }), 2000, "/blocks/0/title/text"],
  ["image link", (size) => image({ image_url: link(size) }), 3000, "/blocks/0/image_url"],
  ["markdown", (size) => ({ type: "markdown", text: long(size) }), 12_000, "/blocks/0/text"],
  ["input max_length", (size) => input({ max_length: size }), 3000, "/blocks/0/element/max_length"],
  ["input min_length", (size) => input({ min_length: size }), 3000, "/blocks/0/element/min_length"],
  ["input placeholder", (size) => input({ placeholder: words(size) }), 150, "/blocks/0/element/placeholder/text"],
  ["input label", (size) => input({}, { label: words(size) }), 2000, "/blocks/0/label/text"],
  ["input hint", (size) => input({}, { hint: words(size) }), 2000, "/blocks/0/hint/text"],
];

const shapes: BlockRow[] = [
  ["an empty text", [section(plain(""))], [section(plain(" "))], "/blocks/0/text/text"],
  ["a section of nothing", [{ type: "section" }], [section(plain("a"))], "/blocks/0"],
  ["markup in a header", [header({ type: "mrkdwn", text: "a" })], [header(plain("a"))], "/blocks/0/text/type"],
  [
    "a button style",
    [actions(button({ style: "green" }))],
    [actions(button({ style: "danger" }))],
    "/blocks/0/elements/0/style",
  ],
  [
    "a link that is none",
    [actions(button({ url: "javascript:1" }))],
    [actions(button({ url: link(20) }))],
    "/blocks/0/elements/0/url",
  ],
  ["action_id twice", [actions(button(), button())], [actions(button(), button({ action_id: "b" }))], "/blocks/0"],
  [
    "block_id twice",
    many(2, () => section(plain("a"), { block_id: "b" })),
    many(2, (at) => section(plain("a"), { block_id: `b${at}` })),
    "/blocks",
  ],
  [
    "no option",
    [menu("static_select", options(0))],
    [menu("static_select", options(1))],
    "/blocks/0/elements/0/options",
  ],
  ["no alt text", [{ type: "image", image_url: link(20) }], [image({})], "/blocks/0"],
  [
    "an image that Slack cannot fetch",
    [image({ image_url: "http://127.0.0.1:1/i.png" })],
    [image({})],
    "/blocks/0/image_url",
  ],
  ["an image address that is none", [image({ image_url: "data:image/png,x" })], [image({})], "/blocks/0/image_url"],
  [
    "an image of no file",
    [{ type: "image", slack_file: { id: "F0NONE" }, alt_text: "a" }],
    [image({})],
    "/blocks/0/slack_file",
  ],
  [
    "an accessory of no file",
    [section(plain("a"), { accessory: { type: "image", slack_file: { id: "F0NONE" }, alt_text: "a" } })],
    [section(plain("a"), { accessory: image({}) })],
    "/blocks/0/accessory/slack_file",
  ],
  ["an unknown key", [section(plain("a"), { color: "red" })], [section(plain("a"), { expand: true })], "/blocks/0"],
  [
    "an unknown key deep inside",
    [actions(button({ text: { ...plain("a"), bold: true } }))],
    [actions(button())],
    "/blocks/0/elements/0/text",
  ],
  ["an unknown block", [{ type: "banner", text: plain("a") }], [section(plain("a"))], "/blocks/0/type"],
  [
    "an unknown element",
    [actions({ type: "buton", text: plain("a") })],
    [actions(button())],
    "/blocks/0/elements/0/type",
  ],
];

const listed = (blocks: object | object[]) => (Array.isArray(blocks) ? blocks : [blocks]);

export const blockTable: BlockRow[] = [
  ...sizes.map(
    ([what, build, most, place]): BlockRow => [`${most} ${what}`, listed(build(most + 1)), listed(build(most)), place],
  ),
  ...shapes,
];

const modal = (more: object) => ({
  type: "modal",
  title: plain("Deny"),
  submit: plain("Deny"),
  blocks: [input({})],
  ...more,
});
const dividers = (count: number) => many(count, () => ({ type: "divider" }));

/** Modals that are refused, benign ones, and the place. */
export const viewTable: [what: string, bad: object, benign: object, place: string][] = [
  ["100 blocks", modal({ blocks: dividers(101) }), modal({ blocks: dividers(100) }), "/view/blocks"],
  ["title", modal({ title: words(25) }), modal({ title: words(24) }), "/view/title/text"],
  ["submit", modal({ submit: words(25) }), modal({ submit: words(24) }), "/view/submit/text"],
  ["close", modal({ close: words(25) }), modal({ close: words(24) }), "/view/close/text"],
  ["submit missing", modal({ submit: undefined }), modal({ submit: undefined, blocks: dividers(1) }), "/view"],
  [
    "private_metadata",
    modal({ private_metadata: long(3001) }),
    modal({ private_metadata: long(3000) }),
    "/view/private_metadata",
  ],
  ["callback_id", modal({ callback_id: long(256) }), modal({ callback_id: long(255) }), "/view/callback_id"],
  ["external_id", modal({ external_id: long(256) }), modal({ external_id: long(255) }), "/view/external_id"],
  ["unknown key", modal({ theme: "dark" }), modal({ notify_on_close: true }), "/view"],
  ["a Home tab", modal({ type: "home" }), modal({}), "/view/type"],
  [
    "a block too long",
    modal({ blocks: [section(words(3001))] }),
    modal({ blocks: [section(words(3000))] }),
    "/view/blocks/0/text/text",
  ],
  ["an unknown block", modal({ blocks: [{ type: "banner" }] }), modal({}), "/view/blocks/0/type"],
];
