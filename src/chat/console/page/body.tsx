/** What cards and notices have in common: facts, sections, pictures, buttons. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Action, Fact, Picture, Section, Tone } from "../../../view.ts";
import { useDesk } from "./context.ts";
import { Icon } from "./icon.tsx";
import { Code, Copy, Text } from "./text.tsx";

/** State is told by a word and a symbol; the colour only repeats it. */
export function Status({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span class={`status tone-${tone}`}>
      <Icon name={tone} />
      <Text>{children}</Text>
    </span>
  );
}

/** Read only, in a window of its own: what one is typing here stays. */
export function PageLink({ path }: { path: string }) {
  return (
    <p class="page-link">
      <a href={path} target="_blank" rel="noopener noreferrer">
        Open the ceremony page
      </a>
    </p>
  );
}

export interface BodyParts {
  facts: Fact[];
  sections: Section[];
  pictures: Picture[];
  actions: Action[];
}

export function Body({ facts, sections, pictures, actions }: BodyParts) {
  return (
    <>
      {facts.length > 0 && <Facts facts={facts} />}
      {sections.map((section, at) => (
        <SectionBlock section={section} key={at} />
      ))}
      {pictures.map((picture, at) => (
        <PictureBlock picture={picture} key={at} />
      ))}
      {actions.length > 0 && <Actions actions={actions} />}
    </>
  );
}

/** An address gets a row of its own where there is little room; a hash and longer texts always. */
const long = 40;
const wide = 46;
/** Longer values, such as calldata, are folded to their first lines. */
const folded = 400;

export function Facts({ facts }: { facts: Fact[] }) {
  return (
    <dl class="facts">
      {facts.map((fact, at) => (
        <div class={`fact${fact.value.length > wide ? " wide" : fact.value.length > long ? " long" : ""}`} key={at}>
          <dt>
            <Text>{fact.label}</Text>
          </dt>
          <dd>
            <FactValue fact={fact} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function FactValue({ fact }: { fact: Fact }) {
  const [open, setOpen] = useState(false);
  const folds = fact.value.length > folded;
  const shown = folds && !open ? `${fact.value.slice(0, folded / 2)}…` : fact.value;
  return (
    <>
      {fact.code || folds ? (
        <Code value={fact.value} label={fact.label} plain={!fact.code}>
          {shown}
        </Code>
      ) : (
        <Text>{shown}</Text>
      )}
      {folds && (
        <button type="button" class="link" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Show less" : `Show all ${fact.value.length} characters`}
        </button>
      )}
    </>
  );
}

const linesShown = 8;

function SectionBlock({ section }: { section: Section }) {
  const [open, setOpen] = useState(false);
  const surplus = section.lines.length - linesShown;
  const lines = open || surplus <= 2 ? section.lines : section.lines.slice(0, linesShown);
  return (
    <section class="section">
      <h4>
        <Text>{section.title}</Text>
        {section.style === "code" && <Copy value={section.lines.join("\n")} label={section.title} />}
      </h4>
      <Lines style={section.style} lines={lines} />
      {surplus > 2 && (
        <button type="button" class="link" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Show less" : `Show ${surplus} more lines`}
        </button>
      )}
    </section>
  );
}

function Lines({ style, lines }: Pick<Section, "style" | "lines">): ComponentChildren {
  if (style === "code") {
    return (
      <pre>
        <Text>{lines.join("\n")}</Text>
      </pre>
    );
  }
  const rendered = lines.map((line, at) => (style === "list" ? item(line, at) : paragraph(line, at)));
  return style === "list" ? <ul>{rendered}</ul> : rendered;
}

function item(line: string, at: number) {
  return (
    <li key={at}>
      <Text>{line}</Text>
    </li>
  );
}

function paragraph(line: string, at: number) {
  return (
    <p key={at}>
      <Text>{line}</Text>
    </p>
  );
}

/** An SVG shown as an image can run no script and load nothing. */
export function pictureUrl(svg: string): string {
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
}

function PictureBlock({ picture }: { picture: Picture }) {
  const desk = useDesk();
  return (
    <figure class="picture">
      <button type="button" onClick={() => desk.openPicture(picture)} aria-label={`Enlarge: ${picture.title}`}>
        <img src={pictureUrl(picture.svg)} alt={picture.alt} />
      </button>
      <figcaption>
        <Text>{picture.title}</Text>
      </figcaption>
    </figure>
  );
}

function Actions({ actions }: { actions: Action[] }) {
  const desk = useDesk();
  return (
    <div class="actions">
      {actions.map((action, at) => (
        <button type="button" class={`button ${action.style}`} onClick={() => desk.press(action)} key={at}>
          <Text>{action.label}</Text>
        </button>
      ))}
    </div>
  );
}
