/** A form for what a command still needs. */

import { useId, useState } from "preact/hooks";
import type { Form, FormField } from "../../../view.ts";
import { Avatar } from "./avatar.tsx";
import { useDesk } from "./context.ts";
import { Dialog } from "./dialog.tsx";
import { Text } from "./text.tsx";

export function FormDialog(props: {
  form: Form;
  onSubmit: (values: Record<string, string>) => void;
  onClose: () => void;
}) {
  const desk = useDesk();
  const [values, setValues] = useState(() =>
    Object.fromEntries(props.form.fields.map((field) => [field.name, field.value])),
  );
  const submit = (event: Event) => {
    event.preventDefault();
    props.onSubmit(values);
  };
  return (
    <Dialog title={props.form.title} onClose={props.onClose}>
      <form onSubmit={submit}>
        <div class="dialog-body">
          {props.form.fields.map((field, at) => (
            <Field
              first={at === 0}
              field={field}
              value={values[field.name] ?? ""}
              onInput={(value) => setValues({ ...values, [field.name]: value })}
              key={field.name}
            />
          ))}
        </div>
        <footer class="dialog-foot">
          <span class="as-whom">
            <Avatar person={desk.me} people={desk.people} /> as {desk.me.name}
          </span>
          <button type="button" class="button plain" onClick={props.onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary">
            <Text>{props.form.submit}</Text>
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

function Field(props: { first: boolean; field: FormField; value: string; onInput: (value: string) => void }) {
  const { field, value, onInput } = props;
  const name = useId();
  const shared = {
    id: name,
    required: field.required,
    "data-first": props.first || undefined,
    "aria-describedby": `${name}-hint`,
    onInput: (event: Event) => onInput((event.currentTarget as HTMLInputElement).value),
  };
  const nearlyFull = field.type !== "choice" && field.maxLength > 60 && value.length > field.maxLength * 0.8;
  return (
    <div class="field">
      <label for={name}>
        <Text>{field.label}</Text>
        {!field.required && <span class="muted"> optional</span>}
      </label>
      {field.type === "choice" ? (
        <select {...shared} value={value}>
          {!field.choices.some((choice) => choice.value === "") && <option value="">Choose…</option>}
          {field.choices.map((choice) => (
            <option value={choice.value} key={choice.value}>
              {choice.label}
            </option>
          ))}
        </select>
      ) : field.type === "paragraph" ? (
        <textarea {...shared} rows={4} maxLength={field.maxLength} value={value} />
      ) : (
        <input {...shared} type="text" autocomplete="off" maxLength={field.maxLength} value={value} />
      )}
      <p class="hint" id={`${name}-hint`}>
        <Text>{field.hint}</Text>
        {nearlyFull && (
          <span class="counter">
            {value.length} of {field.maxLength} characters
          </span>
        )}
      </p>
    </div>
  );
}
