import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RenameProxy, type SeededIteration, startRenameProxy } from '../functions/rename-proxy.ts';
import { type EntraIssuer, startEntraIssuer } from '../stack/entra-issuer.ts';
import type { Stack } from '../stack/stack.ts';
import { TOKEN_ATTACKS } from './token-attacks.ts';

let proxy: RenameProxy;
let issuer: EntraIssuer;
let attacker: EntraIssuer;
let iteration: SeededIteration;

beforeAll(async () => {
  [proxy, attacker] = await Promise.all([
    startRenameProxy({ callerAuthentication: 'entra' }),
    startEntraIssuer(),
  ]);
  issuer = issuerOf(proxy.stack);
  iteration = proxy.seed();
});
afterAll(() => Promise.all([proxy.stop(), attacker.stop()]));

function issuerOf({ entra }: Stack): EntraIssuer {
  if (entra === null) throw new Error('the stack has no issuer');
  return entra;
}

/** The app's requests to each far end. */
function callsMade({ identity, keyVault, tables, queues, customVisions }: Stack): Record<string, number> {
  const ends = { identity, keyVault, tables, queues, ...customVisions };
  return Object.fromEntries(Object.entries(ends).map(([name, { journal }]) => [name, journal.length]));
}

const allCalls = (stack: Stack) => Object.values(callsMade(stack)).reduce((sum, calls) => sum + calls, 0);
const nowSeconds = () => Math.floor(Date.now() / 1000);
const bearer = async (claims: Record<string, unknown>) => ({
  authorization: `Bearer ${await issuer.sign(claims)}`,
});
const applicationToken = (change: Record<string, unknown> = {}) =>
  bearer({ ...issuer.claims.applicationV2(), ...change });

it('renames for a granted application (the calls of this request are counted)', async () => {
  const before = callsMade(proxy.stack);
  const answer = await proxy.rename(iteration, { name: 'granted', headers: await applicationToken() });
  expect(answer.status).toBe(200);
  const { objectId } = issuer.application;
  const [record] = await proxy.records(iteration.projectId);
  expect(record).toMatchObject({ callerKind: 'entra-application', callerId: `entra:${objectId}` });
  const after = callsMade(proxy.stack);
  for (const end of ['identity', 'keyVault', 'tables', 'default'])
    expect(after[end]).toBeGreaterThan(before[end] ?? 0);
});

it.each(TOKEN_ATTACKS)('refuses without a call to any service: $case', async ({ headers, reason }) => {
  const before = callsMade(proxy.stack);
  const credential = await headers({ issuer, attacker, nowSeconds: nowSeconds() });
  const answer = await proxy.rename(iteration, { headers: credential });
  const reading = await fetch(`${proxy.app.url}/projects/${iteration.projectId}/renames`, {
    headers: credential,
  });
  const isForbidden = reason === 'no_role_or_scope';
  expect([answer.status, reading.status]).toEqual(isForbidden ? [403, 403] : [401, 401]);
  const realm = 'Bearer realm="custom-vision-rename-proxy"';
  const challenge = reason === 'no_token' ? realm : `${realm}, error="invalid_token"`;
  expect(answer.headers.get('www-authenticate')).toBe(isForbidden ? null : challenge);
  expect(answer.raw, 'the answer gives no reason').not.toContain(`"${reason}"`);
  expect(callsMade(proxy.stack)).toEqual(before);
  expect(attacker.journal).toEqual([]);
});

it('refuses a user of a granted application', async () => {
  const before = callsMade(proxy.stack);
  for (const claims of [issuer.claims.userV1(), issuer.claims.userV2()]) {
    expect((await proxy.rename(iteration, { headers: await bearer(claims) })).status).toBe(403);
  }
  expect(callsMade(proxy.stack)).toEqual(before);
});

