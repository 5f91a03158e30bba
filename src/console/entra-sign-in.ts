import {
  type AccountInfo,
  type AuthenticationResult,
  BrowserCacheLocation,
  CacheLookupPolicy,
  createStandardPublicClientApplication,
  type IPublicClientApplication,
} from '@azure/msal-browser';
import type { EntraSettings } from './console-settings.ts';
import { type Credential, SignInNeeded } from './credential.ts';

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
    const { account } = await client.loginPopup({ scopes, prompt: 'select_account' });
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
    throw new SignInNeeded('The sign-in has expired.', { cause: error });
  }
}
