import { useId, useState } from 'preact/hooks';
import type { SignInMethod } from './console-settings.ts';
import {
  createCallerKeyCredential,
  createFunctionKeyCredential,
  type Credential,
  keyFault,
} from './credential.ts';
import type { Problem } from './explain-problem.ts';
import { fieldValue } from './field-value.ts';
import { html } from './html-template.ts';
import { problemOf } from './problem-of.ts';
import { Notice, ProblemNotice } from './problem-notice.ts';

const KEYS = {
  'caller-key': {
    label: 'Caller key',
    hint: 'The key of your app or of yourself, NAME.SECRET. The operators of this proxy give it out.',
    create: createCallerKeyCredential,
  },
  'function-key': {
    label: 'Function key',
    hint: 'A key of the function app. Its operators find it in the Azure portal under “App keys”.',
    create: createFunctionKeyCredential,
  },
} as const;

/** `onSignIn` tries the credential and throws where the proxy refuses it. */
export function SignInForm({
  methods,
  signInWithEntra,
  onSignIn,
}: {
  methods: readonly SignInMethod[];
  signInWithEntra: (() => Promise<Credential>) | null;
  onSignIn: (credential: Credential) => Promise<void>;
}) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const signIn = async (get: () => Promise<Credential>): Promise<void> => {
    setIsBusy(true);
    setProblem(null);
    try {
      await onSignIn(await get());
    } catch (error) {
      setProblem(problemOf(error, 'sign-in'));
      setIsBusy(false);
    }
  };
  const keyMethods = methods.filter((method) => method !== 'entra');
  return html`<div class="sign-in">
    ${
      signInWithEntra !== null &&
      html`<p>
        <button
          type="button"
          class="primary wide"
          disabled=${isBusy}
          onClick=${() => void signIn(signInWithEntra)}
        >
          Sign in with Microsoft
        </button>
      </p>`
    }
    ${signInWithEntra !== null && keyMethods.length > 0 && html`<p class="or">or by key</p>`}
    ${keyMethods.map(
      (method) =>
        html`<${KeyForm}
          key=${method}
          method=${method}
          isBusy=${isBusy}
          isFirst=${signInWithEntra === null}
          onKey=${(credential: Credential) => void signIn(() => Promise.resolve(credential))}
        />`,
    )}
    <div aria-live="polite">
      ${isBusy && html`<${Notice} kind="open" title="Signing in …" />`}
      ${problem !== null && html`<${ProblemNotice} problem=${problem} />`}
    </div>
  </div>`;
}

function KeyForm({
  method,
  isBusy,
  isFirst,
  onKey,
}: {
  method: keyof typeof KEYS;
  isBusy: boolean;
  isFirst: boolean;
  onKey: (credential: Credential) => void;
}) {
  const id = useId();
  const [key, setKey] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const { label, hint, create } = KEYS[method];
  const submit = (event: Event): void => {
    event.preventDefault();
    const found = keyFault(key.trim());
    setFault(found);
    if (found === null) onKey(create(key.trim()));
  };
  return html`<form onSubmit=${submit} autocomplete="off">
    <label for=${id}>${label}</label>
    <input
      id=${id}
      type="password"
      autocomplete="off"
      spellcheck=${false}
      autofocus=${isFirst}
      aria-describedby="${id}-hint ${id}-fault"
      aria-invalid=${fault !== null}
      value=${key}
      onInput=${(event: Event) => setKey(fieldValue(event))}
    />
    <p id="${id}-hint" class="quiet">${hint}</p>
    <p id="${id}-fault" class="fault" role="status">${fault}</p>
    <p><button class="${isFirst ? 'primary' : 'secondary'} wide" disabled=${isBusy}>Sign in</button></p>
    <p class="quiet">It stays in this page’s memory. Signing out, or closing the page, forgets it.</p>
  </form>`;
}
