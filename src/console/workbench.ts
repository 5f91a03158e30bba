import { useMemo, useState } from 'preact/hooks';
import type { ApiClient } from './api-client.ts';
import type { SignInMethod } from './console-settings.ts';
import { HistoryPanel } from './history-panel.ts';
import { html } from './html-template.ts';
import { IterationFinder } from './iteration-finder.ts';
import { createOpenIntents } from './open-intents.ts';
import { Notice } from './problem-notice.ts';
import { RenamePanel } from './rename-panel.ts';
import { usePlace } from './use-place.ts';

export interface WorkbenchProps {
  api: ApiClient;
  base: string;
  who: string;
  method: SignInMethod;
  resources: readonly string[] | null;
}

/** Find an iteration, rename it, see its history. */
export function Workbench({ api, base, who, method, resources }: WorkbenchProps) {
  const intents = useMemo(() => createOpenIntents(() => crypto.randomUUID()), []);
  const place = usePlace({ api, who, resources });
  const { resource, projectId, iterationId, iterations } = place;
  const [changes, setChanges] = useState(0);
  const [undos, setUndos] = useState(0);
  const [news, setNews] = useState('');
  const names = useMemo(
    () => new Map((iterations.value ?? []).map(({ id, name }) => [id, name])),
    [iterations.value],
  );
  const changed = (): void => {
    iterations.reload();
    setChanges((count) => count + 1);
  };

  const undone = (id: string): void => {
    intents.endAll(id);
    setUndos((count) => count + 1);
  };
  const renamed = (): void => {
    setNews('');
    changed();
  };

  if (resources?.length === 0) return html`<${NothingGranted} who=${who} />`;
  return html`<div class="bench">
    <${IterationFinder} place=${place} resources=${resources ?? []} />
    <div class="work">
      ${
        projectId !== null &&
        iterationId !== null &&
        html`<${RenamePanel}
          key=${iterationId}
          api=${api}
          base=${base}
          method=${method}
          intents=${intents}
          place=${{ resource, projectId, iterationId }}
          names=${names}
          undos=${undos}
          onChanged=${renamed}
        />`
      }
      ${
        iterationId === null &&
        html`<section class="panel empty">
          <p>Choose ${projectId === null && 'a project, then '}the iteration to rename.</p>
        </section>`
      }
      ${
        projectId !== null &&
        html`<${HistoryPanel}
          key=${projectId}
          api=${api}
          who=${who}
          projectId=${projectId}
          iterationId=${iterationId}
          names=${names}
          changes=${changes}
          news=${news}
          onNews=${setNews}
          onUndone=${undone}
          onChanged=${changed}
        />`
      }
    </div>
  </div>`;
}

function NothingGranted({ who }: { who: string }) {
  return html`<div class="bench">
    <${Notice} kind="bad" title="Nothing is granted to you yet">
      <p>The proxy knows you as <bdi>${who}</bdi>. Ask its operators for a grant in its access policy.</p>
    <//>
  </div>`;
}
