import { expect, it } from 'vitest';
import { type Evidence, judge, type Row } from './judge.ts';

const renameId = '8204437865459-kepu6c66u2';
const earlierId = '8204437865460-abcdefghij';
const ask = { kind: 'keyed', name: 'v2', projectId: 'p', iterationId: 'i' } as const;
const effect = { projectId: 'p', iterationId: 'i', from: 'v1', to: 'v2', atMs: 2000 };

function recordOf(status: string, more: Row = {}): Row[] {
  const content = { renameId, requestedName: 'v2', requestedAt: '1970-01-01T00:00:01.000Z', status, ...more };
  return [
    { ...content, rowKey: `rename|${content.renameId}`, etag: '1' },
    { ...content, rowKey: `iteration|i|${content.renameId}`, etag: '2' },
  ];
}

const answered = (...answers: [number, (string | null)?][]) => [
  { ...ask, answers: answers.map(([status, id = null]) => ({ status, renameId: id })) },
];

it.each<{ case: string } & Evidence>([
  {
    case: 'one effect and its record',
    rows: recordOf('succeeded'),
    effects: [effect],
    asked: answered([200, renameId]),
  },
  { case: 'a rejected rename', rows: recordOf('rejected'), effects: [], asked: answered([400, renameId]) },
  {
    case: 'a rename that replaces one that was not applied',
    rows: [...recordOf('succeeded'), ...recordOf('not_applied', { renameId: earlierId })],
    effects: [effect],
    asked: answered([503, earlierId], [200, renameId], [200, renameId]),
  },
])('accepts $case', ({ rows, effects, asked }) => {
  expect(judge({ rows, effects, asked })).toEqual([]);
});

it.each<{ case: string } & Evidence>([
  { case: 'an effect without a record', rows: [], effects: [effect], asked: [] },
  {
    case: 'an effect before its record',
    rows: recordOf('succeeded'),
    effects: [{ ...effect, atMs: 999 }],
    asked: [],
  },
  { case: 'two effects under one key', rows: recordOf('succeeded'), effects: [effect, effect], asked: [] },
  { case: 'a success without an effect', rows: recordOf('succeeded'), effects: [], asked: [] },
  {
    case: 'an effect whose record says not_applied',
    rows: recordOf('not_applied'),
    effects: [effect],
    asked: [],
  },
  { case: 'a pending record', rows: recordOf('pending'), effects: [], asked: [] },
  { case: 'a lock that is left', rows: [{ rowKey: 'lock|i', renameId }], effects: [], asked: [] },
  { case: 'a copy that is missing', rows: recordOf('rejected').slice(0, 1), effects: [], asked: [] },
  {
    case: 'a copy that differs',
    rows: [...recordOf('rejected').slice(0, 1), ...recordOf('not_applied').slice(1)],
    effects: [],
    asked: [],
  },
  {
    case: 'a 200 without a success',
    rows: recordOf('not_applied'),
    effects: [],
    asked: answered([200, renameId]),
  },
  {
    case: 'answers that disagree',
    rows: [...recordOf('succeeded'), ...recordOf('not_applied', { renameId: earlierId })],
    effects: [effect],
    asked: answered([202, renameId], [202, earlierId]),
  },
  { case: 'an effect behind a 503', rows: recordOf('succeeded'), effects: [effect], asked: answered([503]) },
  { case: 'an accepted rename without a record', rows: [], effects: [], asked: answered([202, renameId]) },
  { case: 'an answer that is not in the contract', rows: [], effects: [], asked: answered([500]) },
])('finds $case', ({ rows, effects, asked }) => {
  expect(judge({ rows, effects, asked })).not.toEqual([]);
});
