import type { RefObject } from 'preact';
import type { ApiClient } from './api-client.ts';
import { ExportButton } from './export-button.ts';
import { html } from './html-template.ts';

export interface HistoryHeadProps {
  api: ApiClient;
  heading: RefObject<HTMLHeadingElement>;
  projectId: string;
  /** Null where none is chosen: then there is only the project's history. */
  iterationId: string | null;
  isWhole: boolean;
  onWhole: (isWhole: boolean) => void;
  isLoading: boolean;
  onReload: () => void;
}

export function HistoryHead(props: HistoryHeadProps) {
  const { api, heading, projectId, iterationId, isWhole, onWhole, isLoading, onReload } = props;
  const scope = (label: string, whole: boolean) =>
    html`<label>
      <input type="radio" name="scope" checked=${isWhole === whole} onChange=${() => onWhole(whole)} />
      ${label}
    </label>`;
  return html`
    <div class="row">
      <h2 id="history" ref=${heading} tabindex="-1">Who renamed what</h2>
      <div class="buttons">
        <button type="button" class="small" disabled=${isLoading} onClick=${onReload}>
          Reload<span class="unseen"> the history</span>
        </button>
        <${ExportButton} api=${api} projectId=${projectId} iterationId=${isWhole ? null : iterationId} />
      </div>
    </div>
    ${
      iterationId !== null &&
      html`<fieldset class="inline">
        <legend>History of</legend>
        ${scope('this iteration', false)} ${scope('the whole project', true)}
      </fieldset>`
    }
  `;
}
