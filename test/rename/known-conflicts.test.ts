import { describe, expect, it } from 'vitest';
import { createKnownConflicts } from '../../src/rename/known-conflicts.ts';
import type { RenameCommand } from '../../src/rename/rename-command.ts';
import { RenameError, type RenameErrorCode } from '../../src/rename/rename-error.ts';
import { requestFor } from './world.ts';

function createWorld() {
  let nowMs = 0;
  const conflicts = createKnownConflicts({ monotonic: () => nowMs });
  return { ...conflicts, pass: (ms: number) => (nowMs += ms) };
}

const command = (idempotencyKey: string | null, iterationId = 'iteration'): RenameCommand => ({
  request: { ...requestFor('v1'), iterationId },
  caller: { kind: 'function-key', id: 'function-key', name: null },
  idempotencyKey,
  undoes: null,
  traceparent: null,
  traceId: null,
  report() {},
});
const busy = (retryAfterMs: number) => new RenameError('iteration_busy', { retryAfterMs });

describe('an idempotency key', () => {
  it('is known to have its answer after a rename', () => {
    const world = createWorld();
    world.learn(command('k'), null);
    world.pass(1e9);
    expect(world.expects(command('k'))).toBe('final');
    expect(world.expects(command('other'))).toBeNull();
  });

  it.each<RenameErrorCode>(['upstream_refused', 'answer_withheld', 'unresolved', 'idempotency_key_reused'])(
    'is known to have its answer after %s',
    (code) => {
      const world = createWorld();
      world.learn(command('k'), new RenameError(code));
      expect(world.expects(command('k'))).toBe('final');
    },
  );

  it.each<RenameErrorCode>(['throttled', 'upstream_unreachable', 'outcome_unknown', 'iteration_busy'])(
    'has no answer yet after %s',
    (code) => {
      const world = createWorld();
      world.learn(command('k'), new RenameError(code));
      expect(world.expects(command('k'))).toBeNull();
    },
  );

  it('has no answer after a fault of another kind', () => {
    const world = createWorld();
    world.learn(command('k'), new Error('unforeseen'));
    expect(world.expects(command('k'))).toBeNull();
  });

  it('is nothing to learn where the request brings none', () => {
    const world = createWorld();
    world.learn(command(null), null);
    expect(world.expects(command(null))).toBeNull();
  });

  it('is forgotten once 10,000 others were learnt after it', () => {
    const world = createWorld();
    world.learn(command('first'), null);
    world.learn(command('second'), null);
    world.learn(command('first'), null); // so this is the newer one now
    for (let count = 0; count < 9999; count += 1) world.learn(command(`k-${count}`), null);
    expect(world.expects(command('second'))).toBeNull();
    expect(world.expects(command('first'))).toBe('final');
  });
});

describe('an iteration', () => {
  it('is busy while this instance renames it', () => {
    const world = createWorld();
    const end = world.begin(command(null));
    world.pass(1e9);
    expect(world.expects(command('k'))).toBe('busy');
    expect(world.expects(command('k', 'another'))).toBeNull();
    end();
    expect(world.expects(command('k'))).toBeNull();
  });

  it('is busy for as long as a refusal said', () => {
    const world = createWorld();
    world.learn(command(null), busy(1000));
    world.pass(999);
    expect(world.expects(command(null))).toBe('busy');
    world.learn(command(null), busy(1000)); // what is expected already is not prolonged by each who asks
    world.pass(1);
    expect(world.expects(command(null))).toBeNull();
  });

  it('is not busy after a refusal of another kind', () => {
    const world = createWorld();
    world.learn(command(null), new RenameError('throttled', { retryAfterMs: 1000 }));
    expect(world.expects(command(null))).toBeNull();
  });
});
