export interface Choice {
  readonly id: string;
  readonly name: string;
  /** A few words beside the name. */
  readonly note: string;
}

/** Those whose name or id contains the text, in any case and in any Unicode form. */
export function filterList(choices: readonly Choice[], text: string): readonly Choice[] {
  const wanted = simplified(text.trim());
  if (wanted === '') return choices;
  return choices.filter(({ id, name }) => simplified(name).includes(wanted) || id.includes(wanted));
}

function simplified(text: string): string {
  return text.normalize('NFC').toLocaleLowerCase();
}