it.each([
  { case: 'an application', kind: 'applicationV2', change: { roles: ['Iterations.Read'], idtyp: 'app' } },
  { case: 'a user', kind: 'userV2', change: { scp: 'Iterations.Read' } },
] as const)('lets a token to read rename nothing, whatever is granted: $case', async ({ kind, change }) => {
  const { projectId } = iteration;
  const oid = issuer.application.clientId; // the id that the policy grants everything
  const headers = await bearer({ ...issuer.claims[kind](), ...change, oid });
  const reading = await fetch(`${proxy.app.url}/projects/${projectId}/renames`, { headers });
  expect(reading.status).toBe(200);
  const before = callsMade(proxy.stack);
  expect((await proxy.rename(iteration, { headers })).status).toBe(403);
  expect(callsMade(proxy.stack)).toEqual(before);
});

it('ignores a token in the query, which logs would keep', async () => {
  const before = callsMade(proxy.stack);
  const token = await issuer.sign(issuer.claims.applicationV2());
  for (const name of ['access_token', 'code', 'token'])
    expect((await proxy.rename(iteration, { path: `${iteration.path}?${name}=${token}` })).status).toBe(401);
  expect(callsMade(proxy.stack)).toEqual(before);
});

it('ignores a token in a form, which RFC 6750 would allow', async () => {
  const before = callsMade(proxy.stack);
  const token = await issuer.sign(issuer.claims.applicationV2());
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await proxy.rename(iteration, { headers, body: `name=x&access_token=${token}` });
  expect(answer.status).toBe(401);
  expect(callsMade(proxy.stack)).toEqual(before);
});

it('refuses a token of 1 MiB without a call', async () => {
  const before = callsMade(proxy.stack);
  const headers = await applicationToken({ padding: 'x'.repeat(1024 * 1024) });
  const status = await proxy.rename(iteration, { headers }).then(
    (answer) => answer.status,
    () => 'the connection was closed',
  );
  // The host's own bound on headers comes first.
  expect([401, 431, 'the connection was closed']).toContain(status);
  expect(callsMade(proxy.stack)).toEqual(before);
});

it('does not reveal to a caller without a grant whether a project exists', async () => {
  const headers = await applicationToken({
    oid: randomUUID(),
    sub: randomUUID(),
    idtyp: 'app',
    azp: randomUUID(),
  });
  const seeded = await proxy.rename(iteration, { headers });
  const invented = await proxy.rename(
    { ...iteration, path: iteration.path.replaceAll(iteration.projectId, randomUUID()) },
    { headers },
  );
  expect(seeded.status).toBe(403);
  expect(invented.text).toBe(seeded.text);
});

it('logs the reason of a refusal, and no token', () => {
  const output = proxy.app.output();
  const reasons = new Set(
    TOKEN_ATTACKS.map(({ reason }) => reason).filter((each) => each !== 'no_role_or_scope'),
  );
  for (const reason of reasons)
    expect(output).toContain(JSON.stringify({ event: 'caller_unauthenticated', reason }));
  expect(output).toMatch(/"event":"caller_denied","callerId":"entra:[0-9a-f-]{36}","may":"rename"/);
  expect(output).not.toContain('eyJ'); // as every token begins
});

