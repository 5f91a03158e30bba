import { type ApiAnswer, jsonOf } from './api-answer.ts';
import { html } from './html-template.ts';

/** The answer as it came: status, headers, body. */
export function AnswerView({
  answer,
  isOpen,
  onToggle,
}: {
  answer: ApiAnswer;
  isOpen: boolean;
  onToggle: (isOpen: boolean) => void;
}) {
  const toggle = ({ currentTarget }: Event): void =>
    onToggle(currentTarget instanceof HTMLDetailsElement && currentTarget.open);
  const { status, headers, body } = answer;
  return html`<details class="answer" open=${isOpen} onToggle=${toggle}>
    <summary>The proxy’s answer: ${status}, headers and body</summary>
    <dl class="headers">
      ${[...headers].map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd><bdi>${value}</bdi></dd>
          </div>`,
      )}
    </dl>
    <pre><code>${readable(answer, body)}</code></pre>
  </details>`;
}

function readable(answer: ApiAnswer, body: string): string {
  const json = jsonOf(answer);
  if (json !== null) return JSON.stringify(json, null, 2);
  return body === '' ? '(no body)' : body.replaceAll('><', '>\n<');
}
