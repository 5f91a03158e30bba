import { app, type HttpHandler } from '@azure/functions';
import { COMMON_HEADERS } from '../http/answer.ts';

/**
 * `GET /` leads to the console page. The host takes an empty route for none and then serves the function under
 * its own name; an optional segment without a character is met by the empty path alone.
 */
export function registerLeadToConsole(): void {
  app.http('lead-to-console', {
    route: '{root:maxlength(0)?}',
    methods: ['GET'],
    authLevel: 'anonymous',
    handler: leadToConsole,
  });
}

/** Relative, which a gateway that puts the app under a prefix of its own leaves true. */
const leadToConsole: HttpHandler = async () => ({
  status: 302,
  headers: { ...COMMON_HEADERS, location: 'console' },
});
