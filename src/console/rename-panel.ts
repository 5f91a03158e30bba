import { useEffect, useRef, useState } from 'preact/hooks';
import { AnswerView } from './answer-view.ts';
import type { ApiClient } from './api-client.ts';
import { iterationPath, type Place } from './api-paths.ts';
import { ChangeOutcome } from './change-outcome.ts';
import type { SignInMethod } from './console-settings.ts';
import { html } from './html-template.ts';
import { type Intent, type OpenIntents, saysHowItEnded } from './open-intents.ts';
import { RenameForm } from './rename-form.ts';
import { RequestPreview } from './request-preview.ts';
import { type Change, useChange } from './use-change.ts';

export interface RenamePanelProps {
  api: ApiClient;
  base: string;
  method: SignInMethod;
  intents: OpenIntents;
  place: Place;
  /** The present names of the project's iterations by their ids, as far as they are known. */
  names: ReadonlyMap<string, string>;
  /** Grows with each undo: what was said of the rename before is then no longer true. */
  undos: number;
  onChanged: () => void;
}

export function RenamePanel({
  api,
  base,
  method,
  intents,
  place,
  names,
  undos,
  onChanged,
}: RenamePanelProps) {
  const [name, setName] = useState('');
  const [accept, setAccept] = useState('application/json');
  const [isAnswerOpen, setIsAnswerOpen] = useState(false);
  const intent = { iterationId: place.iterationId, name };
  const sent = useRef(intent);

  const onStep = (change: Change): void => {
    if (isRenamed(change)) intents.endAll(place.iterationId);
    else if (hasEnded(change)) intents.end(sent.current);
    // Not what somebody has typed meanwhile.
    if (change.step === 'done') setName((typed) => (typed === sent.current.name ? '' : typed));
    onChanged();
  };
  const { change, run, clear } = useChange({ api, projectId: place.projectId, task: 'rename', onStep });
  useEffect(clear, [undos]);
  const send = (wanted: Intent): void => {
    sent.current = wanted;
    intents.open(wanted);
    const idempotencyKey = intents.keyOf(wanted);
    run(() => api.rename({ ...place, name: wanted.name, accept, idempotencyKey }));
  };

  const url = new URL(iterationPath(place), base).href;
  const currentName = names.get(place.iterationId) ?? null;
  const otherNames = [...names].flatMap(([id, other]) => (id === place.iterationId ? [] : [other]));
  return html`<section class="panel" aria-labelledby="rename">
    <h2 id="rename">Rename <bdi class="name">${currentName ?? 'the iteration'}</bdi></h2>
    <p class="quiet code">${place.iterationId}</p>
    <div class="side-by-side">
      <div class="stack">
        <${RenameForm}
          name=${name}
          onName=${setName}
          accept=${accept}
          onAccept=${setAccept}
          currentName=${currentName}
          otherNames=${otherNames}
          isBusy=${change.step === 'sending'}
          onRename=${() => send(intent)}
        />
        <${ChangeOutcome} change=${change} busy="Renaming …" onRetry=${() => send(sent.current)} />
      </div>
      <${RequestPreview} request=${{ url, method, name, accept, idempotencyKey: intents.keyOf(intent) }} />
    </div>
    ${'answer' in change && change.answer !== null && html`<${AnswerView} answer=${change.answer} isOpen=${isAnswerOpen} onToggle=${setIsAnswerOpen} />`}
  </section>`;
}

function isRenamed(change: Change): boolean {
  return change.step === 'done' || (change.step === 'settled' && change.record.status === 'succeeded');
}

/** Then the same request again would be a new rename. */
function hasEnded(change: Change): boolean {
  if (change.step === 'refused') return change.answer !== null && saysHowItEnded(change.answer.status);
  return change.step === 'settled';
}