it('asks the issuer at most 5 times for a flood of unknown key ids, and accepts the known one', async () => {
  const flooded = await startRenameProxy({ callerAuthentication: 'entra', azurite: proxy.stack.azurite });
  try {
    const { stack } = flooded;
    const target = flooded.seed();
    const own = issuerOf(stack);
    const token = await own.sign(own.claims.applicationV2());
    await expect.poll(() => own.journal.length).toBe(1); // at start, and what a rename needs besides:
    await expect.poll(() => callsMade(stack)).toMatchObject({ keyVault: 2, tables: 1 });
    const before = callsMade(stack);
    const forged = await Promise.all(
      Array.from({ length: 100 }, () => own.sign(own.claims.applicationV2(), { kid: randomUUID() })),
    );
    for (let from = 0; from < forged.length; from += 10) {
      const answers = await Promise.all(
        forged
          .slice(from, from + 10)
          .map((each) => flooded.rename(target, { headers: { authorization: `Bearer ${each}` } })),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    }
    expect(own.journal.length).toBeLessThanOrEqual(1 + 5);
    expect(callsMade(stack)).toEqual(before);
    const good = await flooded.rename(target, { headers: { authorization: `Bearer ${token}` } });
    expect(good.status).toBe(200);
  } finally {
    await flooded.stop();
  }
});

describe('grants', () => {
  const ids = { nightly: randomUUID(), auditor: randomUUID(), ada: randomUUID(), stranger: randomUUID() };
  const projects = { p1: randomUUID(), p2: randomUUID() };
  const grants = [
    {
      caller: `entra:${ids.nightly}`,
      projects: [projects.p1],
      resources: ['red'],
      names: 'v\\d+',
      may: ['rename'],
    },
    { caller: `entra:${ids.auditor}`, projects: [projects.p1, projects.p2], resources: ['*'], may: ['read'] },
    {
      caller: `entra:${ids.ada}`,
      projects: [projects.p2],
      resources: ['blue'],
      names: 'rc-.*',
      may: ['rename', 'read'],
    },
  ];
  const renamesAllowed = new Set(['nightly p1 red v1', 'ada p2 blue rc-1']);
  const readingAllowed = new Set(['auditor p1', 'auditor p2', 'ada p2']);
  const callers = ['nightly', 'auditor', 'ada', 'stranger'] as const;
  const projectNames = ['p1', 'p2'] as const;

  let granted: RenameProxy;
  const iterationId = randomUUID();
  beforeAll(async () => {
    granted = await startRenameProxy({
      callerAuthentication: 'entra',
      resources: ['red', 'blue'],
      azurite: proxy.stack.azurite,
      settings: { ACCESS_POLICY: JSON.stringify(grants) },
    });
    // Every combination would succeed if it were granted.
    for (const customVision of Object.values(granted.stack.customVisions))
      for (const id of Object.values(projects))
        customVision.addProject({ id, iterations: [{ id: iterationId, name: 'Iteration 1' }] });
  });
  afterAll(() => granted.stop());

  /** Grants each caller what its token allows. */
  async function tokenOf(caller: (typeof callers)[number]): Promise<string> {
    const own = issuerOf(granted.stack);
    const oid = ids[caller];
    return caller === 'ada'
      ? own.sign({ ...own.claims.userV2(), oid })
      : own.sign({ ...own.claims.applicationV2(), oid, sub: oid, azp: randomUUID() });
  }

  const combinations = callers.flatMap((caller) =>
    projectNames.flatMap((project) =>
      ['red', 'blue'].flatMap((resource) =>
        ['v1', 'rc-1', 'v1 rc-1'].map((name) => ({ caller, project, resource, name })),
      ),
    ),
  );
  it.each(combinations)(
    'bind $caller in $project on $resource to $name',
    async ({ caller, project, resource, name }) => {
      const isAllowed = renamesAllowed.has(`${caller} ${project} ${resource} ${name}`);
      const before = allCalls(granted.stack);
      const headers = { authorization: `Bearer ${await tokenOf(caller)}` };
      const path = `/customvision/v3.2/training/projects/${projects[project]}/iterations/${iterationId}`;
      const target = { projectId: projects[project], iterationId, path };
      const byPath = await granted.rename(target, { name, headers, path: `/${resource}${path}` });
      const byHeader = await granted.rename(target, {
        name,
        headers: { ...headers, 'custom-vision-resource': resource },
      });
      expect([byPath.status, byHeader.status]).toEqual(isAllowed ? [200, 200] : [403, 403]);
      expect(allCalls(granted.stack) > before).toBe(isAllowed);
    },
  );

  it.each(callers.flatMap((caller) => projectNames.map((project) => ({ caller, project }))))(
    'bind $caller to the history of $project',
    async ({ caller, project }) => {
      const isAllowed = readingAllowed.has(`${caller} ${project}`);
      const before = allCalls(granted.stack);
      const answer = await fetch(`${granted.app.url}/projects/${projects[project]}/renames`, {
        headers: { authorization: `Bearer ${await tokenOf(caller)}` },
      });
      expect(answer.status).toBe(isAllowed ? 200 : 403);
      expect(allCalls(granted.stack) > before).toBe(isAllowed);
    },
  );
});
