import { useState } from 'preact/hooks';
import type { ApiClient } from './api-client.ts';
import { collectCsv } from './collect-csv.ts';
import { html } from './html-template.ts';
import { problemOf } from './problem-of.ts';

const RECORDS_A_PAGE = 1000;

/** Saves all records of the project or of the iteration, whatever the filters below show. */
export function ExportButton({
  api,
  projectId,
  iterationId,
}: {
  api: ApiClient;
  projectId: string;
  iterationId: string | null;
}) {
  const [said, setSaid] = useState('');
  const save = async (): Promise<void> => {
    try {
      const text = await collectCsv(
        (continuation) => api.recordsCsv({ projectId, iterationId, continuation, limit: RECORDS_A_PAGE }),
        (pages) => setSaid(`Read ${pages} ${pages === 1 ? 'page' : 'pages'} …`),
      );
      saveFile(`renames-${iterationId ?? projectId}.csv`, text);
      setSaid('Saved.');
    } catch (error) {
      setSaid(`Not saved: ${problemOf(error, 'history').title}.`);
    }
  };
  return html`<span class="copy">
    <span role="status">${said}</span>
    <button type="button" class="small" onClick=${() => void save()}>
      Export CSV<span class="unseen"
        >: all records of ${iterationId === null ? 'the project' : 'this iteration'}</span
      >
    </button>
  </span>`;
}

function saveFile(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
