import type { RenameIntent } from './audit-record.ts';
import { judgeAnswer, type SentAnswer } from './judge-answer.ts';
import { refuseUndo } from './not-undone.ts';
import type { RateLimit } from './rate-limit.ts';
import { createRecordAnswer, type RecordAnswerDependencies } from './record-answer.ts';
import { isSameName } from './same-name.ts';
import type { Sending } from './sending.ts';
import type { UpstreamCall } from './upstream.ts';

/**
 * Sends the new name and completes the record with what the answer proves. Never rejects for what the
 * upstream does.
 */
export type SendRename = (sending: Sending) => Promise<Sent>;

export interface Sent {
  readonly answer: SentAnswer;
  /** On the monotonic clock, before the answer was written down. */
  readonly answeredMs: number;
}

/**
 * The one place where a PATCH leaves: of synchronous renames, of queued ones, and of those that are resumed.
 */
export function createSendRename(
  dependencies: RecordAnswerDependencies & { readonly rateLimit: Pick<RateLimit, 'pauseFor'> },
): SendRename {
  const { rateLimit, timings, monotonic } = dependencies;
  const recordAnswer = createRecordAnswer(dependencies);

  return async function sendRename(sending) {
    const { pending, leasedAtMs, call, before, givenName, startedMs, report } = sending;
    const { intent } = pending;
    const sentMs = monotonic();
    const maySend = () => monotonic() - leasedAtMs <= timings.upstreamTimeoutMs;
    const refused = givenName === null ? null : refuseUndo(await before(), givenName);
    const answer = refused ?? (await askOnce(call, intent, maySend, before));
    const answeredMs = monotonic();
    const record = await recordAnswer(sending, answer);
    call.abandon();

    if (answer.kind === 'throttled') {
      rateLimit.pauseFor(intent.resource, answer.retryAfterMs);
      report({ event: 'upstream_throttled', resource: intent.resource, retryAfterMs: answer.retryAfterMs });
    }
    if (answer.kind === 'access_refused') {
      const { status: upstreamStatus, code: upstreamCode, message: upstreamMessage } = answer.refusal;
      const { resource } = intent;
      report({ event: 'upstream_access_refused', resource, upstreamStatus, upstreamCode, upstreamMessage });
    }
    report({
      event: 'rename_completed',
      renameId: intent.renameId,
      status: record?.status ?? 'pending',
      resource: intent.resource,
      projectId: intent.projectId,
      iterationId: intent.iterationId,
      callerKind: intent.caller.kind,
      callerId: intent.caller.id,
      trigger: intent.trigger,
      upstreamStatus: judgeAnswer(answer, intent.requestedName)?.upstreamStatus ?? null,
      durationMs: monotonic() - startedMs,
      beginMs: sentMs - startedMs,
      upstreamMs: answeredMs - sentMs,
      completeMs: monotonic() - answeredMs,
      record,
    });
    return { answer, answeredMs };
  };
}

/**
 * Sends the rename. After an answer that proves nothing it reads the iteration once, in what is left of the
 * call's time.
 */
async function askOnce(
  call: UpstreamCall,
  { requestedName }: RenameIntent,
  maySend: () => boolean,
  before: Sending['before'],
): Promise<SentAnswer> {
  const answer = await call.rename(requestedName, maySend);
  if (answer.kind !== 'faulty' && answer.kind !== 'no_answer') return answer;
  const was = await before();
  if (was?.kind !== 'iteration' || isSameName(was.iteration.name, requestedName)) return answer;
  const reading = await call.read();
  if (reading.kind !== 'iteration' || !isSameName(reading.iteration.name, requestedName)) return answer;
  const { attempts, requestId } = answer;
  const status = answer.kind === 'faulty' ? answer.status : null;
  return { kind: 'shown', status, iteration: reading.iteration, attempts, requestId };
}
