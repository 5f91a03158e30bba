import type { SendRequest } from '../outbound/send-request.ts';
import type { Turn } from '../rename/fair-line.ts';
import type { RateLimit } from '../rename/rate-limit.ts';
import { RenameError } from '../rename/rename-error.ts';
import type { ReportRenameEvent } from '../rename/rename-event.ts';
import type { KeyedExchange, TrainingKeys } from './exchange-with-key.ts';
import { parseRefusal, parseRetryAfterMs } from './iteration-answer.ts';
import { projectsUrl } from './iteration-url.ts';
import { createKeyedCall, type UpstreamResource } from './keyed-call.ts';
import { LookUpError } from './look-up-error.ts';
import { type LookUpTarget, pathOf } from './look-up-target.ts';
import { type Found, parseFound } from './parse-found.ts';
import { isAboutAccess } from './read-answer.ts';

/** Of the service's answer. A list of 10,000 iterations without empty properties takes about 4 MiB. */
export const LOOK_UP_MAX_MIB = 4;

export interface LookUpCommand {
  readonly resource: string;
  readonly apiVersion: string;
  readonly target: LookUpTarget;
  readonly callerId: string;
  readonly traceparent: string | null;
  readonly report: ReportRenameEvent;
}

/** Asks the service for projects or iterations. Throws `LookUpError`. */
export type LookUp = (command: LookUpCommand) => Promise<Found>;

/** Look-ups take turns with renames, and keep nothing. */
export function createLookUp({
  resources,
  rateLimit,
  now,
  ...outside
}: {
  readonly resources: ReadonlyMap<string, UpstreamResource>;
  readonly rateLimit: Pick<RateLimit, 'take' | 'pauseFor'>;
  readonly trainingKeys: TrainingKeys;
  readonly sendRequest: SendRequest;
  readonly timeoutMs: number;
  readonly now: () => number;
}): LookUp {
  return async function lookUp(command) {
    const { resource: name, apiVersion, target, callerId, traceparent } = command;
    const resource = resources.get(name);
    const url = resource === undefined ? null : projectsUrl(resource.endpoint, apiVersion, pathOf(target));
    const turn = await takeTurn(name, callerId);
    const call = createKeyedCall({ ...outside, resource, traceparent });
    const maxResponseBytes = LOOK_UP_MAX_MIB * 1024 * 1024;
    const exchanged = await call.exchange({ method: 'GET', url, body: null, maxResponseBytes }, () => true);
    call.abandon();
    return read(exchanged, command, turn);
  };

  async function takeTurn(resource: string, callerId: string): Promise<Turn> {
    try {
      return await rateLimit.take(resource, callerId);
    } catch (error) {
      if (!(error instanceof RenameError)) throw error;
      const code = error.code === 'shutting_down' ? 'look_up_shutting_down' : 'look_up_throttled';
      throw new LookUpError(code, { retryAfterMs: error.retryAfterMs, cause: error });
    }
  }

  function read(exchanged: KeyedExchange, { resource, target, report }: LookUpCommand, turn: Turn): Found {
    if (exchanged.kind === 'not_sent') {
      turn.giveBack();
      const isKeyless = exchanged.reason === 'training_key_unavailable';
      throw new LookUpError(isKeyless ? 'look_up_without_key' : 'look_up_unreachable');
    }
    if (exchanged.kind === 'no_answer') throw new LookUpError('look_up_unanswered');
    const { status, text, leaks, isTooLarge } = exchanged;
    if (status === 429) {
      const retryAfterMs = parseRetryAfterMs(exchanged.header('retry-after'), now());
      rateLimit.pauseFor(resource, retryAfterMs);
      report({ event: 'upstream_throttled', resource, retryAfterMs });
      throw new LookUpError('look_up_pause', { retryAfterMs });
    }
    const isRefused = status >= 400 && status < 500 && status !== 408;
    const refusal = parseRefusal(status, leaks ? null : text);
    if (isRefused && isAboutAccess(status, text)) {
      const { code: upstreamCode, message: upstreamMessage } = refusal;
      report({
        event: 'upstream_access_refused',
        resource,
        upstreamStatus: status,
        upstreamCode,
        upstreamMessage,
      });
      throw new LookUpError('look_up_access_refused');
    }
    if (leaks) throw new LookUpError('look_up_withheld');
    if (isRefused) throw new LookUpError('look_up_refused', { refusal });
    if (isTooLarge && status === 200) throw new LookUpError('look_up_too_large');
    const found = status === 200 ? parseFound(text, target) : null;
    if (found === null) throw new LookUpError('look_up_faulty');
    return found;
  }
}
