import type { AccessPolicy } from './callers/access-policy.ts';
import type { Authenticate } from './callers/authenticate.ts';
import type { TrainingKeys } from './custom-vision/exchange-with-key.ts';
import { createLookUp } from './custom-vision/look-up.ts';
import { registerListResources } from './functions/list-resources-function.ts';
import { registerLookUps } from './functions/look-up-function.ts';
import type { SendRequest } from './outbound/send-request.ts';
import type { RateLimit } from './rename/rate-limit.ts';
import type { Settings } from './settings/settings.ts';

/** What `main.ts` has composed already. */
interface Composed {
  readonly authLevel: 'anonymous' | 'function';
  readonly authenticate: Authenticate;
  readonly policy: AccessPolicy;
  readonly trainingKeys: TrainingKeys;
  readonly sendRequest: SendRequest;
  readonly rateLimit: RateLimit;
  readonly now: () => number;
}

/** The part of the composition root that lets callers find what they rename. */
export function registerLookUpFunctions(
  { resources, upstreamTimeoutMs: timeoutMs }: Settings,
  { authLevel, authenticate, policy, ...outside }: Composed,
): void {
  const callers = { authLevel, authenticate, policy };
  registerLookUps({ ...callers, resources, lookUp: createLookUp({ ...outside, resources, timeoutMs }) });
  registerListResources({ ...callers, resources });
}
