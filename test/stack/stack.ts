import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { startAzurite, storageConnectionString, type Azurite } from './azurite.ts';
import { startEntraIssuer, type EntraIssuer } from './entra-issuer.ts';
import { startCustomVision, type CustomVision } from './custom-vision.ts';
import { startFunctionApp, type FunctionApp, type FunctionAppOptions } from './function-app.ts';
import { startKeyVault, type KeyVault } from './key-vault.ts';
import { createLoopbackCertificate } from './loopback-certificate.ts';
import { startManagedIdentity, type ManagedIdentity } from './managed-identity.ts';
import { otherSampleProject, sampleProject, type SampleProject } from './sample-project.ts';
import { startStorageProxy, type StorageProxy } from './storage-proxy.ts';

export interface StackOptions {
  /**
   * The names of the Custom Vision resources, each with a simulator and a training key of its own; `default`
   * alone when left out.
   */
  resources?: readonly string[];
  callerAuthentication?: 'function-key' | 'entra' | 'caller-key' | 'entra,caller-key';
  /** The callers with a key; `line-3` alone when left out. */
  callers?: readonly string[];
  /** App settings of the test's own, over those of the stack. */
  settings?: Record<string, string>;
  /** An Azurite to share, so that starting many stacks stays cheap; it is not stopped with this one. */
  azurite?: Azurite;
  ports?: {
    identity?: number;
    keyVault?: number;
    customVision?: number;
    entra?: number;
    tables?: number;
    queues?: number;
  };
  now?: () => number;
}

export interface Stack {
  azurite: Azurite;
  /** What the app reaches; `azurite` itself can be read without being counted. */
  tables: StorageProxy;
  queues: StorageProxy;
  identity: ManagedIdentity;
  keyVault: KeyVault;
  /** With `callerAuthentication` set to `entra` or `entra,caller-key` only. */
  entra: EntraIssuer | null;
  /** The callers' own keys, by their names; none unless they are accepted. */
  callerKeys: Record<string, string>;
  /** The first resource's; `customVisions` has them all by name. */
  customVision: CustomVision;
  customVisions: Record<string, CustomVision>;
  sample: SampleProject;
  /** The canary: the first resource's key, with characters that every encoding writes differently. */
  trainingKey: string;
  trainingKeys: Record<string, string>;
  /** The app's environment. */
  settings: Record<string, string>;
  /** Starts one more instance of the app on this stack; what still runs ends with the stack. */
  startApp(overrides?: Partial<FunctionAppOptions>): Promise<FunctionApp>;
  /** Ends something else of the test's own together with the apps. */
  stopWith(app: { exited: Promise<unknown>; stop(): Promise<void> }): void;
  stop(): Promise<void>;
}

