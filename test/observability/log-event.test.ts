import { expect, it } from 'vitest';
import { type LogEvent, logEvent, type LogSink } from '../../src/observability/log-event.ts';

const ITERATION = { resource: 'default', projectId: 'p', iterationId: 'i' };

it.each<{ event: LogEvent; level: keyof LogSink }>([
  { event: { ...ITERATION, event: 'rename_unresolved', renameId: 'r', ageMs: 1 }, level: 'error' },
  { event: { event: 'message_poisoned', renameId: 'r', message: 'm' }, level: 'error' },
  { event: { event: 'unexpected_error', where: 'w', reason: 'r' }, level: 'error' },
  { event: { event: 'completion_failed', renameId: 'r', reason: 'r' }, level: 'warn' },
  { event: { event: 'upstream_throttled', resource: 'default', retryAfterMs: 1 }, level: 'warn' },
])('logs $event.event as one line of the level $level', ({ event, level }) => {
  const lines: string[] = [];
  const at = (name: string) => (line: string) => void lines.push(`${name} ${line}`);
  logEvent({ info: at('info'), warn: at('warn'), error: at('error') }, event);
  expect(lines).toEqual([`${level} ${JSON.stringify(event)}`]);
});
