import type { AnsweredExchange, Exchange } from '../outbound/send-request.ts';
import { REQUEST_ID_HEADERS } from './request-id.ts';

/** A training key that can detect itself in a text. */
export interface TrainingKey {
  readonly value: string;
  /** Whether `text` shows the key, as it is or encoded. */
  appearsIn(text: string): boolean;
}

/** The training key of one secret in the vault. Both methods throw where no key can be had. */
export interface TrainingKeys {
  get(secretName: string): Promise<TrainingKey>;
  /** The key that has replaced `refused`, or `refused` itself where the vault has no newer one. */
  replacementFor(secretName: string, refused: TrainingKey): Promise<TrainingKey>;
}

/** The outcome of an exchange with a key. `leaks`: the answer shows a key that was sent. */
export type KeyedExchange = { readonly attempts: number } & (
  | (AnsweredExchange & { readonly leaks: boolean })
  | { readonly kind: 'no_answer' }
  | { readonly kind: 'not_sent'; readonly reason: NotSentReason }
);

type NotSentReason = 'training_key_unavailable' | 'unreachable' | 'too_late';

/**
 * Sends a request with the key of a secret; after a 401 retries once with a newer key, where there is one.
 * Never rejects.
 */
export async function exchangeWithKey({
  secretName,
  trainingKeys,
  maySend,
  send,
}: {
  readonly secretName: string;
  readonly trainingKeys: TrainingKeys;
  /** Asked before each request. */
  readonly maySend: () => boolean;
  readonly send: (key: TrainingKey) => Promise<Exchange>;
}): Promise<KeyedExchange> {
  const key = await trainingKeys.get(secretName).catch(() => null); // the vault client has reported why
  if (key === null) return { kind: 'not_sent', reason: 'training_key_unavailable', attempts: 0 };
  if (!maySend()) return { kind: 'not_sent', reason: 'too_late', attempts: 0 };
  const first = await send(key);
  if (first.kind === 'not_sent') return { kind: 'not_sent', reason: 'unreachable', attempts: 0 };
  if (first.kind === 'no_answer') return { kind: 'no_answer', attempts: 1 };
  const answeredOnce = (keys: readonly TrainingKey[]): KeyedExchange => ({
    ...first,
    attempts: 1,
    leaks: showsAny(keys, first),
  });
  if (first.status !== 401) return answeredOnce([key]);

  const newer = await trainingKeys.replacementFor(secretName, key).catch(() => null);
  if (newer === null || newer.value === key.value || !maySend()) return answeredOnce([key]);
  const second = await send(newer);
  if (second.kind === 'not_sent') return answeredOnce([key, newer]);
  if (second.kind === 'no_answer') return { kind: 'no_answer', attempts: 2 };
  return { ...second, attempts: 2, leaks: showsAny([key, newer], second) };
}

function showsAny(keys: readonly TrainingKey[], answered: AnsweredExchange): boolean {
  const shown = [answered.text ?? '', ...REQUEST_ID_HEADERS.map((name) => answered.header(name) ?? '')];
  return keys.some((key) => shown.some((text) => key.appearsIn(text)));
}
