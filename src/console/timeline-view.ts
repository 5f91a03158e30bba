import type { AuditRecord } from '../rename/audit-record.ts';
import { html } from './html-template.ts';
import { localDay } from './local-time.ts';
import { TimelineEntry } from './timeline-entry.ts';
import { findUndoable, findUndos, groupByDay } from './timeline.ts';

export interface TimelineProps {
  /** Everything that is loaded: what the filter hides may have undone what it shows. */
  all: readonly AuditRecord[];
  shown: readonly AuditRecord[];
  names: ReadonlyMap<string, string>;
  showsIteration: boolean;
  onUndo: (record: AuditRecord) => void;
}

export function Timeline({ all, shown, names, showsIteration, onUndo }: TimelineProps) {
  const undos = findUndos(all);
  const undoable = findUndoable(all);
  return groupByDay(shown, localDay).map(
    ({ day, records }) =>
      html`<div class="day" key=${day}>
        <h3>${day}</h3>
        <ol class="timeline">
          ${records.map(
            (record) =>
              html`<${TimelineEntry}
                key=${record.renameId}
                record=${record}
                undo=${undos.get(record.renameId) ?? null}
                iterationName=${showsIteration ? (names.get(record.iterationId) ?? record.iterationId) : null}
                onUndo=${undoable.has(record.renameId) ? () => onUndo(record) : null}
              />`,
          )}
        </ol>
      </div>`,
  );
}
