import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCanary } from '../stack/canary.ts';
import { exchange } from '../stack/fixtures/raw-exchange.ts';
import type { FunctionApp } from '../stack/function-app.ts';
import { APP_ROOT, startStack, type Stack } from '../stack/stack.ts';

const CLIENT_ID = '55555555-5555-4555-8555-555555555555';

let stack: Stack;
let byKey: FunctionApp;
let byEntra: FunctionApp;
beforeAll(async () => {
  stack = await startStack({ callerAuthentication: 'entra,caller-key' });
  [byKey, byEntra] = await Promise.all([
    stack.startApp({ settings: { CONSOLE: '' } }),
    stack.startApp({ settings: { CONSOLE: JSON.stringify({ clientId: CLIENT_ID }) } }),
  ]);
});
afterAll(() => stack.stop());

const showConsole = (app: FunctionApp) => fetch(`${app.url}/console`);

/** What the page finds in its `meta` element, as a browser would. */
function settingsIn(html: string): unknown {
  const [, content = ''] = /<meta name="?console-settings"? content="([^"]*)"/.exec(html) ?? [];
  return JSON.parse(content.replaceAll('&quot;', '"').replaceAll('&amp;', '&'));
}

/** The headers of the answer itself, without those of the connection. */
function headersOf({ headers }: Response): Record<string, string> {
  const ofConnection = new Set([
    'connection',
    'content-length',
    'date',
    'keep-alive',
    'server',
    'transfer-encoding',
  ]);
  return Object.fromEntries([...headers].filter(([name]) => !ofConnection.has(name)));
}

/** The sources of each directive; HASH stands for one or more hashes. */
function policyOf(answer: Response): Record<string, string> {
  const directives = (answer.headers.get('content-security-policy') ?? '').split('; ');
  return Object.fromEntries(
    directives.map((directive) => {
      const [name = '', ...sources] = directive.split(' ');
      return [name, sources.join(' ').replaceAll(/('sha256-[\w+/]+=*' ?)+/g, 'HASH')];
    }),
  );
}

const SAME_POLICY = {
  'default-src': "'none'",
  'script-src': 'HASH',
  'style-src': 'HASH',
  'img-src': 'data:',
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
};

