import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { ListedIteration } from './api-shapes.ts';
import { fieldValue } from './field-value.ts';
import type { Choice } from './filter-list.ts';
import { html } from './html-template.ts';
import { ListPicker } from './list-picker.ts';
import { localDay } from './local-time.ts';
import { TypedIds } from './typed-ids.ts';
import type { PlaceInHand } from './use-place.ts';

/** The resources and projects that the caller may see, and the iterations of the chosen project. */
export function IterationFinder({ place, resources }: { place: PlaceInHand; resources: readonly string[] }) {
  const { projects, iterations, projectId } = place;
  const heading = useRef<HTMLHeadingElement>(null);
  // The form of the sign-in had the focus, and is gone.
  useLayoutEffect(() => heading.current?.focus({ preventScroll: true }), []);
  const projectChoices = useMemo(
    () => projects.value?.map(({ id, name, description }) => ({ id, name, note: description ?? '' })) ?? null,
    [projects.value],
  );
  const iterationChoices = useMemo(() => iterations.value?.map(iterationChoice) ?? null, [iterations.value]);
  return html`<section class="panel find" aria-labelledby="find">
    <h2 id="find" ref=${heading} tabindex="-1">Find the iteration</h2>
    ${resources.length > 1 && html`<${ResourcePicker} place=${place} resources=${resources} />`}
    <${ListPicker}
      title="Project"
      none="No project is granted to you on this resource."
      loading=${projects}
      choices=${projectChoices}
      chosenId=${projectId}
      onChoose=${(id: string) => place.choose({ projectId: id, iterationId: null })}
    />
    ${
      projectId !== null &&
      html`<${ListPicker}
        key=${projectId}
        title="Iteration"
        none="This project has no iterations yet: train it first."
        loading=${iterations}
        choices=${iterationChoices}
        chosenId=${place.iterationId}
        onChoose=${(id: string) => place.choose({ projectId, iterationId: id })}
      />`
    }
    <${TypedIds} isNeeded=${projects.error !== null || iterations.error !== null} onIds=${place.choose} />
  </section>`;
}

function ResourcePicker({ place, resources }: { place: PlaceInHand; resources: readonly string[] }) {
  const choose = (event: Event): void => place.chooseResource(fieldValue(event));
  return html`<div>
    <label for="resource">Resource</label>
    <select id="resource" value=${place.resource} onChange=${choose}>
      ${resources.map((name) => html`<option value=${name}>${name}</option>`)}
    </select>
  </div>`;
}

function iterationChoice({ id, name, status, trainedAt, publishName }: ListedIteration): Choice {
  const notes = [
    status === 'Completed' ? null : status,
    trainedAt === null ? 'not trained' : `trained ${localDay(trainedAt)}`,
    publishName === null ? null : `published as ${publishName}`,
  ];
  return { id, name, note: notes.filter((note) => note !== null).join(', ') };
}
