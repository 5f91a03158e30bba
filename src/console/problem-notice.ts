import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Problem } from './explain-problem.ts';
import { html } from './html-template.ts';

/** What went wrong and what to do. It stands in a live region: a screen reader reads it when it appears. */
export function ProblemNotice({ problem, onRetry }: { problem: Problem; onRetry?: () => void }) {
  const { title, advice, said, status, canRetry, retryAfterSeconds } = problem;
  return html`<${Notice} kind="bad" title=${title}>
    <p>${advice}</p>
    ${said.length > 0 && html`<${Said} by=${status === null ? '' : `The proxy says (${status}): `} lines=${said} />`}
    ${
      canRetry &&
      onRetry !== undefined &&
      html`<${RetryButton} key=${problem} seconds=${retryAfterSeconds ?? 0} onRetry=${onRetry} />`
    }
  <//>`;
}

function Said({ by, lines }: { by: string; lines: readonly string[] }) {
  if (lines.length === 1) return html`<p class="said">${by}<bdi>${lines[0]}</bdi></p>`;
  return html`<p class="said">${by}</p>
    <ul class="said">
      ${lines.map((line) => html`<li><bdi>${line}</bdi></li>`)}
    </ul>`;
}

export function Notice({
  kind,
  title,
  children,
}: {
  kind: 'good' | 'bad' | 'open';
  title: ComponentChildren;
  children?: ComponentChildren;
}) {
  return html`<div class="notice ${kind}">
    <p class="notice-title">${title}</p>
    ${children}
  </div>`;
}

/** Not before the proxy wants to be asked again. */
function RetryButton({ seconds, onRetry }: { seconds: number; onRetry: () => void }) {
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  // Outside the announcements: a screen reader would read out each second.
  return html`<p aria-live="off">
    <button type="button" class="secondary" disabled=${left > 0} onClick=${onRetry}>
      ${left > 0 ? `Try again in ${left} s` : 'Try again'}
    </button>
  </p>`;
}
