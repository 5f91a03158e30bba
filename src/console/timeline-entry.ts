import type { AuditRecord } from '../rename/audit-record.ts';
import { html } from './html-template.ts';
import { localTime, utcTime } from './local-time.ts';
import { givenName, STATUS_WORDS } from './timeline.ts';

const TRIGGER_WORDS = {
  http: 'by a request',
  webhook: 'by a webhook',
  training: 'when its training ended',
} as const satisfies Record<AuditRecord['trigger'], string>;

const EVIDENCE_WORDS = {
  response: 'Custom Vision’s answer',
  state: 'the iteration itself, read later',
} as const;

export function TimelineEntry({
  record,
  undo,
  iterationName,
  onUndo,
}: {
  record: AuditRecord;
  /** The rename that took this one back. */
  undo: AuditRecord | null;
  /** Null where the list is of one iteration. */
  iterationName: string | null;
  /** Null where it cannot be undone. */
  onUndo: (() => void) | null;
}) {
  const { status, previousName, requestedAt, caller, trigger, upstreamMessage } = record;
  return html`<li class="entry ${status}">
    <p class="entry-head">
      <span class="chip ${status}">${STATUS_WORDS[status]}</span>
      <time datetime=${requestedAt} title=${utcTime(requestedAt)}>${localTime(requestedAt)}</time>
      <bdi class="caller" title=${caller.id}>${caller.name ?? caller.id}</bdi>
      <span class="quiet">${record.undoes === null ? TRIGGER_WORDS[trigger] : 'as an undo'}</span>
    </p>
    ${iterationName !== null && html`<p class="quiet">Iteration <bdi>${iterationName}</bdi></p>`}
    <p class="change">
      ${
        previousName === null
          ? html`<span class="quiet">name before not known</span>`
          : html`<bdi class="name">${previousName}</bdi>`
      }
      <span class="arrow"><span aria-hidden="true">→</span><span class="unseen"> to </span></span>
      <bdi class="name">${givenName(record)}</bdi>
    </p>
    ${status !== 'succeeded' && upstreamMessage !== null && html`<p class="said"><bdi>${upstreamMessage}</bdi></p>`}
    ${
      undo !== null &&
      html`<p class="undone">
        Undone by <bdi>${undo.caller.name ?? undo.caller.id}</bdi>, ${localTime(undo.requestedAt)}
      </p>`
    }
    <div class="row">
      <${RecordDetails} record=${record} />
      ${
        onUndo !== null &&
        html`<button type="button" class="small" onClick=${onUndo}>
          Undo<span class="unseen"> the rename to ${givenName(record)}</span>
        </button>`
      }
    </div>
  </li>`;
}

function RecordDetails({ record }: { record: AuditRecord }) {
  const { caller, evidence, requestedName, appliedName, completedAt, durationMs } = record;
  const rows: readonly (readonly [string, string | number | null])[] = [
    ['Record', record.renameId],
    ['Caller', caller.id],
    ['Iteration', record.iterationId],
    ['Resource', record.resource],
    ['Asked', utcTime(record.requestedAt)],
    ['Ended', completedAt === null ? null : utcTime(completedAt)],
    ['Took', durationMs === null ? null : `${durationMs} ms`],
    ['Known by', evidence === null ? null : EVIDENCE_WORDS[evidence]],
    ['Name asked for', appliedName === null ? null : requestedName],
    ['Requests sent', record.attempts],
    ['Custom Vision’s status', record.upstreamStatus],
    ['Custom Vision’s code', record.upstreamCode],
    ['Custom Vision’s words', record.upstreamMessage],
    ['Trace', record.traceId],
    ['Replaces', record.replaces],
    ['Undoes', record.undoes],
  ];
  return html`<details>
    <summary>Details<span class="unseen"> of the rename to ${givenName(record)}</span></summary>
    <dl>
      ${rows.map(
        ([term, value]) =>
          value !== null &&
          html`<div>
            <dt>${term}</dt>
            <dd><bdi>${value}</bdi></dd>
          </div>`,
      )}
    </dl>
  </details>`;
}
