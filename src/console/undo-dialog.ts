import type { AuditRecord } from '../rename/audit-record.ts';
import type { ApiClient } from './api-client.ts';
import { ChangeOutcome } from './change-outcome.ts';
import { html } from './html-template.ts';
import { ModalDialog } from './modal-dialog.ts';
import { givenName } from './timeline.ts';
import { type Change, useChange } from './use-change.ts';

/** Says what an undo will do, does it, and stays open where it did not work. */
export function UndoDialog({
  api,
  who,
  record,
  onChanged,
  onEnd,
  onDone,
  onClose,
}: {
  api: ApiClient;
  who: string;
  record: AuditRecord;
  onChanged: () => void;
  /** It is known how the undo ended. */
  onEnd: () => void;
  onDone: (words: string) => void;
  onClose: () => void;
}) {
  const { projectId, renameId, previousName } = record;
  const onStep = (change: Change): void => {
    onChanged();
    if (change.step === 'done' || change.step === 'settled') onEnd();
    if (change.step === 'done') onDone(`Undone: the iteration has the name ${change.name} again.`);
  };
  const { change, run } = useChange({ api, projectId, task: 'undo', onStep });
  const undo = (): void => run(() => api.undo({ projectId, renameId }));
  const given = html`The iteration <bdi class="name">${givenName(record)}</bdi>`;
  const back = html`<bdi class="name">${previousName}</bdi>`;
  const isAsked = change.step === 'idle';
  const isOver = change.step === 'settled' || change.step === 'refused';
  return html`<${ModalDialog} title="Undo this rename?" onClose=${onClose}>
    <p>${given} gets the name ${back} back. It is recorded as yours: <bdi>${who}</bdi>.</p>
    <p class="quiet">If somebody has renamed it meanwhile, nothing happens.</p>
    <${ChangeOutcome} change=${change} busy="Undoing …" onRetry=${undo} />
    <p class="buttons">
      ${isAsked && html`<button type="button" class="primary" onClick=${undo}>Undo the rename</button>`}
      <button type="button" class="secondary" onClick=${onClose}>${isOver ? 'Close' : 'Cancel'}</button>
    </p>
  <//>`;
}
