import { parseArgs } from 'node:util';
import { AzureCliCredential } from '@azure/identity';
import { registerProxy, type RegistrationPlan } from './entra-registration.ts';
import { createGraph, GraphError } from './graph.ts';

const USAGE = `usage: npm run register-entra -- --name NAME [--caller OBJECT-ID=rename|read]... [--event-grid]
         [--subscription-writer OBJECT-ID]... [--console URI] [--graph https://graph.microsoft.com]

Registers the proxy in Microsoft Entra ID with your own login (az login), and prints what to write into the parameter file.
It can be run again at any time: what is there stays, what is missing is added, and nothing is taken away.
  --caller               who gets the role Iterations.Rename or Iterations.Read: a service principal, a person or a group
  --event-grid           Event Grid may deliver to a source of the scheme cloud-events
  --subscription-writer  who creates the event subscription, where that is not you
  --console              a public client for the console page at this address, https://APP/console
You need the role Application Developer for the registration, and Cloud Application Administrator to give roles.`;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const { values } = parseArgs({
  options: {
    name: { type: 'string' },
    caller: { type: 'string', multiple: true, default: [] },
    'event-grid': { type: 'boolean', default: false },
    'subscription-writer': { type: 'string', multiple: true, default: [] },
    console: { type: 'string' },
    graph: { type: 'string', default: 'https://graph.microsoft.com' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help === true) {
  console.log(USAGE);
  process.exit(0);
}

const faults: string[] = [];
const plan = parsePlan();
if (faults.length > 0) {
  console.error(`${faults.join('\n')}\n\n${USAGE}`);
  process.exit(2);
}

const credential = new AzureCliCredential();
const graph = createGraph({
  url: values.graph,
  token: async () => (await credential.getToken(`${values.graph}/.default`)).token,
});
try {
  const { tenantId, clientId, consoleClientId, eventGridPrincipalId, changes } = await registerProxy(
    graph,
    plan,
  );
  for (const change of changes) console.log(`- ${change}`);
  if (changes.length === 0) console.log('Everything was there.');
  console.log(
    `\nparam callerAuthentication = {\n  kind: 'entra'\n  tenantId: '${tenantId}'\n  audience: '${clientId}'\n}`,
  );
  for (const { principalId } of plan.callers)
    console.log(`// a grant in accessPolicy names this caller: entra:${principalId}`);
  if (eventGridPrincipalId !== null) console.log(`// and Event Grid: entra:${eventGridPrincipalId}`);
  if (consoleClientId !== null)
    console.log(`param console = { state: 'on', clientId: '${consoleClientId}' }`);
} catch (error) {
  if (!(error instanceof GraphError)) throw error;
  console.error(error.message);
  process.exit(1);
}

function parsePlan(): RegistrationPlan {
  const { name = '', console: consoleUri = null } = values;
  if (!/^[a-z0-9][a-z0-9-]{2,63}$/.test(name))
    faults.push('--name must have 3 to 64 lower-case letters, digits and hyphens');
  if (consoleUri !== null && !consoleUri.startsWith('https://'))
    faults.push('--console must begin with https://');
  const callers = values.caller.map((text): RegistrationPlan['callers'][number] => {
    const [principalId = '', may = ''] = text.split('=');
    if (!UUID.test(principalId) || (may !== 'rename' && may !== 'read'))
      faults.push(`--caller ${text}: must be OBJECT-ID=rename or OBJECT-ID=read`);
    return { principalId, may: may === 'read' ? 'read' : 'rename' };
  });
  const writers = values['subscription-writer'];
  for (const writer of writers)
    if (!UUID.test(writer)) faults.push(`--subscription-writer ${writer}: must be an object id`);
  return { name, callers, eventGrid: values['event-grid'], subscriptionWriters: writers, consoleUri };
}
