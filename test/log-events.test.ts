import { expect, it } from 'vitest';
import { type LogEvent, logEvent, type LogSink } from '../src/log-events.ts';

const ITERATION = { resource: 'default', projectId: 'p', iterationId: 'i' };

it.each<{ event: LogEvent; level: keyof LogSink }>([
  { event: { ...ITERATION, event: 'rename_unresolved', renameId: 'r', ageMs: 1 }, level: 'error' },
  { event: { event: 'message_poisoned', renameId: 'r', message: 'm' }, level: 'error' },
  { event: { event: 'unexpected_error', where: 'w', reason: 'r' }, level: 'error' },
  { event: { event: 'completion_failed', renameId: 'r', reason: 'r' }, level: 'warn' },
  { event: { event: 'upstream_throttled', resource: 'default', retryAfterMs: 1 }, level: 'warn' },
])('logs $event.event as one line of the level $level', ({ event, level }) => {
  const lines: string[] = [];
  const nobody = () => {
    throw new Error('logged at another level');
  };
  logEvent({ info: nobody, warn: nobody, error: nobody, [level]: (line: string) => lines.push(line) }, event);
  expect(lines).toEqual([JSON.stringify(event)]);
});
