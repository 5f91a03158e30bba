import type { AuditRecord } from '../rename/audit-record.ts';
import { ApiError, NoAnswer, retryAfterOf } from './api-answer.ts';

const FIRST_WAIT_SECONDS = 2;
const LONGEST_WAIT_SECONDS = 15;

/**
 * Reads a record until its rename has ended, as often as `Retry-After` asks, else less and less often. A
 * reading that failed for now is repeated; any other failure is thrown.
 */
export async function followRecord({
  read,
  wait,
  firstWaitSeconds,
  onLook = () => {},
}: {
  readonly read: () => Promise<{ record: AuditRecord; retryAfterSeconds: number | null }>;
  readonly wait: (seconds: number) => Promise<void>;
  readonly firstWaitSeconds: number | null;
  readonly onLook?: (looks: number) => void;
}): Promise<AuditRecord> {
  let usualWait = FIRST_WAIT_SECONDS;
  let asked = firstWaitSeconds;
  for (let looks = 1; ; looks += 1) {
    await wait(asked ?? usualWait);
    if (asked === null) usualWait = Math.min(usualWait * 1.5, LONGEST_WAIT_SECONDS);
    onLook(looks);
    try {
      const { record, retryAfterSeconds } = await read();
      if (record.status !== 'pending') return record;
      asked = retryAfterSeconds;
    } catch (error) {
      if (!isPassing(error)) throw error;
      asked = error instanceof ApiError ? retryAfterOf(error.answer) : null;
    }
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof NoAnswer) return true;
  return error instanceof ApiError && (error.answer.status === 429 || error.answer.status >= 500);
}

/** Rejects where `signal` aborts. */
export function waitSeconds(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new DOMException('Aborted', 'AbortError'));
    });
  });
}
