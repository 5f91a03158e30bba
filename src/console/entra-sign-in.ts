import {
  type AccountInfo,
  AuthError,
  type AuthenticationResult,
  BrowserCacheLocation,
  CacheLookupPolicy,
  createStandardPublicClientApplication,
  type IPublicClientApplication,
} from '@azure/msal-browser';
import { NoAnswer } from './api-answer.ts';
import type { EntraSettings } from './console-settings.ts';
import { type Credential, SignInNeeded, SignInRefused } from './credential.ts';

const NO_NETWORK = /network|request_failed|endpoints_resolution/;

/** Signs a person in by a popup, with the authorization code flow and PKCE; tokens stay in memory. */
export function createEntraSignIn(settings: EntraSettings): () => Promise<Credential> {
  const { clientId, authority, scope, readScope } = settings;
  const scopes = [scope, readScope];
  return async () => {
    // One for each sign-in: signing out drops it, with the tokens that it keeps.
    const client = await createStandardPublicClientApplication({
      auth: {
        clientId,
        authority,
        knownAuthorities: [new URL(authority).host],
        redirectUri: `${location.origin}${location.pathname}`,
      },
      cache: { cacheLocation: BrowserCacheLocation.MemoryStorage },
    });
    const { account } = await client.loginPopup({ scopes, prompt: 'select_account' }).catch(refused);
    return {
      method: 'entra',
      who: account.name ?? account.username,
      async headers({ isRenewed }) {
        const { accessToken } = await silently({ client, account, scopes, isRenewed });
        return { Authorization: `Bearer ${accessToken}` };
      },
    };
  };
}

function refused(cause: unknown): never {
  const message =
    cause instanceof AuthError ? `${cause.errorCode}: ${cause.errorMessage}` : 'The sign-in failed.';
  throw new SignInRefused(message, { cause });
}

/** From the cache or by the refresh token, never by a hidden frame, which the page's own policy forbids. */
async function silently({
  client,
  account,
  scopes,
  isRenewed,
}: {
  client: IPublicClientApplication;
  account: AccountInfo;
  scopes: string[];
  isRenewed: boolean;
}): Promise<AuthenticationResult> {
  const cacheLookupPolicy = isRenewed
    ? CacheLookupPolicy.RefreshToken
    : CacheLookupPolicy.AccessTokenAndRefreshToken;
  try {
    return await client.acquireTokenSilent({ account, scopes, cacheLookupPolicy });
  } catch (error) {
    if (error instanceof AuthError && NO_NETWORK.test(error.errorCode)) {
      throw new NoAnswer('The authority does not answer.', { cause: error });
    }
    throw new SignInNeeded('The sign-in has expired.', { cause: error });
  }
}
