import { createHash } from 'node:crypto';
import type { AccessPolicy } from '../callers/access-policy.ts';
import { authorise, callerWithoutToken } from '../callers/authorise.ts';
import { CallerError } from '../callers/caller-error.ts';
import { DEFAULT_API_VERSION } from '../custom-vision/api-version.ts';
import { composedName, iterationNameFaults } from '../rename/iteration-name.ts';
import type { AcceptRename } from '../rename/queued/accept-rename.ts';
import type { ReportRenameEvent } from '../rename/rename-event.ts';
import type { TraceContext } from '../http/trace-context.ts';
import { createRenameId, LATEST_EPOCH_MS } from '../rename/rename-id.ts';
import type { RenamedIteration, Upstream } from '../rename/upstream.ts';
import { type Evaluate, ExpressionError } from '../expressions/expression.ts';
import type { Notification } from './notification.ts';

export interface NamedResource {
  readonly resource: string;
  readonly endpoint: URL;
  /** Maps `{ notification, iteration }` to a name; null or undefined keeps the present name. */
  readonly iterationName: Evaluate;
}

/** The outcome of a notification. `reason` is for the author of the expression or of the grants. */
export type Naming =
  | { readonly kind: 'accepted'; readonly renameId: string }
  | { readonly kind: 'ignored' }
  /** Custom Vision asks for a pause. */
  | { readonly kind: 'throttled'; readonly retryAfterMs: number }
  | { readonly kind: 'refused'; readonly reason: string };

export type NameTrainedIteration = (
  trained: Extract<Notification, { kind: 'trained' }>,
  trace: TraceContext,
  report: ReportRenameEvent,
) => Promise<Naming>;

/** Makes a name for a newly trained iteration and enqueues the rename. Rejects when a retry may succeed. */
export function createNameTrainedIteration({
  resource,
  endpoint,
  iterationName,
  upstream,
  policy,
  accept,
}: NamedResource & {
  readonly upstream: Upstream;
  readonly policy: AccessPolicy;
  readonly accept: AcceptRename;
}): NameTrainedIteration {
  return async function nameTrainedIteration({ projectId, iterationId, message }, trace, report) {
    const target = { resource, apiVersion: DEFAULT_API_VERSION, projectId, iterationId };
    const call = upstream.call(target, trace.traceparent);
    const reading = await call.read();
    call.abandon();
    if (reading.kind === 'throttled') return reading;
    if (reading.kind === 'unavailable') throw new Error('the trained iteration cannot be read now');
    if (reading.kind === 'absent') return { kind: 'refused', reason: 'there is no such iteration' };
    const { iteration } = reading;

    const renameId = renameIdOf(target, iteration);
    if (renameId === null) return { kind: 'refused', reason: 'the iteration has no training time' };
    const name = await evaluateName(message, iteration);
    if (typeof name !== 'string') return name;
    const caller = { kind: 'training', id: `training:${resource}`, name: null } as const;
    try {
      authorise(policy, callerWithoutToken(caller), { may: 'rename', projectId, resource, name });
    } catch (error) {
      if (!(error instanceof CallerError)) throw error;
      return { kind: 'refused', reason: `no grant allows ${caller.id} this rename` };
    }
    const request = { ...target, endpointHost: endpoint.host, name };
    await accept({
      request,
      caller,
      parties: [[caller.id]],
      trigger: 'training',
      traceId: trace.traceId,
      deliveryIdentity: null,
      renameId,
      report,
    });
    return { kind: 'accepted', renameId };
  };

  async function evaluateName(notification: unknown, iteration: RenamedIteration): Promise<string | Naming> {
    let yielded;
    try {
      yielded = await iterationName({ notification, iteration });
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      return { kind: 'refused', reason: `iterationName cannot be evaluated: ${error.message}` };
    }
    if (yielded === undefined || yielded === null) return { kind: 'ignored' };
    if (typeof yielded !== 'string')
      return { kind: 'refused', reason: 'iterationName does not yield a string' };
    const name = composedName(yielded);
    const [fault] = iterationNameFaults(name);
    return fault === undefined ? name : { kind: 'refused', reason: `the name ${fault}` };
  }
}

/**
 * An iteration is trained once, so its training time identifies the rename: duplicate notifications get one
 * id.
 */
function renameIdOf(
  { resource, projectId, iterationId }: { resource: string; projectId: string; iterationId: string },
  { trainedAt, created }: RenamedIteration,
): string | null {
  const trained = typeof trainedAt === 'string' ? trainedAt : created;
  const trainedAtMs = typeof trained === 'string' ? Date.parse(trained) : Number.NaN;
  if (!(trainedAtMs >= 0 && trainedAtMs <= LATEST_EPOCH_MS)) return null;
  const identity = JSON.stringify([resource, projectId, iterationId, trained]);
  return createRenameId(trainedAtMs, createHash('sha256').update(identity).digest());
}
