import {
  createPromiseRename as createSoundPromiseRename,
  type PromiseRename,
} from '../../../src/rename/queued/accept-rename.ts';

export type * from '../../../src/rename/queued/accept-rename.ts';

/** Broken: promises without waiting for the queue. */
export function createPromiseRename(outside: Parameters<typeof createSoundPromiseRename>[0]): PromiseRename {
  const { queue } = outside;
  return createSoundPromiseRename({
    ...outside,
    queue: { enqueue: async (...order) => void queue.enqueue(...order).catch(() => {}) },
  });
}
