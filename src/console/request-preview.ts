import { useId, useState } from 'preact/hooks';
import { CopyButton } from './copy-button.ts';
import { html } from './html-template.ts';
import { curlSample, javaScriptSample, type SampledRequest } from './request-samples.ts';

const LANGUAGES = { curl: curlSample, JavaScript: javaScriptSample } as const;

type Language = keyof typeof LANGUAGES;

const NAMES: readonly Language[] = ['curl', 'JavaScript'];

/** The request that the form sends, to repeat it elsewhere. It names a variable in place of the credential. */
export function RequestPreview({ request }: { request: SampledRequest }) {
  const id = useId();
  const [language, setLanguage] = useState<Language>('curl');
  return html`<div class="request">
    <div class="row">
      <fieldset class="inline">
        <legend>The same request as</legend>
        ${NAMES.map(
          (name) =>
            html`<label>
              <input
                type="radio"
                name=${id}
                checked=${language === name}
                onChange=${() => setLanguage(name)}
              />
              ${name}
            </label>`,
        )}
      </fieldset>
      <${CopyButton} of="${id}-text" what="the request as ${language}" />
    </div>
    <pre><code id="${id}-text">${LANGUAGES[language](request)}</code></pre>
  </div>`;
}
