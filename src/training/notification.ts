/** What Custom Vision puts into a project's `notificationQueueUri`: https://learn.microsoft.com/azure/ai-services/custom-vision-service/storage-integration */
export type Notification =
  | {
      readonly kind: 'trained';
      readonly projectId: string;
      readonly iterationId: string;
      /** As it came, for the expression that makes a name of it. */
      readonly message: unknown;
    }
  /** `TrainingFailed`, `Export`, `ConnectionTest`, and whatever else there may be one day. */
  | { readonly kind: 'other'; readonly type: string; readonly status: string | null };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Reads a notification, plain or base64; null where it is none. */
export function parseNotification(text: string): Notification | null {
  const message = parseJson(BASE64.test(text.trim()) ? Buffer.from(text, 'base64').toString('utf8') : text);
  if (!isObject(message)) return null;
  const type = word(message['type']);
  const content = message['Content'] ?? message['content'];
  if (type === null || !isObject(content)) return null;
  const status = word(content['trainingStatus'] ?? content['exportStatus']);
  if (type !== 'Training' || status !== 'TrainingCompleted') return { kind: 'other', type, status };
  const projectId = String(content['projectId']).toLowerCase();
  const iterationId = String(content['iterationId']).toLowerCase();
  if (!UUID.test(projectId) || !UUID.test(iterationId)) return null;
  return { kind: 'trained', projectId, iterationId, message };
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return null;
  }
}

/** Short enough for the log; null for anything else. */
function word(value: unknown): string | null {
  return typeof value === 'string' && /^\w{1,64}$/.test(value) ? value : null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
