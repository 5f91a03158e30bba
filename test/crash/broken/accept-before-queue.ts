import {
  createAcceptRename as createSoundPromiseRename,
  type AcceptRename,
} from '../../../src/rename/queued/accept-rename.ts';

export type * from '../../../src/rename/queued/accept-rename.ts';

/** Broken: promises without waiting for the queue. */
export function createAcceptRename(outside: Parameters<typeof createSoundPromiseRename>[0]): AcceptRename {
  const { queue } = outside;
  return createSoundPromiseRename({
    ...outside,
    queue: { enqueue: async (...order) => void queue.enqueue(...order).catch(() => {}) },
  });
}
