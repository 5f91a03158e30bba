import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { fieldValue } from './field-value.ts';
import { html } from './html-template.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** For a person who has the ids, also while the lists cannot be had. */
export function TypedIds({
  isNeeded,
  onIds,
}: {
  isNeeded: boolean;
  onIds: (ids: { projectId: string; iterationId: string | null }) => void;
}) {
  const id = useId();
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    // It never closes by itself: somebody may be typing.
    if (isNeeded && details.current !== null) details.current.open = true;
  }, [isNeeded]);
  const [projectId, setProjectId] = useState('');
  const [iterationId, setIterationId] = useState('');
  const [fault, setFault] = useState('');
  const submit = (event: Event): void => {
    event.preventDefault();
    const ids = [projectId.trim().toLowerCase(), iterationId.trim().toLowerCase()] as const;
    const isGood = UUID.test(ids[0]) && (ids[1] === '' || UUID.test(ids[1]));
    setFault(isGood ? '' : 'An id looks like 6f9619ff-8b86-4d01-b42d-00cf4fc964ff.');
    if (isGood) onIds({ projectId: ids[0], iterationId: ids[1] === '' ? null : ids[1] });
  };
  const field = (name: string, label: string, value: string, set: (value: string) => void) => html`
    <label for="${id}-${name}">${label}</label>
    <input
      id="${id}-${name}"
      class="code"
      autocomplete="off"
      spellcheck=${false}
      aria-describedby="${id}-fault"
      value=${value}
      onInput=${(event: Event) => set(fieldValue(event))}
    />
  `;
  return html`<details ref=${details}>
    <summary>Type ids instead</summary>
    <form onSubmit=${submit}>
      ${field('project', 'Project id', projectId, setProjectId)}
      ${field('iteration', 'Iteration id (empty for the history only)', iterationId, setIterationId)}
      <p id="${id}-fault" class="fault" role="status">${fault}</p>
      <p><button class="secondary">Open</button></p>
    </form>
  </details>`;
}
