import type { HttpHandler, HttpRequest, InvocationContext } from '@azure/functions';
import { CallerError } from '../callers/caller-error.ts';
import { answerError } from './answer.ts';
import { answerThrown } from './error-answer.ts';
import { logEvent } from '../observability/log-event.ts';

/** Makes a handler answer whatever it throws, in the shape that the service's SDKs parse, and logs why. */
export function answeringErrors(handler: HttpHandler): HttpHandler {
  return async (request, context) => {
    try {
      return await handler(request, context);
    } catch (error) {
      const accept = request.headers.get('accept');
      const answer = answerThrown(error, accept, request.params['projectId']?.toLowerCase() ?? null);
      if (answer === null) return answerUnexpected(error, request, context);
      if (error instanceof CallerError && error.code !== 'forbidden') {
        logEvent(context, { event: 'caller_unauthenticated', reason: error.reason });
      }
      logEvent(context, { event: 'request_refused', code: codeOf(error), status: answer.status ?? 500 });
      return answer;
    }
  };
}

function answerUnexpected(error: unknown, request: HttpRequest, context: InvocationContext) {
  // The name only: the message of an error that nobody foresaw may quote anything.
  const reason = error instanceof Error ? error.name : typeof error;
  logEvent(context, { event: 'unexpected_error', where: context.functionName, reason });
  const body = {
    code: 'ErrorUnknown',
    message: 'Something went wrong here. The log of this proxy has more.',
  };
  return answerError(500, body, request.headers.get('accept'));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
