import type { HttpResponseInit } from '@azure/functions';
import type { HistoryPage, HistoryQuery } from '../rename/rename-history.ts';
import { answerJson, COMMON_HEADERS } from './answer.ts';
import { formatContinuation } from './continuation.ts';
import { preferredMediaType } from './negotiate.ts';

const CSV_TYPE = 'text/csv';

/** A page of records, as JSON or as CSV. `Link` (RFC 8288) leads to the next page. */
export async function answerRecords(
  { records, next }: HistoryPage,
  query: Omit<HistoryQuery, 'after'>,
  accept: string | null,
): Promise<HttpResponseInit> {
  const continuation = next === null ? null : formatContinuation(next, query);
  const headers: Record<string, string> =
    continuation === null ? {} : { link: `<${nextPage(continuation, query)}>; rel="next"` };
  if (preferredMediaType(accept, [CSV_TYPE]) !== CSV_TYPE) {
    return answerJson({ renames: records, continuation }, headers);
  }
  // Loaded on demand: few callers ask for CSV, and loading it would slow each start.
  const { formatRecordsCsv } = await import('./records-csv.ts');
  return {
    status: 200,
    headers: {
      ...COMMON_HEADERS,
      ...headers,
      'content-type': `${CSV_TYPE}; charset=utf-8; header=present`,
      'content-disposition': `attachment; filename="renames-${query.projectId}.csv"`,
    },
    body: formatRecordsCsv(records),
  };
}

/** A reference that keeps the path that the client knows. */
function nextPage(continuation: string, { iterationId, limit }: Omit<HistoryQuery, 'after'>): string {
  const parameters = new URLSearchParams({
    ...(iterationId === null ? {} : { iterationId }),
    limit: String(limit),
    continuation,
  });
  return `?${parameters.toString()}`;
}
