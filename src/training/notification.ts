import { isObject } from '../json/is-object.ts';
import { tryParseJson } from '../json/try-parse-json.ts';
import { isUuid } from '../text/uuid.ts';

/**
 * A message that Custom Vision puts into a project's `notificationQueueUri`.
 * https://learn.microsoft.com/azure/ai-services/custom-vision-service/storage-integration
 */
export type TrainedNotification = Extract<Notification, { kind: 'trained' }>;

export type Notification =
  | {
      readonly kind: 'trained';
      readonly projectId: string;
      readonly iterationId: string;
      /** The untrusted message, as input of the `iterationName` expression. */
      readonly message: Readonly<Record<string, unknown>>;
      /** When we first requeued the message because of a pause: ISO 8601; null where we did not. */
      readonly throttledSince: string | null;
    }
  /** `TrainingFailed`, `Export`, `ConnectionTest`, and any type added later. */
  | { readonly kind: 'other'; readonly type: string; readonly status: string | null };

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Parses a notification, plain or base64; null when it is not one. */
export function parseNotification(text: string): Notification | null {
  const message = tryParseJson(
    BASE64.test(text.trim()) ? Buffer.from(text, 'base64').toString('utf8') : text,
  );
  if (!isObject(message)) return null;
  const type = word(message['type']);
  const content = message['Content'] ?? message['content'];
  if (type === null || !isObject(content)) return null;
  const status = word(content['trainingStatus'] ?? content['exportStatus']);
  if (type !== 'Training' || status !== 'TrainingCompleted') return { kind: 'other', type, status };
  const projectId = String(content['projectId']).toLowerCase();
  const iterationId = String(content['iterationId']).toLowerCase();
  if (!isUuid(projectId) || !isUuid(iterationId)) return null;
  const { throttledSince } = message;
  return {
    kind: 'trained',
    projectId,
    iterationId,
    message,
    throttledSince: typeof throttledSince === 'string' ? throttledSince : null,
  };
}

/** A word short enough for the log; null for any other value. */
function word(value: unknown): string | null {
  return typeof value === 'string' && /^\w{1,64}$/.test(value) ? value : null;
}
