import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { findCanary } from './canary.ts';
import { startCoreTools } from './core-tools.ts';
import { deliverWebhook, setUpWebhook } from './demonstrations/deliver-webhook.ts';
import { mintToken, turnAwayStranger } from './demonstrations/entra-token.ts';
import { renameByOfficialSdk } from './demonstrations/official-sdk.ts';
import { renameIteration } from './demonstrations/rename-iteration.ts';
import type { Demonstration, Session } from './demonstrations/session.ts';
import { APP_ROOT, startStack, type Stack } from './stack.ts';

const USAGE = `npm start -- [options]

Brings up everything that the app talks to, starts the app, renames sample iterations by a request, by the official SDK and by a signed webhook, and stays up. Callers show a key of their own. It prints the address of the console page, and what to sign in with.

  --port N                 the function app (free by default; 7071 with --func)
  --custom-vision-port N   the Custom Vision simulator
  --key-vault-port N       the Key Vault simulator
  --identity-port N        the managed identity endpoint
  --table-port N           the tables, in front of Azurite
  --queue-port N           the queues, in front of Azurite
  --entra                  callers show a token of a simulated Microsoft Entra tenant in place of a caller key; people sign in to the console
  --entra-port N           that tenant's authority
  --func                   run the app under Azure Functions Core Tools ("func" on the PATH)
  --once                   end after the demonstration
  --help`;

const { values: args } = parseArgs({
  options: {
    port: { type: 'string' },
    'custom-vision-port': { type: 'string', default: '0' },
    'key-vault-port': { type: 'string', default: '0' },
    'identity-port': { type: 'string', default: '0' },
    'table-port': { type: 'string', default: '0' },
    'queue-port': { type: 'string', default: '0' },
    entra: { type: 'boolean', default: false },
    'entra-port': { type: 'string', default: '0' },
    func: { type: 'boolean', default: false },
    once: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** What is shown, one after the other. */
const demonstrations: Demonstration[] = args.entra
  ? [turnAwayStranger, renameIteration]
  : [renameIteration, renameByOfficialSdk];

if (args.help) {
  process.stdout.write(`${USAGE}\n`);
} else {
  // Listening for the end before anything is started: nothing may outlive this process.
  const asked = askedToEnd();
  const stack = await startStack({
    callerAuthentication: args.entra ? 'entra' : 'caller-key',
    ports: {
      entra: Number(args['entra-port']),
      customVision: Number(args['custom-vision-port']),
      keyVault: Number(args['key-vault-port']),
      identity: Number(args['identity-port']),
      tables: Number(args['table-port']),
      queues: Number(args['queue-port']),
    },
  });
  try {
    await Promise.race([run(stack), asked]);
    if (!args.once) await asked;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  } finally {
    await stack.stop();
  }
  process.exit();
}

async function run(stack: Stack): Promise<void> {
  const webhook = setUpWebhook(stack);
  const app = args.func ? await underCoreTools(stack) : await inProcess(stack);
  let printed = '';
  const print: Session['print'] = (text = '') => {
    printed += `${text}\n`;
    process.stdout.write(`${text}\n`);
  };
  const { entra, callerKeys } = stack;
  const [callerKey = ''] = Object.values(callerKeys);
  const signIn = howToSignIn(stack, app.url);
  print(`${signIn}

Function app     ${app.url}
Custom Vision    ${stack.customVision.endpoint}  (simulator)
Key Vault        ${stack.keyVault.uri}  (simulator; its secret is a new random key each time)
Identity         ${stack.identity.endpoint}  (simulator)
Tables, queues   ${stack.tables.endpoint}, ${stack.queues.endpoint}  (Azurite)`);
  if (entra !== null) print(`Entra ID         ${entra.authority}/${entra.tenantId}  (simulator)`);
  const credential =
    entra === null
      ? { 'Training-Key': callerKey }
      : await mintToken(entra, stack.settings['NODE_EXTRA_CA_CERTS'] ?? '', print);
  const session: Session = { stack, url: app.url, credential, print };
  for (const demonstrate of demonstrations) await demonstrate(session);
  await deliverWebhook(session, webhook.secret);
  const sightings = [
    ...findCanary(stack.trainingKey, `${printed}${app.output()}`),
    ...(callerKey === '' ? [] : findCanary(callerKey, app.output())),
  ];
  if (sightings.length > 0) throw new Error(`A key shows in the output: ${sightings.join(', ')}.`);
  print("The training key shows nowhere above, nor in the app's log, in any encoding.");
  if (!args.once) print(`\n${signIn}\n\nUp until Ctrl-C.`);
}

/** What a person needs to try the console page: at the beginning, and at the end, where the eye is. */
function howToSignIn({ callerKeys, entra }: Stack, url: string): string {
  const console = `Console          ${url}/console`;
  const [callerKey = ''] = Object.values(callerKeys);
  return entra === null
    ? `${console}\nCaller key       ${callerKey}`
    : `${console}
Sign in          as Ada. Before that, open ${entra.authority} in the same browser and accept its certificate, which this machine made for itself.`;
}

type RunningApp = Pick<Session, 'url'> & { output(): string };

async function inProcess(stack: Stack): Promise<RunningApp> {
  const app = await stack.startApp({ port: Number(args.port ?? 0), hasWorker: true });
  return { url: app.url, output: () => app.output() };
}

async function underCoreTools(stack: Stack): Promise<RunningApp> {
  const func = await startCoreTools({
    appRoot: APP_ROOT,
    settings: stack.settings,
    port: Number(args.port ?? 7071),
    started: (coreTools) => stack.stopWith(coreTools),
  });
  stack.entra?.publicClient.redirectUris.push(`${func.url}/console`);
  return { url: func.url, output: () => '' };
}

/**
 * Resolves on Ctrl-C, on a signal, when the terminal or the reader of the output goes, or when the parent
 * (npm's shell) dies.
 */
async function askedToEnd(): Promise<void> {
  const parent = process.ppid;
  await Promise.race([
    ...['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal)),
    new Promise((resolve) => process.stdout.once('error', resolve)),
    new Promise<void>((resolve) => {
      // npm hands a SIGTERM to the shell only, and the shell dies without a word to us.
      setInterval(() => process.ppid === parent || resolve(), 500).unref();
    }),
  ]);
}
