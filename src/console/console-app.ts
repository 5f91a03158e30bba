import { useMemo, useRef, useState } from 'preact/hooks';
import { createApiClient, type ApiClient } from './api-client.ts';
import { ApiError } from './api-answer.ts';
import { folderOf } from './api-paths.ts';
import type { ConsoleSettings } from './console-settings.ts';
import { type Credential, SignInNeeded } from './credential.ts';
import { html } from './html-template.ts';
import { ModalDialog } from './modal-dialog.ts';
import { SignInForm } from './sign-in-form.ts';
import { Workbench } from './workbench.ts';

interface Session {
  readonly api: ApiClient;
  readonly who: string;
  /** Null where the proxy does not say: then it is asked without naming one. */
  readonly resources: readonly string[] | null;
}

export interface ConsoleAppOptions {
  readonly settings: ConsoleSettings;
  readonly signInWithEntra: (() => Promise<Credential>) | null;
}

export function ConsoleApp({ settings, signInWithEntra }: ConsoleAppOptions) {
  const credential = useRef<Credential | null>(null);
  const [session, setSession] = useState<Session | null>(null);
  const [isExpired, setIsExpired] = useState(false);
  const base = useMemo(() => folderOf(location.href), []);

  const signIn = async (shown: Credential): Promise<void> => {
    const resources = await tryCredential(base, shown);
    credential.current = shown;
    setIsExpired(false);
    setSession((open) => {
      // After an expiry the page goes on where it was.
      if (open !== null) return { ...open, who: shown.who };
      const api = createApiClient({
        base,
        credential: () => credential.current ?? signedOut(),
        onSignInNeeded: () => setIsExpired(credential.current !== null),
      });
      return { api, who: shown.who, resources };
    });
  };
  const signOut = (): void => {
    credential.current = null;
    setSession(null);
    setIsExpired(false);
  };
  const form = html`<${SignInForm}
    methods=${settings.signIn}
    signInWithEntra=${signInWithEntra}
    onSignIn=${signIn}
  />`;

  if (session === null) {
    return html`<main class="front">
      <h1><${Mark} />Rename console</h1>
      <p class="quiet">Rename Custom Vision iterations, see who renamed what, and undo it.</p>
      ${form}
    </main>`;
  }
  return html`
    <header class="top">
      <h1><${Mark} />Rename console</h1>
      <p class="who"><span class="quiet">Signed in as</span> <bdi>${session.who}</bdi></p>
      <button type="button" class="small" onClick=${signOut}>Sign out</button>
    </header>
    <main>
      <${Workbench}
        api=${session.api}
        base=${base}
        who=${session.who}
        method=${credential.current?.method ?? 'caller-key'}
        resources=${session.resources}
      />
    </main>
    ${
      isExpired &&
      html`<${ModalDialog} title="Sign in again" onClose=${() => setIsExpired(false)}>
        <p>Your sign-in has expired or was withdrawn. What you typed stays.</p>
        ${form}
      <//>`
    }
  `;
}

const LABEL =
  'M3 5a2 2 0 0 1 2-2h6.6a2 2 0 0 1 1.4.6l7.8 7.8a2 2 0 0 1 0 2.8l-6.6 6.6a2 2 0 0 1-2.8 0L3.6 13A2 2 0 0 1 3 11.6Z';

/** A label, drawn: the page loads no picture. */
function Mark() {
  return html`<svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
    <path d=${LABEL} />
    <circle cx="8" cy="8" r="1.75" />
  </svg>`;
}

/** What still runs after the sign-out ends here. */
function signedOut(): never {
  throw new SignInNeeded('Sign in first.');
}

/** The names of the resources, which any credential may ask for; throws where the proxy refuses it. */
async function tryCredential(base: string, credential: Credential): Promise<readonly string[] | null> {
  const api = createApiClient({ base, credential: () => credential, onSignInNeeded: () => {} });
  try {
    return await api.resources();
  } catch (error) {
    if (error instanceof ApiError && error.answer.status === 404) return null;
    throw error;
  }
}
