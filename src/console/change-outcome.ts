import type { AuditRecord } from '../rename/audit-record.ts';
import type { ApiAnswer } from './api-answer.ts';
import { html } from './html-template.ts';
import { readFields } from './problem-of.ts';
import { Notice, ProblemNotice } from './problem-notice.ts';
import { givenName } from './timeline.ts';
import type { Change } from './use-change.ts';

/** Says how a rename or an undo goes, in a live region that is there before it has anything to say. */
export function ChangeOutcome({
  change,
  busy,
  onRetry,
}: {
  change: Change;
  busy: string;
  onRetry: () => void;
}) {
  return html`<div aria-live="polite" class="outcome">${wordsOf(change, busy, onRetry)}</div>`;
}

function wordsOf(change: Change, busy: string, onRetry: () => void) {
  switch (change.step) {
    case 'idle':
      return null;
    case 'sending':
      return html`<${Notice} kind="open" title=${busy} />`;
    case 'done': {
      const isReplayed = change.answer.headers.has('idempotency-replayed');
      return html`<${Notice} kind="good" title=${html`Renamed to <bdi class="name">${change.name}</bdi>`}>
        ${isReplayed && html`<p>It was renamed by the first request; this one got the same answer.</p>`}
      <//>`;
    }
    case 'refused':
      return html`<${ProblemNotice} problem=${change.problem} onRetry=${onRetry} />`;
    case 'following':
      return html`<${Notice} kind="open" title="Not known yet whether the iteration was renamed">
        <p>
          Custom Vision gave no clear answer (${change.answer.status}). The proxy looks at the iteration,
          which can take two minutes; this page tells you how it ended.
        </p>
        <p class="quiet" aria-live="off">
          Asked ${change.looks} ${change.looks === 1 ? 'time' : 'times'} so far.
        </p>
      <//>`;
    case 'settled':
      return html`<${Settled} record=${change.record} answer=${change.answer} onRetry=${onRetry} />`;
  }
}

/** How a rename ended that could not be told at once. */
function Settled({
  record,
  answer,
  onRetry,
}: {
  record: AuditRecord;
  answer: ApiAnswer;
  onRetry: () => void;
}) {
  const { status, upstreamMessage } = record;
  const name = html`<bdi class="name">${givenName(record)}</bdi>`;
  const again = html`<p><button type="button" class="secondary" onClick=${onRetry}>Try again</button></p>`;
  switch (status) {
    case 'succeeded':
      return html`<${Notice} kind="good" title=${html`Renamed to ${name}`}>
        <p>The iteration shows the name: it is certain now.</p>
      <//>`;
    case 'rejected':
      return html`<${Notice} kind="bad" title=${html`Custom Vision refused ${name}`}>
        <p><bdi>${upstreamMessage}</bdi></p>
      <//>`;
    case 'not_applied':
      return html`<${Notice} kind="bad" title="Nothing was renamed: it is certain now">
        <p class="said">The proxy said (${answer.status}): <bdi>${readFields(answer).message}</bdi></p>
        ${again}
      <//>`;
    case 'pending':
    case 'unresolved':
      return html`<${Notice} kind="bad" title=${html`It is unknown whether ${name} was given`}>
        <p>
          Somebody changed the iteration meanwhile. Compare its name in the list, and rename it if need be.
        </p>
      <//>`;
  }
}
