import { createUpstream as createSoundUpstream } from '../../../src/custom-vision/upstream-client.ts';
import type { Upstream } from '../../../src/rename/upstream.ts';

export * from '../../../src/custom-vision/upstream-client.ts';

/** Broken: looks at no iteration once its new name was sent. */
export function createUpstream(outside: Parameters<typeof createSoundUpstream>[0]): Upstream {
  const upstream = createSoundUpstream(outside);
  return {
    call(...target) {
      const call = upstream.call(...target);
      let isSent = false;
      return {
        ...call,
        read: async () => (isSent ? { kind: 'unavailable' } : call.read()),
        rename(...order) {
          isSent = true;
          return call.rename(...order);
        },
      };
    },
  };
}
