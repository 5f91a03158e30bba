import type { ApiAnswer } from './api-answer.ts';

const BYTE_ORDER_MARK = '\uFEFF'; // Excel takes a file without it for another encoding

/** Every page of the proxy's own CSV as one file, with one line of headings. */
export async function collectCsv(
  page: (continuation: string | null) => Promise<ApiAnswer>,
  onPage: (pages: number) => void,
): Promise<string> {
  let text = '';
  let continuation: string | null = null;
  for (let pages = 1; ; pages += 1) {
    const answer = await page(continuation);
    const body = answer.body.startsWith(BYTE_ORDER_MARK) ? answer.body.slice(1) : answer.body;
    text += pages === 1 ? `${BYTE_ORDER_MARK}${body}` : body.slice(body.indexOf('\n') + 1);
    onPage(pages);
    continuation = nextContinuation(answer);
    if (continuation === null) return text;
  }
}

/** What `Link: <?...&continuation=...>; rel="next"` (RFC 8288) leads to. */
function nextContinuation({ headers, url }: ApiAnswer): string | null {
  const [, reference] = /<([^>]*)>; rel="next"/.exec(headers.get('link') ?? '') ?? [];
  return reference === undefined ? null : new URL(reference, url).searchParams.get('continuation');
}
