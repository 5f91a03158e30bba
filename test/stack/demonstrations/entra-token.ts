import { readFile } from 'node:fs/promises';
import { Agent, fetch } from 'undici';
import type { EntraIssuer } from '../entra-issuer.ts';
import { renameRequest } from './rename-iteration.ts';
import { curlCommand, type Session, showExchange } from './session.ts';

/**
 * Gets a token by the client credentials flow, as any app would, and shows how. Resolves with the header to
 * send it in.
 */
export async function mintToken(
  entra: EntraIssuer,
  /** The certificate of the authority, which it signed itself. */
  caFile: string,
  print: Session['print'],
): Promise<{ authorization: string }> {
  const { authority, tenantId, audience, application } = entra;
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: application.clientId,
    client_secret: application.clientSecret,
    scope: `api://${audience}/.default`,
  });
  const request = {
    method: 'POST',
    path: `/${tenantId}/oauth2/v2.0/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  };
  print(`\nGet a token for application ${application.clientId}, which has the role Iterations.Rename\n`);
  print(curlCommand({ url: authority, credential: {}, caFile }, request));

  const dispatcher = new Agent({ connect: { ca: await readFile(caFile) } });
  const response = await fetch(`${authority}${request.path}`, { ...request, dispatcher });
  const answer: unknown = await response.json();
  await dispatcher.close();
  print(`\n${JSON.stringify(answer, null, 2)}`);
  if (typeof answer !== 'object' || answer === null || !('access_token' in answer))
    throw new Error(`the issuer gave no token, but ${response.status}`);
  const token = String(answer.access_token);
  print(`\nIts claims\n\n${JSON.stringify(claimsOf(token), null, 2)}`);
  return { authorization: `Bearer ${token}` };
}

/** The same rename without a token. */
export async function turnAwayStranger(session: Session): Promise<void> {
  const { sample } = session.stack;
  session.print('\nWithout the token\n');
  const request = renameRequest(sample.id, sample.iterations[0].id, 'Mine');
  const { status } = await showExchange({ ...session, credential: {} }, request);
  if (status !== 401) throw new Error(`a stranger was answered with ${status}`);
}

function claimsOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
}
