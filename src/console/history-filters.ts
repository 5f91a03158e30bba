import { useId } from 'preact/hooks';
import type { AuditRecord, RenameStatus } from '../rename/audit-record.ts';
import { fieldValue } from './field-value.ts';
import { html } from './html-template.ts';
import { STATUS_WORDS, type TimelineFilter } from './timeline.ts';

/** Filters what is loaded: the proxy itself tells iterations apart, not callers or texts. */
export function HistoryFilters({
  records,
  filter,
  onFilter,
}: {
  records: readonly AuditRecord[];
  filter: TimelineFilter;
  onFilter: (filter: TimelineFilter) => void;
}) {
  const id = useId();
  const callers = [...new Set(records.map(({ caller }) => caller.id))].toSorted();
  return html`<div class="filters">
    <div>
      <label for="${id}-status">Status</label>
      <select
        id="${id}-status"
        value=${filter.status}
        onChange=${(event: Event) => onFilter({ ...filter, status: statusOf(fieldValue(event)) })}
      >
        <option value="any">any</option>
        ${Object.entries(STATUS_WORDS).map(([status, words]) => html`<option value=${status}>${words}</option>`)}
      </select>
    </div>
    <div>
      <label for="${id}-who">Who</label>
      <select
        id="${id}-who"
        value=${filter.who}
        onChange=${(event: Event) => onFilter({ ...filter, who: fieldValue(event) })}
      >
        <option value="">everybody</option>
        ${callers.map((caller) => html`<option value=${caller}>${caller}</option>`)}
      </select>
    </div>
    <div>
      <label for="${id}-text">Text</label>
      <input
        id="${id}-text"
        type="search"
        dir="auto"
        autocomplete="off"
        value=${filter.text}
        onInput=${(event: Event) => onFilter({ ...filter, text: fieldValue(event) })}
      />
    </div>
  </div>`;
}

function statusOf(value: string): RenameStatus | 'any' {
  return isStatus(value) ? value : 'any';
}

function isStatus(value: string): value is RenameStatus {
  return Object.hasOwn(STATUS_WORDS, value);
}