describe('GET /console', () => {
  it('answers with the page, under headers that let nothing else run, and nothing keep it', async () => {
    const answer = await showConsole(byKey);
    expect(answer.status).toBe(200);
    expect(headersOf(answer)).toEqual({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.any(String),
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy':
        'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    expect(policyOf(answer)).toEqual({ ...SAME_POLICY, 'connect-src': "'self'" });
    expect(settingsIn(await answer.text())).toEqual({ signIn: ['caller-key'] });
  });

  it('lets the page of Entra speak to its authority, and open a window for it, and no more', async () => {
    const answer = await showConsole(byEntra);
    const { authority, tenantId, audience } =
      stack.settings['ENTRA_AUTHORITY'] === undefined
        ? { authority: '', tenantId: '', audience: '' }
        : {
            authority: stack.settings['ENTRA_AUTHORITY'],
            tenantId: stack.settings['ENTRA_TENANT_ID'],
            audience: stack.settings['ENTRA_AUDIENCE'],
          };
    expect(policyOf(answer)).toEqual({ ...SAME_POLICY, 'connect-src': `'self' ${authority}` });
    expect(answer.headers.get('cross-origin-opener-policy')).toBe('same-origin-allow-popups');
    expect(settingsIn(await answer.text())).toEqual({
      signIn: ['entra', 'caller-key'],
      entra: {
        clientId: CLIENT_ID,
        authority: `${authority}/${tenantId}`,
        scope: `api://${audience}/Iterations.Rename`,
        readScope: `api://${audience}/Iterations.Read`,
      },
    });
  });

  it('has the hash of each script and style in its policy, so that a browser runs them', async () => {
    for (const app of [byKey, byEntra]) {
      const answer = await showConsole(app);
      const policy = answer.headers.get('content-security-policy') ?? '';
      const inline = [...(await answer.text()).matchAll(/<(script|style)[^>]*>([^]*?)<\/\1>/g)];
      expect(inline.length).toBeGreaterThan(1);
      for (const [, , text = ''] of inline) {
        const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
        expect(policy).toContain(`'sha256-${Buffer.from(digest).toString('base64')}'`);
      }
    }
  });

  it('shows no secret, and nothing that is ours to know', async () => {
    const { trainingKey, callerKeys, settings } = stack;
    for (const app of [byKey, byEntra]) {
      const answer = await showConsole(app);
      const text = JSON.stringify([...answer.headers]) + (await answer.text());
      for (const secret of [trainingKey, ...Object.values(callerKeys), app.functionKey, app.masterKey])
        expect(findCanary(secret, text)).toEqual([]);
      for (const name of ['KEY_VAULT_URI', 'RENAME_STORAGE', 'IDENTITY_ENDPOINT'])
        expect(text).not.toContain(settings[name]);
      expect(text).not.toContain(stack.customVision.endpoint);
    }
  });

  it('escapes what the settings hold, so that it stays in its attribute', async () => {
    const audience = `api://a"><script>alert('&amp;$&')</script>`;
    const app = await stack.startApp({
      settings: { CONSOLE: JSON.stringify({ clientId: CLIENT_ID }), ENTRA_AUDIENCE: audience },
    });
    const [text = ''] = (await (await showConsole(app)).text()).split('<style'); // the rest is the page's own
    expect(text).not.toContain('<script>alert');
    expect(text).toContain(
      'api://a\\&quot;&gt;&lt;script&gt;alert(&#39;&amp;amp;$&amp;&#39;)&lt;/script&gt;/Iterations.Rename',
    );
    await app.stop();
  });

  it.each([
    { case: 'CONSOLE=off', authentication: 'entra,caller-key', setting: 'off' },
    { case: 'tokens only, and no client that signs people in', authentication: 'entra', setting: '' },
  ])('is not served with $case, and neither is the way to it', async ({ authentication, setting }) => {
    const app = await stack.startApp({
      settings: { CALLER_AUTHENTICATION: authentication, CONSOLE: setting },
    });
    const answer = await showConsole(app);
    expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'NotFound' }]);
    const root = await fetch(app.url);
    expect([root.status, await root.text()]).toEqual([204, '']);
    expect(app.output()).toContain('"console":[]');
    await app.stop();
  });

  it('asks function keys for one where the app is called by them', async () => {
    const app = await stack.startApp({ settings: { CALLER_AUTHENTICATION: 'function-key', CONSOLE: '' } });
    const answer = await showConsole(app);
    expect(settingsIn(await answer.text())).toEqual({ signIn: ['function-key'] });
    expect(app.output()).toContain('"console":["function-key"]');
    await app.stop();
  });

  it('answers 500 and says so in the log while the page is missing, and serves it once it is there', async () => {
    const appRoot = await mkdtemp(path.join(tmpdir(), 'without-console-'));
    for (const file of ['host.json', 'package.json'])
      await cp(path.join(APP_ROOT, file), path.join(appRoot, file));
    await cp(path.join(APP_ROOT, 'dist'), path.join(appRoot, 'dist'), {
      recursive: true,
      filter: (file) => path.basename(file) !== 'console.json',
    });
    const app = await stack.startApp({ appRoot, settings: { CONSOLE: '' } });
    const answer = await showConsole(app);
    expect([answer.status, await answer.json()]).toMatchObject([500, { code: 'ErrorUnknown' }]);
    await expect
      .poll(() => app.output())
      .toContain('{"event":"unexpected_error","where":"show-console","reason":"ConsolePageUnreadable"}');
    await cp(path.join(APP_ROOT, 'dist/console.json'), path.join(appRoot, 'dist/console.json'));
    expect((await showConsole(app)).status).toBe(200);
    await rm(path.join(appRoot, 'dist/console.json'));
    expect((await showConsole(app)).status).toBe(200); // it is read once
    await app.stop();
    await rm(appRoot, { recursive: true });
  });
});

describe('GET /', () => {
  it('leads to the page by a reference that survives a prefix of a gateway', async () => {
    const answer = await fetch(byKey.url, { redirect: 'manual' });
    expect(answer.status).toBe(302);
    expect(headersOf(answer)).toEqual({
      location: 'console',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      vary: 'accept',
    });
    const page = await fetch(new URL(answer.headers.get('location') ?? '', answer.url));
    expect([page.status, new URL(page.url).pathname]).toEqual([200, '/console']);
    expect((await fetch(`${byKey.url}/?from=a-bookmark`, { redirect: 'manual' })).status).toBe(302);
  });

  it('takes neither a longer path nor a second slash', async () => {
    expect((await fetch(`${byKey.url}/consoles`)).status).toBe(404);
    expect(await exchange(byKey.url, 'GET // HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 404 /,
    );
  });
});
