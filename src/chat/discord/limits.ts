/**
 * What Discord takes at most, in UTF-16 units or pieces. Sources: the pages "Message", "Embed Limits", "Component Reference",
 * "Application Commands" and "Threads" of Discord's developer documentation.
 */

export const limits = {
  content: 2000,
  embeds: 10,
  /** Titles, descriptions, fields, footers and authors of all embeds of a message together. */
  embedTotal: 6000,
  embedTitle: 256,
  embedDescription: 4096,
  fields: 25,
  fieldName: 256,
  fieldValue: 1024,
  attachmentDescription: 1024,
  rows: 5,
  buttonsInRow: 5,
  buttonLabel: 80,
  selectOptions: 25,
  selectText: 100,
  modalTitle: 45,
  modalComponents: 5,
  labelText: 45,
  labelDescription: 100,
  textInput: 4000,
  commandDescription: 100,
  commandText: 8000,
  subcommands: 25,
  choices: 25,
  choiceText: 100,
  optionLength: 6000,
  threadName: 100,
  nonce: 25,
} as const;
