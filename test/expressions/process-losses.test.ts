import { expect, it } from 'vitest';
import { createProcessLosses, type EvaluatorEvent } from '../../src/expressions/process-losses.ts';

function createWorld() {
  let nowMs = 0;
  const events: EvaluatorEvent['event'][] = [];
  const losses = createProcessLosses({
    report: ({ event }) => void events.push(event),
    monotonic: () => nowMs,
  });
  return { losses, events, pass: (ms: number) => void (nowMs += ms) };
}

it('a lost process is replaced at once, the next in a row after ever longer pauses of at most ten seconds', () => {
  const { losses, pass } = createWorld();
  const pausesMs = Array.from({ length: 10 }, () => {
    losses.add('SIGKILL');
    let pauseMs = 0;
    for (; !losses.mayStart(); pauseMs += 50) pass(50);
    return pauseMs;
  });
  expect(pausesMs).toEqual([0, 250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
  losses.forget();
  expect(losses.mayStart()).toBe(true);
});

it('three losses within a minute are an error, although each was replaced', () => {
  const { losses, events, pass } = createWorld();
  for (let times = 0; times < 3; times += 1) {
    losses.add('SIGKILL');
    losses.forget();
    pass(20_000);
  }
  expect(events).toEqual(['evaluator_ended', 'evaluator_ended', 'evaluator_failing']);
  expect(losses.areFrequent()).toBe(false); // the first was a minute ago
});

it('three losses in a row are an error until a process has worked', () => {
  const { losses, events, pass } = createWorld();
  for (let times = 0; times < 3; times += 1) {
    losses.add('EAGAIN');
    pass(3600_000);
  }
  expect(events.at(-1)).toBe('evaluator_failing');
  expect(losses.areFrequent()).toBe(true);
  losses.forget();
  expect(losses.areFrequent()).toBe(false);
});
