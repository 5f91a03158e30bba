import {
  createAcceptRename as createSoundAcceptRename,
  type AcceptRename,
} from '../../../src/rename/queued/accept-rename.ts';

export type * from '../../../src/rename/queued/accept-rename.ts';

/** Broken: accepts without waiting for the queue. */
export function createAcceptRename(outside: Parameters<typeof createSoundAcceptRename>[0]): AcceptRename {
  const { queue } = outside;
  return createSoundAcceptRename({
    ...outside,
    queue: { enqueue: async (...order) => void queue.enqueue(...order).catch(() => {}) },
  });
}
