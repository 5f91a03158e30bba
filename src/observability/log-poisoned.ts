import { logEvent, type LogSink } from './log-event.ts';

/** Queued renames are far shorter; of other messages this much identifies the sender. */
const MAX_LOGGED_LENGTH = 8192;

/** Logs a message after its last retry, so that a person can replay it by hand. */
export function logPoisoned(sink: LogSink, text: string, renameId: string | null): void {
  const message = text.slice(0, MAX_LOGGED_LENGTH).toWellFormed();
  logEvent(sink, { event: 'message_poisoned', renameId, message });
}
