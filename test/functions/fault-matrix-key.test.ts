import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FunctionApp } from '../stack/function-app.ts';
import type { FaultKind } from '../stack/faults.ts';
import { type KeyVault, startKeyVault } from '../stack/key-vault.ts';
import { createLoopbackCertificate, type LoopbackCertificate } from '../stack/loopback-certificate.ts';
import { type StorageProxy, startStorageProxy } from '../stack/storage-proxy.ts';
import {
  runCase,
  type MatrixCase,
  expectedOutcome,
  type Scene,
  SETTINGS,
  UPSTREAM_TIMEOUT_MS,
} from './fault-matrix.ts';
import { type RenameProxy, startRenameProxy } from './rename-proxy.ts';

vi.setConfig({ maxConcurrency: 10, testTimeout: 60_000, hookTimeout: 120_000 });

const VAULT_FAULTS: { case: string; fault: FaultKind }[] = [
  { case: 'hangs', fault: { kind: 'hang' } },
  { case: 'resets', fault: { kind: 'reset' } },
  { case: 'loses its answers', fault: { kind: 'answer-lost' } },
  { case: 'stops half way', fault: { kind: 'stall', acts: true } },
  { case: 'answers 500', fault: { kind: 'status', status: 500 } },
  { case: 'answers 403', fault: { kind: 'status', status: 403 } },
  {
    case: 'answers Retry-After: 60',
    fault: { kind: 'status', status: 429, headers: { 'retry-after': '60' } },
  },
  { case: 'answers a body that is not JSON', fault: { kind: 'body', body: '{"value":' } },
  { case: 'answers a key that no header can carry', fault: { kind: 'body', body: '{"value":"a\\nb"}' } },
  { case: 'answers too late', fault: { kind: 'delay', delayMs: UPSTREAM_TIMEOUT_MS + 500 } },
];
const IDENTITY_FAULTS: { case: string; fault: FaultKind | 'refuse' }[] = [
  { case: 'refuses connections', fault: 'refuse' },
  { case: 'hangs', fault: { kind: 'hang' } },
  { case: 'resets', fault: { kind: 'reset' } },
  { case: 'loses its answers', fault: { kind: 'answer-lost' } },
  { case: 'answers 500', fault: { kind: 'status', status: 500 } },
];

/** Each resource has its own key, so that the vault can fail for one of them. */
const resources = ['default', ...VAULT_FAULTS.map((_, index) => `r${index}`), 'cached'];
/** The record exists, since the key is fetched while the record is begun; nothing was sent. */
const NO_KEY = {
  answer: { status: 503, retryAfter: 5, located: true },
  again: 'renamed now',
  record: 'not_applied',
} as const;

let proxy: RenameProxy;
let certificate: LoopbackCertificate;
/** A vault and proxies of the identity endpoint; one instance of the app depends on each. */
let vault: KeyVault;
let identities: StorageProxy[];
let apps: { ofVault: FunctionApp; ofIdentity: FunctionApp[] };
beforeAll(async () => {
  proxy = await startRenameProxy({
    resources,
    settings: SETTINGS,
    beforeStart: ({ keyVault }) => keyVault.faults.inject(REFUSED),
  });
  await hasNoKey(proxy.app);
  await proxy.clearFaults();
  await proxy.rename(proxy.seed(), {});
  const { stack } = proxy;
  certificate = await createLoopbackCertificate({ now: Date.now });
  const secrets = { 'training-key': stack.trainingKey };
  vault = await startKeyVault({ identity: stack.identity, certificate, secrets });
  identities = await Promise.all(
    IDENTITY_FAULTS.map(() => startStorageProxy({ target: stack.identity.endpoint })),
  );
  for (const { faults } of [vault, ...identities]) faults.inject(REFUSED);
  apps = {
    ofVault: await stack.startApp({
      settings: { KEY_VAULT_URI: vault.uri, NODE_EXTRA_CA_CERTS: certificate.certFile },
    }),
    ofIdentity: await Promise.all(
      identities.map(({ endpoint }) => stack.startApp({ settings: { IDENTITY_ENDPOINT: endpoint } })),
    ),
  };
  await Promise.all([apps.ofVault, ...apps.ofIdentity].map(hasNoKey));
  await Promise.all([vault, ...identities].map(({ faults }) => faults.clear()));
});
afterAll(() =>
  Promise.all([proxy.stop(), vault.stop(), certificate.remove(), ...identities.map((one) => one.stop())]),
);

/** The app's fetch at start fails, so that the first rename must fetch its key. */
const REFUSED = { kind: 'status', status: 403 } as const;
const hasNoKey = (app: FunctionApp) =>
  vi.waitFor(
    () => expect(app.output().split('"event":"key_vault_failed"').length - 1).toBe(resources.length),
    {
      timeout: 30_000,
    },
  );

/** Injects a fault into the requests for one resource's key. */
const vaultOf =
  (fault: FaultKind) =>
  ({ stack, resource }: Scene) => {
    const injected = stack.keyVault.faults.inject({
      ...fault,
      when: ({ path }) =>
        path.includes(`/secrets/training-key-${resource}/`) ||
        path.includes(`/secrets/training-key-${resource}?`),
    });
    return () => injected.clear();
  };

describe.concurrent('a vault that', () => {
  it.each(
    VAULT_FAULTS.map(({ case: name, fault }, index): MatrixCase => {
      return { ...NO_KEY, case: name, resource: `r${index}`, fault: vaultOf(fault) };
    }),
  )('$case', async (one) => {
    expect(await runCase(proxy, one)).toEqual(expectedOutcome(one));
  });

  it('refuses connections', async () => {
    const one: MatrixCase = {
      ...NO_KEY,
      case: 'refuses connections',
      async fault() {
        await vault.faults.refuse();
        return () => vault.faults.accept();
      },
    };
    expect(await runCase(proxy, one, apps.ofVault)).toEqual(expectedOutcome(one));
  });

  it('fails when the upstream refuses the cached key', async () => {
    const resource = 'cached';
    const seeded = proxy.seed('Iteration 1', resource);
    await proxy.rename(seeded, { path: `/${resource}${seeded.path}` });
    const { keyVault, customVisions, trainingKeys } = proxy.stack;
    const rotated = 'the-key-after-the-rotation-0123456789';
    const one: MatrixCase = {
      case: 'fails when the upstream refuses the cached key',
      fault(scene) {
        trainingKeys[resource] = rotated;
        customVisions[resource]?.rotateKey(rotated);
        keyVault.setSecret(`training-key-${resource}`, rotated);
        return vaultOf({ kind: 'status', status: 503 })(scene);
      },
      resource,
      answer: { status: 502, located: true },
      again: 'renamed now',
      record: 'not_applied',
    };
    expect(await runCase(proxy, one)).toEqual(expectedOutcome(one));
  });
});

describe.concurrent('an identity endpoint that', () => {
  it.each(IDENTITY_FAULTS.map((row, index) => ({ ...row, index })))(
    '$case',
    async ({ case: name, fault, index }) => {
      const faults = identities[index]?.faults;
      const breakIt = async () => {
        if (fault === 'refuse') await faults?.refuse();
        else faults?.inject(fault);
        return () => faults?.clear();
      };
      const one: MatrixCase = { ...NO_KEY, case: name, fault: breakIt };
      expect(await runCase(proxy, one, apps.ofIdentity[index])).toEqual(expectedOutcome(one));
    },
  );
});
