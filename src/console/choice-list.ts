import { useId, useMemo, useState } from 'preact/hooks';
import { fieldValue } from './field-value.ts';
import { type Choice, filterList } from './filter-list.ts';
import { html } from './html-template.ts';

/** So many rows at a time: the list of 10,000 stays as quick as that of 10. */
const ROWS_AT_A_TIME = 100;
const LONG_LIST = 8;

/** One of many, by radio buttons: the browser's own keys and words serve everybody. */
export function ChoiceList({
  label,
  choices,
  chosenId,
  onChoose,
}: {
  label: string;
  choices: readonly Choice[];
  chosenId: string | null;
  onChoose: (id: string) => void;
}) {
  const id = useId();
  const [text, setText] = useState('');
  const [rows, setRows] = useState(ROWS_AT_A_TIME);
  const found = useMemo(() => filterList(choices, text), [choices, text]);
  const filter = (event: Event): void => {
    setText(fieldValue(event));
    setRows(ROWS_AT_A_TIME);
  };
  return html`<div class="choice-list">
    ${
      choices.length > LONG_LIST &&
      html`<div class="filter">
        <label for="${id}-filter">Find by name or id</label>
        <input
          id="${id}-filter"
          type="search"
          dir="auto"
          autocomplete="off"
          value=${text}
          onInput=${filter}
        />
        <p role="status" class="quiet">${found.length} of ${choices.length}</p>
      </div>`
    }
    <fieldset class="choices">
      <legend class="unseen">${label}</legend>
      ${found.slice(0, rows).map((choice) => {
        const isChosen = choice.id === chosenId;
        return html`<label class="choice" key=${choice.id}>
          <input
            type="radio"
            name=${id}
            value=${choice.id}
            checked=${isChosen}
            onChange=${() => onChoose(choice.id)}
          />
          <bdi class="name">${choice.name}</bdi>
          <span class="quiet">${choice.note}</span>
        </label>`;
      })}
      ${found.length === 0 && html`<p class="quiet">None has this text in its name or id.</p>`}
    </fieldset>
    ${
      found.length > rows &&
      html`<button type="button" class="link" onClick=${() => setRows(rows + ROWS_AT_A_TIME)}>
        Show ${Math.min(ROWS_AT_A_TIME, found.length - rows)} more of ${found.length - rows}
      </button>`
    }
  </div>`;
}
