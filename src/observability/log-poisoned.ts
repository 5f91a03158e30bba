import { logEvent, type LogSink } from './log-event.ts';

/** Ours are far shorter, and others need no more to be recognised. */
const MAX_LOGGED_LENGTH = 8192;

/** Keeps in the log a message that every try has failed on, so that a person can replay it by hand. */
export function logPoisoned(sink: LogSink, text: string, renameId: string | null): void {
  const message = text.slice(0, MAX_LOGGED_LENGTH).toWellFormed();
  logEvent(sink, { event: 'message_poisoned', renameId, message });
}
