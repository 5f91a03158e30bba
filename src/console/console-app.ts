import { useMemo, useRef, useState } from 'preact/hooks';
import { createApiClient, type ApiClient } from './api-client.ts';
import { ApiError } from './api-answer.ts';
import { folderOf } from './api-paths.ts';
import type { ConsoleSettings } from './console-settings.ts';
import type { Credential } from './credential.ts';
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
        credential: () => credential.current ?? shown,
        onSignInNeeded: () => setIsExpired(true),
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
      <h1>Rename console</h1>
      <p class="quiet">Rename Custom Vision iterations, see who renamed what, and undo it.</p>
      ${form}
    </main>`;
  }
  return html`
    <header class="top">
      <h1>Rename console</h1>
      <p class="who"><span class="quiet">Signed in as</span> <bdi>${session.who}</bdi></p>
      <button type="button" class="secondary" onClick=${signOut}>Sign out</button>
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
