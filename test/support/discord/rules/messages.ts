/** Messages: what Discord refuses though the published schema admits it. */

import type { Problem } from "../errors.ts";
import type { Rule } from "../rules.ts";
import { allComponents, componentType, duplicatedIds, type Placed, selectProblems } from "./components.ts";

interface Embed {
  title?: string;
  description?: string;
  url?: string;
  fields?: { name?: string; value?: string }[];
  footer?: { text?: string };
  author?: { name?: string };
  image?: { url?: string };
  thumbnail?: { url?: string };
}

type Body = Record<string, unknown>;

/** Message flags of Discord's page "Message". */
export const messageFlags = {
  suppressEmbeds: 4,
  ephemeral: 64,
  loading: 128,
  suppressNotifications: 4096,
  componentsV2: 32_768,
};

const embeds = (body: Body): Embed[] => (Array.isArray(body.embeds) ? (body.embeds as Embed[]) : []);
const isV2 = (body: Body) => (Number(body.flags ?? 0) & messageFlags.componentsV2) !== 0;
const required = (path: Problem["path"]): Problem => ({
  path,
  code: "BASE_TYPE_REQUIRED",
  message: "This field is required",
});

export const messageRules: readonly Rule[] = [
  {
    says: "content has at most 2000 characters",
    check: ({ content }) =>
      typeof content === "string" && content.length > 2000
        ? [{ path: ["content"], code: "BASE_TYPE_MAX_LENGTH", message: "Must be 2000 or fewer in length." }]
        : [],
  },
  {
    says: "all embeds together have at most 6000 characters",
    check: (body) =>
      embeds(body).reduce((sum, embed) => sum + characters(embed), 0) > 6000
        ? [
            {
              path: ["embeds"],
              code: "MAX_EMBED_SIZE_EXCEEDED",
              message: "Embed size exceeds maximum size of 6000",
            },
          ]
        : [],
  },
  {
    says: "an embed is not empty, and its fields have a name and a value",
    check: (body) =>
      embeds(body).flatMap((embed, index) => [
        ...(characters(embed) === 0 && embed.image === undefined && embed.thumbnail === undefined
          ? [required(["embeds", index, "description"])]
          : []),
        ...(embed.fields ?? []).flatMap((field, at) =>
          (["name", "value"] as const)
            .filter((key) => (field[key] ?? "").trim() === "")
            .map((key) => required(["embeds", index, "fields", at, key])),
        ),
      ]),
  },
  {
    says: "attachment:// names a file of the message",
    check: (body, { filenames }) =>
      references({ embeds: body.embeds, components: body.components })
        .filter(({ name }) => !filenames.includes(name))
        .map(({ path, name }) => ({
          path,
          code: "ATTACHMENT_NOT_FOUND",
          message: `The message has no attachment called ${name}.`,
        })),
  },
  {
    says: "without the components v2 flag there are at most 5 rows, and nothing but rows",
    check: (body) => {
      if (isV2(body) || !Array.isArray(body.components)) return [];
      const foreign = (body.components as { type?: number }[]).findIndex((one) => one.type !== componentType.row);
      return [
        ...(body.components.length > 5
          ? [{ path: ["components"], code: "BASE_TYPE_BAD_LENGTH", message: "Must be between 1 and 5 in length." }]
          : []),
        ...(foreign < 0
          ? []
          : [
              {
                path: ["components", foreign, "type"],
                code: "UNION_TYPE_CHOICES",
                message: "Value of field must be one of (1,) without the components v2 flag.",
              },
            ]),
      ];
    },
  },
  {
    says: "with the components v2 flag there is no content and no embed, at most 40 components, 4000 characters of text",
    check: (body) => (isV2(body) ? v2Problems(body) : []),
  },
  {
    says: "a row has up to 5 buttons or 1 select",
    check: ({ components }) =>
      allComponents(components)
        .filter(({ component }) => component.type === componentType.row && rowWidth(component.components ?? []) > 5)
        .map(({ path }) => ({
          path,
          code: "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
          message: "The specified component exceeds the maximum width",
        })),
  },
  { says: "a custom id is there once", check: ({ components }) => duplicatedIds(components) },
  { says: "a select's options are distinct", check: ({ components }) => selectProblems(components) },
  {
    says: "a button has a custom id, or a link has a url; and each has a label or an emoji",
    check: ({ components }) =>
      allComponents(components)
        .filter(({ component }) => component.type === componentType.button)
        .flatMap(buttonProblems),
  },
  {
    says: "allowed_mentions does not parse what it lists",
    check: ({ allowed_mentions: allowed }) => {
      const { parse = [], ...lists } = (allowed ?? {}) as { parse?: string[]; users?: string[]; roles?: string[] };
      return (["users", "roles"] as const)
        .filter((kind) => parse.includes(kind) && (lists[kind]?.length ?? 0) > 0)
        .map((kind) => ({
          path: ["allowed_mentions"],
          code: "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
          message: `parse:["${kind}"] and ${kind}: [ids...] are mutually exclusive.`,
        }));
    },
  },
];

function characters(embed: Embed): number {
  const texts = [embed.title, embed.description, embed.footer?.text, embed.author?.name];
  const fields = (embed.fields ?? []).flatMap((field) => [field.name, field.value]);
  return [...texts, ...fields].reduce((sum, text) => sum + (text ?? "").length, 0);
}

function references(value: unknown, path: (string | number)[] = []): { path: (string | number)[]; name: string }[] {
  if (typeof value === "string") {
    const name =
      path.at(-1) === "url" || path.at(-1) === "icon_url" ? /^attachment:\/\/(.*)$/.exec(value)?.[1] : undefined;
    return name === undefined ? [] : [{ path, name }];
  }
  if (Array.isArray(value)) return value.flatMap((one, index) => references(one, [...path, index]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => references(one, [...path, key]));
}

function rowWidth(row: { type?: number }[]): number {
  return row.reduce((sum, one) => sum + (one.type === componentType.button ? 1 : 5), 0);
}

function buttonProblems({ component, path }: Placed): Problem[] {
  const { style, custom_id: id, url, label, emoji } = component;
  if (style === 6) return [];
  const link = style === 5;
  return [
    ...(link && (url ?? "") === "" ? [required([...path, "url"])] : []),
    ...(!link && (id ?? "") === "" ? [required([...path, "custom_id"])] : []),
    ...((link && (id ?? "") !== "") || (!link && (url ?? "") !== "")
      ? [
          {
            path,
            code: "BUTTON_COMPONENT_CUSTOM_ID_URL_CONFLICT",
            message: "A custom id and url cannot both be specified",
          },
        ]
      : []),
    ...((label ?? "") === "" && (emoji ?? undefined) === undefined ? [required([...path, "label"])] : []),
  ];
}

function v2Problems(body: Body): Problem[] {
  const all = allComponents(body.components);
  const text = all.reduce((sum, { component }) => sum + (component.content ?? "").length, 0);
  const forbidden = ["content", "embeds", "poll", "sticker_ids"].filter(
    (key) => (body[key] ?? undefined) !== undefined && String(body[key]) !== "",
  );
  return [
    ...forbidden.map((key) => ({
      path: [key],
      code: "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
      message: `The '${key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`,
    })),
    ...(all.length > 40
      ? [
          {
            path: ["components"],
            code: "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
            message: "Must have at most 40 components.",
          },
        ]
      : []),
    ...(text > 4000
      ? [
          {
            path: ["components"],
            code: "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
            message: "The total text of the components exceeds the maximum size of 4000.",
          },
        ]
      : []),
  ];
}
