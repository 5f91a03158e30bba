import { useEffect, useRef, useState } from 'preact/hooks';
import type { AuditRecord } from '../rename/audit-record.ts';
import type { ApiClient } from './api-client.ts';
import { HistoryFilters } from './history-filters.ts';
import { HistoryHead } from './history-head.ts';
import { html } from './html-template.ts';
import { ProblemNotice } from './problem-notice.ts';
import { problemOf } from './problem-of.ts';
import { Timeline } from './timeline-view.ts';
import { givenName, isShown, STATUS_WORDS, type TimelineFilter } from './timeline.ts';
import { UndoDialog } from './undo-dialog.ts';
import { useHistory } from './use-history.ts';

export interface HistoryPanelProps {
  api: ApiClient;
  who: string;
  projectId: string;
  iterationId: string | null;
  names: ReadonlyMap<string, string>;
  /** Changes whenever a rename was asked for: then the history is read again. */
  changes: number;
  /** What happened of late; empty for nothing. */
  news: string;
  onNews: (words: string) => void;
  onChanged: () => void;
  /** It is known how an undo ended. */
  onUndone: (iterationId: string) => void;
}

/** So many records can no longer be seen at a glance. */
const WORTH_FILTERING = 4;
const EVERYTHING: TimelineFilter = { status: 'any', who: '', text: '' };

export function HistoryPanel(props: HistoryPanelProps) {
  const { api, who, projectId, iterationId, names, changes, news, onNews, onChanged, onUndone } = props;
  const [isWhole, setIsWhole] = useState(false);
  const [filter, setFilter] = useState(EVERYTHING);
  const [undoing, setUndoing] = useState<AuditRecord | null>(null);

  const scope = isWhole ? null : iterationId;
  const onSettled = (record: AuditRecord): void => {
    onNews(`The rename to ${givenName(record)} has ended: ${STATUS_WORDS[record.status]}.`);
    onChanged();
  };
  const history = useHistory({ api, who, projectId, iterationId: scope, onSettled });
  useEffect(() => {
    if (changes > 0) history.reload();
  }, [changes]);

  const heading = useRef<HTMLHeadingElement>(null);
  const isUndone = useRef(false);
  useEffect(() => {
    // The button that opened the dialog has gone with the list before.
    if (isUndone.current && document.activeElement === document.body) heading.current?.focus();
    isUndone.current = false;
  }, [history.first]);

  const records = history.records ?? [];
  const shown = records.filter((record) => isShown(record, filter));
  return html`<section class="panel history" aria-labelledby="history">
    <${HistoryHead}
      api=${api}
      heading=${heading}
      projectId=${projectId}
      iterationId=${iterationId}
      isWhole=${isWhole}
      onWhole=${setIsWhole}
      isLoading=${history.isLoading}
      onReload=${history.reload}
    />
    ${records.length >= WORTH_FILTERING && html`<${HistoryFilters} records=${records} filter=${filter} onFilter=${setFilter} />`}
    <div aria-live="polite">
      ${news !== '' && html`<p class="news"><bdi>${news}</bdi></p>`}
      ${history.records === null && history.isLoading && html`<p class="quiet">Loading …</p>`}
      ${history.records?.length === 0 && html`<p class="quiet">No rename was recorded yet.</p>`}
      ${records.length > 1 && html`<p class="quiet">${countWords(shown.length, records.length, history.hasOlder)}</p>`}
      ${
        history.error !== null &&
        html`<${ProblemNotice} problem=${problemOf(history.error, 'history')} onRetry=${history.reload} />`
      }
    </div>
    <${Timeline}
      all=${records}
      shown=${shown}
      names=${names}
      showsIteration=${scope === null}
      onUndo=${setUndoing}
    />
    ${
      history.hasOlder &&
      html`<p>
        <button type="button" class="secondary" disabled=${history.isLoading} onClick=${history.loadOlder}>
          Load older records
        </button>
      </p>`
    }
    ${
      undoing !== null &&
      html`<${UndoDialog}
        api=${api}
        who=${who}
        record=${undoing}
        onChanged=${onChanged}
        onEnd=${() => onUndone(undoing.iterationId)}
        onDone=${(words: string) => {
          isUndone.current = true;
          setUndoing(null);
          onNews(words);
        }}
        onClose=${() => setUndoing(null)}
      />`
    }
  </section>`;
}

function countWords(shown: number, loaded: number, hasOlder: boolean): string {
  const some = shown === loaded ? `${loaded} records` : `${shown} of ${loaded} records`;
  return hasOlder ? `${some} loaded; there are older ones.` : `${some}.`;
}
