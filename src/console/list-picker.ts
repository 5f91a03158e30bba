import { ChoiceList } from './choice-list.ts';
import type { Choice } from './filter-list.ts';
import { html } from './html-template.ts';
import { ProblemNotice } from './problem-notice.ts';
import { problemOf } from './problem-of.ts';
import type { Loading } from './use-loading.ts';

/** A list with what is said while it loads, where it is empty, and where it cannot be had. */
export function ListPicker({
  title,
  none,
  loading,
  choices,
  chosenId,
  onChoose,
}: {
  title: string;
  none: string;
  loading: Loading<unknown>;
  choices: readonly Choice[] | null;
  chosenId: string | null;
  onChoose: (id: string) => void;
}) {
  return html`<div class="listing">
    <div class="row">
      <h3>${title}</h3>
      <button type="button" class="small" disabled=${loading.isLoading} onClick=${loading.reload}>
        Reload<span class="unseen"> the list: ${title}</span>
      </button>
    </div>
    <div aria-live="polite">
      ${loading.isLoading && choices === null && html`<p class="quiet">Loading …</p>`}
      ${choices?.length === 0 && html`<p class="quiet">${none}</p>`}
      ${
        loading.error !== null &&
        html`<${ProblemNotice} problem=${problemOf(loading.error, 'look-up')} onRetry=${loading.reload} />`
      }
    </div>
    ${
      choices !== null &&
      choices.length > 0 &&
      html`<${ChoiceList} label=${title} choices=${choices} chosenId=${chosenId} onChoose=${onChoose} />`
    }
  </div>`;
}
