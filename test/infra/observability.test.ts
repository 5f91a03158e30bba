import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { LEVELS } from '../../src/observability/log-event.ts';
import { APP_ROOT } from '../stack/stack.ts';
import { describeCompiled, isObject, type Json, readResources, SCENARIOS } from './compiled.ts';
import { recordLoggedLines } from './logged-lines.ts';
import { eventsOf, faultsOf, workbookQueries } from './queries.ts';

let logged: ReadonlyMap<unknown, Json>;
beforeAll(async () => {
  logged = await recordLoggedLines();
}, 60_000);

const parse = (file: string): unknown => JSON.parse(readFileSync(path.join(APP_ROOT, file), 'utf8'));
const workbook = workbookQueries(parse('infra/workbook.json'));

interface Alert {
  name: string;
  query: string;
  properties: Json;
}

function alertsOf(scenario: string): Alert[] {
  return readResources(scenario)
    .filter(({ type }) => type === 'Microsoft.Insights/scheduledQueryRules')
    .map(({ name, properties }) => {
      const { criteria } = properties;
      const [criterion]: unknown[] =
        isObject(criteria) && Array.isArray(criteria['allOf']) ? criteria['allOf'] : [];
      if (!isObject(criterion)) throw new Error(`${name} has no criterion`);
      return { name, query: String(criterion['query']), properties };
    });
}

function queryOf(name: string): string {
  return alertsOf('production').find((alert) => alert.name.endsWith(name))?.query ?? '';
}

/** A query with one name in it changed, for each event and each property. */
function misspelled(query: string): string[] {
  const names = [...eventsOf(query), ...[...query.matchAll(/\bentry\.(\w+)/g)].map(([, name = '']) => name)];
  return names.filter((name) => name !== 'event').map((name) => query.replaceAll(name, `${name}x`));
}

describe('the workbook', () => {
  it.each(workbook)('reads what the app logs: $title', ({ query }) => {
    expect(faultsOf(query, logged)).toEqual([]);
    for (const wrong of misspelled(query)) expect(faultsOf(wrong, logged)).not.toEqual([]);
  });

  it.each([
    {
      question: 'renames per day by outcome',
      title: 'Renames per day, by outcome',
      reads: ['1d', 'entry.status'],
    },
    {
      question: 'renames per day by caller',
      title: 'Renames per day, by caller',
      reads: ['1d', 'entry.callerId'],
    },
    {
      question: 'the parts of latency',
      title: /^Where the time goes/,
      reads: ['entry.beginMs', 'entry.upstreamMs', 'entry.completeMs'],
    },
    {
      question: 'throttling by the upstream',
      title: /^Throttled by the upstream/,
      reads: ['upstream_throttled', 'entry.resource'],
    },
    {
      question: 'the oldest unfinished work',
      title: /^Oldest unfinished work/,
      reads: ['sweep_completed', 'entry.oldestAgeMs'],
    },
  ])('answers at a glance: $question', ({ title, reads }) => {
    const found = workbook.find((one) => one.title.match(title) !== null);
    for (const part of reads) expect(found?.query).toContain(part);
  });
});