/** The checkout: the folder with package.json and host.json, whose `main` is the built bundle. */
export const APP_ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Everything of Azure that the app talks to, on this machine. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const {
    resources = ['default'],
    callerAuthentication = 'function-key',
    callers = ['line-3'],
    ports = {},
    now = Date.now,
  } = options;
  const running: { stop(): Promise<void> }[] = [];
  const kept = <T extends { stop(): Promise<void> }>(started: T): T => {
    running.push(started);
    return started;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(running.splice(0).map((one) => one.stop()));
  };

  try {
    const [azurite, certificate, identity] = await Promise.all([
      options.azurite ?? startAzurite().then(kept),
      createLoopbackCertificate({ now }),
      startManagedIdentity({ now, ...portOption(ports.identity) }).then(kept),
    ]);
    kept({ stop: () => certificate.remove() });

    const entra = callerAuthentication.includes('entra')
      ? kept(await startEntraIssuer({ now, certificate, ...portOption(ports.entra) }))
      : null;

    const trainingKeys: Record<string, string> = {};
    const customVisions: Record<string, CustomVision> = {};
    const secrets: Record<string, string> = {};
    const callerKeys: Record<string, string> = {};
    for (const name of callerAuthentication.includes('caller-key') ? callers : []) {
      const callerKey = `${name}.${randomBytes(32).toString('base64url')}`;
      callerKeys[name] = callerKey;
      secrets[`caller-${name}`] = callerKey;
    }
    for (const [index, name] of resources.entries()) {
      const trainingKey = awkwardTrainingKey();
      trainingKeys[name] = trainingKey;
      secrets[secretName(name)] = trainingKey;
      customVisions[name] = kept(
        await startCustomVision({
          trainingKey,
          now,
          ...portOption(index === 0 ? ports.customVision : undefined),
        }),
      );
    }
    const [first = 'default'] = resources;
    const customVision = customVisions[first];
    const trainingKey = trainingKeys[first];
    if (customVision === undefined || trainingKey === undefined)
      throw new Error('a stack needs at least one resource');
    const sample = sampleProject();
    customVision.addProject(sample);
    customVision.addProject(otherSampleProject());

    const keyVault = kept(
      await startKeyVault({ identity, certificate, secrets, now, ...portOption(ports.keyVault) }),
    );
    const tables = kept(
      await startStorageProxy({ target: azurite.tableEndpoint, now, ...portOption(ports.tables) }),
    );
    const queues = kept(
      await startStorageProxy({ target: azurite.queueEndpoint, now, ...portOption(ports.queues) }),
    );

    const storage = storageConnectionString({
      tableEndpoint: tables.endpoint,
      queueEndpoint: queues.endpoint,
      blobEndpoint: azurite.blobEndpoint,
    });
    const settings: Record<string, string> = {
      FUNCTIONS_WORKER_RUNTIME: 'node',
      FUNCTIONS_NODE_BLOCK_ON_ENTRY_POINT_ERROR: 'true',
      AzureWebJobsDisableHomepage: 'true',
      AzureWebJobsStorage: azurite.connectionString,
      CUSTOM_VISION_RESOURCES: JSON.stringify(
        Object.fromEntries(
          Object.entries(customVisions).map(([name, { endpoint }]) => [
            name,
            { endpoint, trainingKeySecret: secretName(name) },
          ]),
        ),
      ),
      KEY_VAULT_URI: keyVault.uri,
      IDENTITY_ENDPOINT: identity.endpoint,
      IDENTITY_HEADER: identity.identityHeader,
      NODE_EXTRA_CA_CERTS: certificate.certFile,
      RENAME_STORAGE: storage,
      CALLER_AUTHENTICATION: callerAuthentication,
      CALLER_KEYS: JSON.stringify(Object.keys(callerKeys)),
      ...(entra === null
        ? {}
        : {
            ENTRA_AUTHORITY: entra.authority,
            ENTRA_TENANT_ID: entra.tenantId,
            ENTRA_AUDIENCE: entra.audience,
            CONSOLE: JSON.stringify({ clientId: entra.publicClient.clientId }),
          }),
      ACCESS_POLICY: JSON.stringify(
        [
          ...(callerAuthentication === 'function-key' ? ['function-key'] : []),
          ...(entra === null
            ? []
            : [entra.application.clientId, entra.person.objectId].map((id) => `entra:${id}`)),
          ...Object.keys(callerKeys).map((name) => `key:${name}`),
        ].map((caller) => ({ caller, projects: ['*'], resources: ['*'], may: ['rename', 'read'] })),
      ),
      ...options.settings,
    };

    return {
      azurite,
      tables,
      queues,
      identity,
      keyVault,
      entra,
      callerKeys,
      customVision,
      customVisions,
      sample,
      trainingKey,
      trainingKeys,
      settings,
      startApp: async (overrides = {}) => {
        const app = kept(
          await startFunctionApp({
            appRoot: APP_ROOT,
            ...overrides,
            settings: { ...settings, ...overrides.settings },
          }),
        );
        entra?.publicClient.redirectUris.push(`${app.url}/console`);
        return app;
      },
      stopWith: (app) => void kept(app),
      async stop() {
        // The apps first, while what they talk to is still there.
        await Promise.all(running.filter((one) => 'exited' in one).map((app) => app.stop()));
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function secretName(resource: string): string {
  return resource === 'default' ? 'training-key' : `training-key-${resource}`;
}

/**
 * Visible ASCII that is written differently in a URL, in JSON and in base64, so that a leak in any of them
 * can be told.
 */
function awkwardTrainingKey(): string {
  return `k"\\/+&=%?#<>~${randomBytes(16).toString('hex')}+/'|z`;
}

function portOption(port: number | undefined): { port?: number } {
  return port === undefined ? {} : { port };
}
