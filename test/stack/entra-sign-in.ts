import { createHash, randomBytes } from 'node:crypto';
import type { ReceivedRequest } from './received-request.ts';
import type { SimulatorAnswer } from './simulator-server.ts';

/** A single-page application: it has no secret, and its people come back to one of these addresses only. */
export interface PublicClient {
  clientId: string;
  redirectUris: string[];
}

/** What a person agreed to. */
export interface Consent {
  clientId: string;
  redirectUri: string;
  scope: string;
  nonce: string;
  challenge: string;
}

/** Its cookie; as Entra's, it goes along in a window of another site, too. */
const SESSION = 'ESTSAUTH';

/**
 * The part of Entra that people see: the code flow with PKCE, as MSAL.js asks for it.
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 */
export function createEntraSignIn({ client, audience }: { client: PublicClient; audience: string }) {
  const codes = new Map<string, Consent>();

  /** GET shows a page with a button, POST is that button. */
  function authorize({ method, path, headers, body }: ReceivedRequest): SimulatorAnswer {
    const query = new URL(path, 'http://issuer').searchParams;
    const asked = (name: string): string => query.get(name) ?? '';
    // Nothing is sent to an address that is not registered, not even an error.
    if (asked('client_id') !== client.clientId) return page(400, 'AADSTS700016: unknown application.');
    if (!client.redirectUris.includes(asked('redirect_uri')))
      return page(400, 'AADSTS50011: the redirect URI is not one that is registered.');

    const back = (answer: Record<string, string>, cookie: string | null = null): SimulatorAnswer => ({
      status: 302,
      headers: {
        location: `${asked('redirect_uri')}#${new URLSearchParams({ ...answer, state: asked('state') }).toString()}`,
        ...(cookie === null ? {} : { 'set-cookie': cookie }),
      },
    });
    const fault = faultOf(asked);
    if (fault !== null) return back(fault);
    const isSignedIn = (headers['cookie'] ?? '').includes(`${SESSION}=`);
    if (method === 'GET' && asked('prompt') === 'none' && !isSignedIn)
      return back({ error: 'login_required', error_description: 'AADSTS50058: nobody is signed in.' });
    if (method === 'GET' && asked('prompt') !== 'none') return page(200, SIGN_IN_FORM);
    if (method === 'POST' && new URLSearchParams(body).has('cancel'))
      return back({ error: 'access_denied', error_description: 'AADSTS65004: the person declined.' });

    const code = randomBytes(32).toString('base64url');
    codes.set(code, {
      clientId: client.clientId,
      redirectUri: asked('redirect_uri'),
      scope: asked('scope'),
      nonce: asked('nonce'),
      challenge: asked('code_challenge'),
    });
    return back({ code, session_state: 's' }, `${SESSION}=1; Path=/; HttpOnly; Secure; SameSite=None`);
  }

  function faultOf(asked: (name: string) => string): Record<string, string> | null {
    if (asked('response_type') !== 'code') return refused('unsupported_response_type', 'AADSTS700054');
    if (asked('response_mode') !== 'fragment') return refused('invalid_request', 'AADSTS90014');
    if (asked('code_challenge_method') !== 'S256' || asked('code_challenge') === '')
      return refused('invalid_request', 'AADSTS9002325: proof key for code exchange is required.');
    if (permissionsIn(asked('scope')) === null)
      return refused('invalid_scope', 'AADSTS65005: the application asks for a scope that is not there.');
    return null;
  }

  /** The values of the `scp` claim; null where a scope is none of this API's. */
  function permissionsIn(scope: string): string | null {
    const own = scope.split(' ').filter((one) => !['openid', 'profile', 'offline_access'].includes(one));
    const values = own.map((one) => /^(.*)\/(Iterations\.(?:Rename|Read))$/.exec(one));
    return values.every((match) => match?.[1] === `api://${audience}`)
      ? values.map((match) => match?.[2] ?? '').join(' ')
      : null;
  }

  /** Takes a code, once; null where it is not good, for this client, address and verifier. */
  function redeem(form: URLSearchParams): Consent | null {
    const code = form.get('code') ?? '';
    const consent = codes.get(code);
    codes.delete(code);
    const verifier = form.get('code_verifier') ?? '';
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    return consent?.clientId === form.get('client_id') &&
      consent?.redirectUri === form.get('redirect_uri') &&
      consent?.challenge === challenge
      ? consent
      : null;
  }

  return {
    authorize,
    redeem,
    permissionsIn,
    signOut: (): SimulatorAnswer => {
      const answer = page(200, 'You are signed out.');
      return { ...answer, headers: { ...answer.headers, 'set-cookie': `${SESSION}=; Path=/; Max-Age=0` } };
    },
  };
}

function refused(error: string, error_description: string): Record<string, string> {
  return { error, error_description };
}

const SIGN_IN_FORM = `<form method="post">
<button>Sign in as Ada</button> <button name="cancel" value="yes">Cancel</button>
</form>`;

function page(status: number, content: string): SimulatorAnswer {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: `<!doctype html><html lang="en"><title>Sign in</title><link rel="icon" href="data:,"><h1>Simulated Microsoft Entra ID</h1><div>${content}</div></html>`,
  };
}
