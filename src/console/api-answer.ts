/** An answer of the proxy, read to its end. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  readonly url: string;
}

/** The properties of an answer that the page decides by; null where it has none. */
export interface AnswerFields {
  readonly code: string | null;
  readonly message: string | null;
  readonly renameId: string | null;
  readonly name: string | null;
  readonly details: readonly string[];
}

/** The proxy answered, but not with what was asked for. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly answer: ApiAnswer;

  constructor(answer: ApiAnswer) {
    super(`The proxy answered ${answer.status}.`);
    this.answer = answer;
  }
}

/** No answer came: the request may have been carried out. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** In seconds; null where the answer does not say, or says it as a date. */
export function retryAfterOf({ headers }: ApiAnswer): number | null {
  const value = headers.get('retry-after') ?? '';
  return /^\d{1,5}$/.test(value) ? Number(value) : null;
}

export function jsonOf(answer: ApiAnswer): unknown {
  try {
    return JSON.parse(answer.body);
  } catch {
    return null;
  }
}

export function isXmlAnswer({ headers }: ApiAnswer): boolean {
  return /\bxml\b/.test(headers.get('content-type') ?? '');
}

/** `element` reads the first XML element of a name: only a browser can. */
export function fieldsOf(
  answer: ApiAnswer,
  element: (body: string, name: string) => string | null,
): AnswerFields {
  const read = isXmlAnswer(answer)
    ? (name: string) => element(answer.body, name)
    : (name: string) => stringIn(jsonOf(answer), name);
  return {
    code: read('code'),
    message: read('message'),
    renameId: read('renameId') ?? answer.headers.get('rename-id'),
    name: read('name'),
    details: detailsIn(jsonOf(answer)),
  };
}

export function stringIn(value: unknown, name: string): string | null {
  if (!isRecordOf(value)) return null;
  const found = value[name];
  return typeof found === 'string' ? found : null;
}

export function isRecordOf(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function detailsIn(value: unknown): string[] {
  const details = isRecordOf(value) ? value['details'] : null;
  if (!Array.isArray(details)) return [];
  return details.map((fault) =>
    `${stringIn(fault, 'path') ?? ''} ${stringIn(fault, 'message') ?? ''}`.trim(),
  );
}
