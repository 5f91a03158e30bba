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
      alerts.map(({ name }) => name.replace(/^(renames|every-option|landing-zone)-/, '')).toSorted(),
    ).toEqual([
      'callers-denied',
      'iteration-not-named',
      'key-vault-failed',
      'message-poisoned',
      'rename-unresolved',
      'server-errors',
      'sweep-is-silent',
      'unfinished-rename-is-old',
    ]);
    for (const { query } of alerts) {
      expect(faultsOf(query, logged)).toEqual([]);
      for (const wrong of misspelled(query)) expect(faultsOf(wrong, logged)).not.toEqual([]);
    }
  });

  it('tell someone of every error that is logged, but of those that a caller sees as 5xx', () => {
    const errors = Object.entries(LEVELS)
      .filter(([, level]) => level === 'error')
      .map(([event]) => event);
    const alerted = new Set(alertsOf('production').flatMap(({ query }) => eventsOf(query)));
    expect(errors.filter((event) => !alerted.has(event)).toSorted()).toEqual([
      'evaluator_failing',
      'expression_over_bounds',
      'unexpected_error',
    ]);
  });

  it('reach the people who are named', () => {
    for (const { properties } of alertsOf('production'))
      expect(properties['actions']).toEqual({
        actionGroups: [expect.stringMatching(/\/actionGroups\/renames-operators$/)],
      });
    for (const { properties } of alertsOf('main'))
      expect(properties['actions']).toEqual({ actionGroups: [] });
  });
});

describe('the way of an event to the workspace', () => {
  it('is stopped by no level and by no sampling', () => {
    expect(parse('host.json')).toMatchObject({
      logging: {
        logLevel: { default: 'Information' },
        applicationInsights: { samplingSettings: { excludedTypes: expect.stringMatching(/\bTrace\b/) } },
      },
    });
  });

  it('keeps each event in one line that is JSON and nothing else', () => {
    for (const [event, line] of logged) {
      expect(Object.keys(LEVELS)).toContain(event);
      expect(JSON.stringify(line)).toMatch(/^\{"event":"[a-z_]+",[^\n]*\}$/);
    }
  });
});
