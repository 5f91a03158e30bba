import { parseArgs } from 'node:util';
import { createAdmin } from './admin.ts';
import { provideCoreApi } from './core-api.ts';
import { readHostJson } from './host-json.ts';
import { createHttpServer } from './http-server.ts';
import { createInvocations } from './invocation.ts';
import { createKeyRing } from './keys.ts';
import { loadApp } from './load-app.ts';
import { createLogWriter } from './log-writer.ts';
import { createRegistry } from './registry.ts';
import { createRouter } from './routes.ts';

// An in-process Functions host: loads a built app through the real `@azure/functions` and runs its functions. Settings are the environment.
//   node main.ts --app-root DIR [--port N] [--queue-lease-seconds N] [--without-timers]

const { values: args } = parseArgs({
  options: {
    'app-root': { type: 'string' },
    port: { type: 'string', default: '0' },
    'queue-lease-seconds': { type: 'string', default: '600' },
    'without-timers': { type: 'boolean', default: false },
  },
});
const appRoot = args['app-root'] ?? process.cwd();
const now = Date.now;

// The keys belong to the host: the app must not find them among its settings.
const keys = {
  masterKey: process.env['FUNCTIONS_HOST_MASTER_KEY'] ?? '',
  functionKey: process.env['FUNCTIONS_HOST_FUNCTION_KEY'] ?? '',
};
delete process.env['FUNCTIONS_HOST_MASTER_KEY'];
delete process.env['FUNCTIONS_HOST_FUNCTION_KEY'];
if (keys.masterKey === '' || keys.functionKey === '')
  fail('FUNCTIONS_HOST_MASTER_KEY and FUNCTIONS_HOST_FUNCTION_KEY must be set');

const logWriter = createLogWriter(process);
process.once('exit', () => logWriter.flushNow());
const registry = createRegistry({
  isDisabled: (name) => /^(?:true|1)$/i.test(process.env[`AzureWebJobs.${name}.Disabled`] ?? ''),
  logWriter,
});
provideCoreApi(registry.coreApi);

const hostJson = readHostJson(appRoot, process.env);
const functions = await loadApp({ appRoot, registry });
const keyRing = createKeyRing(keys);
const invocations = createInvocations({ registry, now });
const resolveSetting = (text: string): string =>
  text.replaceAll(/%([^%]+)%/g, (whole, name: string) => process.env[name] ?? whole);
const triggers: { stop(): void }[] = [];
let draining = false;

const http = createHttpServer({
  router: createRouter({ functions, routePrefix: hostJson.http.routePrefix }),
  limits: hostJson.http,
  admin: createAdmin({ functions, invocations, keys: keyRing, now }),
  keys: keyRing,
  invocations,
  hasHomepage: !/^true$/i.test(process.env['AzureWebJobsDisableHomepage'] ?? ''),
});

process.once('SIGTERM', () => void end());
process.once('SIGINT', () => void end());

http.server.on('error', (error) => fail(`The host cannot listen: ${error.message}`));
http.server.listen(Number(args.port), '127.0.0.1', () => {
  start().catch((error: unknown) =>
    fail(`The host cannot start: ${error instanceof Error ? error.stack : String(error)}`),
  );
});

/** Timers and queues are loaded only where a function needs them: starting must be quick. */
async function start(): Promise<void> {
  if (!args['without-timers'] && functions.some(({ trigger }) => trigger.type === 'timerTrigger')) {
    const { startTimers } = await import('./timers.ts');
    triggers.push(startTimers({ functions, invocations, resolveSetting, now }));
  }
  if (functions.some(({ trigger }) => trigger.type === 'queueTrigger')) {
    const { startQueues } = await import('./queues.ts');
    const leaseMs = Number(args['queue-lease-seconds']) * 1000;
    triggers.push(
      await startQueues({
        functions,
        limits: hostJson.queues,
        leaseMs,
        invocations,
        settings: process.env,
        resolveSetting,
        log: (entry) => registry.log(entry),
      }),
    );
  }
  // A signal that came meanwhile found nothing to stop.
  if (draining) for (const trigger of triggers) trigger.stop();
  const address = http.server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  process.stdout.write(
    `${JSON.stringify({ ready: true, url: `http://127.0.0.1:${port}`, functions: functions.map(({ name }) => name) })}\n`,
  );
}

/** Takes no more work, tells the app, lets what runs finish, and leaves. */
async function end(): Promise<void> {
  if (draining) return;
  draining = true;
  for (const trigger of triggers) trigger.stop();
  http.drain();
  await registry.runHooks('appTerminate', { hookData: {} });
  await invocations.idle();
  // One turn of the event loop, so that the last answers and deletions are on their way.
  await new Promise((resolve) => setTimeout(resolve, 50));
  process.exit(0);
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