describeCompiled('the alerts', () => {
  it.each(SCENARIOS)('read what the app logs: $scenario', ({ scenario }) => {
    const alerts = alertsOf(scenario);
    expect(
      alerts.map(({ name }) => name.replace(/^(renames|every-option|landing-zone|landed)-/, '')).toSorted(),
    ).toEqual([
      'app-has-no-functions',
      'callers-denied',
      'expressions-failing',
      'iteration-not-named',
      'key-vault-failed',
      'message-dropped',
      'message-poisoned',
      'rename-unresolved',
      'server-errors',
      'sweep-is-silent',
      'unfinished-rename-is-old',
      'upstream-access-refused',
    ]);
    for (const { query } of alerts) {
      expect(faultsOf(query, logged)).toEqual([]);
      for (const wrong of misspelled(query)) expect(faultsOf(wrong, logged)).not.toEqual([]);
    }
  });

  it('tell someone of every error that is logged, but of those that a caller always sees as 5xx', () => {
    const errors = Object.entries(LEVELS)
      .filter(([, level]) => level === 'error')
      .map(([event]) => event);
    const alerted = new Set(alertsOf('production').flatMap(({ query }) => eventsOf(query)));
    expect(errors.filter((event) => !alerted.has(event)).toSorted()).toEqual(['unexpected_error']);
  });

  it('count what the host writes of a wrong function key, since it makes no request of it', () => {
    // azure-functions-host, FunctionInvocationMiddleware.cs: an UnauthorizedResult, which logs this line; a
    // real host wrote no AppRequests row.
    expect(queryOf('-callers-denied')).toContain(
      "Message == 'Executing StatusCodeResult, setting HTTP status code 401'",
    );
    expect(queryOf('-callers-denied')).not.toContain('AppRequests');
    expect(eventsOf(queryOf('-callers-denied'))).toEqual(['caller_denied', 'caller_unauthenticated']);
  });

  it('tell of an app that faulty settings left without functions', () => {
    // azure-functions-host, LoggerExtension.cs and GrpcWorkerChannel.cs; the host stays "Running" and throws
    // nothing.
    for (const line of ['0 functions loaded', 'No job functions found', 'Worker failed to index functions'])
      expect(queryOf('-app-has-no-functions')).toContain(`'${line}'`);
  });

  it('are silent about an app that was never deployed', () => {
    const alert = alertsOf('production').find(({ name }) => name.endsWith('-sweep-is-silent'));
    expect(alert?.query).toMatch(
      /\| summarize lastSweep = max\(TimeGenerated\) \| where lastSweep < ago\(30m\)$/,
    );
    expect(alert?.properties).toMatchObject({
      overrideQueryTimeRange: 'P2D',
      criteria: { allOf: [{ operator: 'GreaterThan', threshold: 0 }] },
    });
  });

  it.each(SCENARIOS)('read no other app’s lines in a shared workspace: $scenario', ({ scenario }) => {
    const app = readResources(scenario).find(({ type }) => type === 'Microsoft.Web/sites')?.name;
    for (const { query } of alertsOf(scenario)) {
      const tables = query.match(/\bApp(Traces|Requests)\b/g)?.length;
      expect(query.match(new RegExp(`\\| where AppRoleName =~ '${app}'`, 'g'))).toHaveLength(tables ?? 0);
    }
    expect(workbook.every(({ query }) => query.includes("AppRoleName =~ '{{appName}}'"))).toBe(true);
  });

  it('reach the people who are named', () => {
    for (const { properties } of alertsOf('production'))
      expect(properties['actions']).toEqual({
        actionGroups: [expect.stringMatching(/\/actionGroups\/renames-operators$/)],
      });
    for (const { properties } of alertsOf('landing-zone'))
      expect(properties['actions']).toEqual({
        actionGroups: [expect.stringMatching(/\/rg-logs\/.*\/actionGroups\/on-call$/)],
      });
    for (const { properties } of alertsOf('main'))
      expect(properties['actions']).toEqual({ actionGroups: [] });
  });
});

describe('the way of an event to the workspace', () => {
  it('is stopped by no level and by no sampling', () => {
    expect(parse('host.json')).toMatchObject({
      logging: {
        logLevel: {
          default: 'Information',
          // The one line that the host writes of a wrong function key.
          'Microsoft.AspNetCore.Mvc.StatusCodeResult': 'Information',
        },
        applicationInsights: { samplingSettings: { excludedTypes: expect.stringMatching(/\bTrace\b/) } },
      },
    });
  });

  it('is not drowned by the warnings of the storage client, 200 KB a minute of them', () => {
    expect(parse('host.json')).toMatchObject({ logging: { logLevel: { 'Azure.Core': 'Error' } } });
  });

  it('takes the whole record of a settled rename along, for the export that proves the table', () => {
    expect(logged.get('rename_settled')?.['record']).toMatchObject({
      requestedName: 'v1',
      status: 'unresolved',
      evidence: null,
    });
  });

  it('keeps each event in one line that is JSON and nothing else', () => {
    for (const [event, line] of logged) {
      expect(Object.keys(LEVELS)).toContain(event);
      expect(JSON.stringify(line)).toMatch(/^\{"event":"[a-z_]+",[^\n]*\}$/);
    }
  });
});
