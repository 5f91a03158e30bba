import { useState } from 'preact/hooks';
import { html } from './html-template.ts';

/** Copies the text of the element `of`; where the browser forbids that, it selects it. */
export function CopyButton({ of, what }: { of: string; what: string }) {
  const [said, setSaid] = useState('');
  const copy = async (): Promise<void> => {
    const element = document.getElementById(of);
    if (element === null) return;
    try {
      await navigator.clipboard.writeText(element.textContent ?? '');
      setSaid('Copied');
    } catch {
      getSelection()?.selectAllChildren(element);
      setSaid('Selected: press Ctrl+C');
    }
    setTimeout(() => setSaid(''), 3000);
  };
  return html`<span class="copy">
    <span role="status">${said}</span>
    <button type="button" class="small" onClick=${() => void copy()}>
      Copy<span class="unseen"> ${what}</span>
    </button>
  </span>`;
}
