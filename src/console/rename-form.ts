import { useId } from 'preact/hooks';
import { fieldValue } from './field-value.ts';
import { html } from './html-template.ts';
import { adviseOnName } from './name-advice.ts';

export interface RenameFormProps {
  name: string;
  onName: (name: string) => void;
  /** The media type of the answer. */
  accept: string;
  onAccept: (accept: string) => void;
  currentName: string | null;
  otherNames: readonly string[];
  isBusy: boolean;
  onRename: () => void;
}

const FORMS = { 'application/json': 'JSON', 'application/xml': 'XML' };

export function RenameForm(props: RenameFormProps) {
  const { name, onName, accept, onAccept, currentName, otherNames, isBusy, onRename } = props;
  const id = useId();
  const { faults, hints, length } = adviseOnName({ name, currentName, otherNames });
  const isRefused = faults.length > 0;
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!isBusy && !isRefused && name !== '') onRename();
  };
  return html`<form class="rename" onSubmit=${submit} autocomplete="off">
    <label for="${id}-name">New name</label>
    <input
      id="${id}-name"
      class="name"
      dir="auto"
      autocomplete="off"
      spellcheck=${false}
      aria-required="true"
      aria-describedby="${id}-advice ${id}-rules"
      aria-invalid=${isRefused}
      value=${name}
      onInput=${(event: Event) => onName(fieldValue(event))}
    />
    <div>
      <div id="${id}-advice" role="status">
        ${faults.map((fault) => html`<p class="fault">${fault}</p>`)}
        ${hints.map((hint) => html`<p class="hint">${hint}</p>`)}
      </div>
      <p id="${id}-rules" class="quiet">
        ${length}. Any script and emoji; no control characters, no space at either end.
      </p>
    </div>
    <fieldset class="inline">
      <legend>Answer as</legend>
      ${Object.entries(FORMS).map(
        ([mediaType, word]) =>
          html`<label>
            <input
              type="radio"
              name="${id}-accept"
              checked=${accept === mediaType}
              onChange=${() => onAccept(mediaType)}
            />
            ${word}
          </label>`,
      )}
    </fieldset>
    <p><button class="primary" disabled=${isBusy || isRefused || name === ''}>Rename</button></p>
  </form>`;
}
