import type { HttpHandler, HttpRequest, InvocationContext } from '@azure/functions';
import { CallerError } from '../callers/caller-error.ts';
import { answerError } from './answer.ts';
import { answerThrown } from './error-answer.ts';
import { logEvent } from '../observability/log-event.ts';
import { errorName } from '../rename/error-name.ts';

/** Answers each error of a handler in the shape that the service's SDKs parse, and logs the reason. */
export function answeringErrors(handler: HttpHandler): HttpHandler {
  return async (request, context) => {
    try {
      return await handler(request, context);
    } catch (error) {
      const answer = answerThrown(error, {
        url: request.url,
        accept: request.headers.get('accept'),
        projectId: request.params['projectId']?.toLowerCase() ?? null,
      });
      if (answer === null) return answerUnexpected(error, request, context);
      // Strangers can cause it without end; the vault's failure is in the log, once a minute.
      if (error instanceof CallerError && error.code === 'secret_unavailable') return answer;
      if (error instanceof CallerError) logCaller(error, context);
      logEvent(context, { event: 'request_refused', code: codeOf(error), status: answer.status ?? 500 });
      return answer;
    }
  };
}

function logCaller({ code, reason, denial }: CallerError, context: InvocationContext): void {
  if (denial !== null) logEvent(context, { event: 'caller_denied', ...denial });
  else if (code !== 'forbidden') logEvent(context, { event: 'caller_unauthenticated', reason });
}

function answerUnexpected(error: unknown, request: HttpRequest, context: InvocationContext) {
  logEvent(context, { event: 'unexpected_error', where: context.functionName, reason: errorName(error) });
  const body = {
    code: 'ErrorUnknown',
    message: 'An unexpected error occurred. See the log of this proxy.',
  };
  return answerError(500, body, request.headers.get('accept'));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
