import type { SignInMethod } from './console-settings.ts';

/** The request that the form sends, without its credential. */
export interface SampledRequest {
  readonly url: string;
  readonly method: SignInMethod;
  readonly name: string;
  readonly idempotencyKey: string;
  readonly accept: string;
}

/** Stands for the credential: a variable of the environment, to be set by the person who runs the sample. */
const CREDENTIALS = {
  'caller-key': { header: 'Training-Key', variable: 'CALLER_KEY', prefix: '' },
  'function-key': { header: 'x-functions-key', variable: 'FUNCTION_KEY', prefix: '' },
  entra: { header: 'Authorization', variable: 'ACCESS_TOKEN', prefix: 'Bearer ' },
} as const satisfies Record<SignInMethod, { header: string; variable: string; prefix: string }>;

/** Characters that would hide what a pasted text does (Trojan Source), or end a line of it. */
const UNSAFE = /[\p{Cc}\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** For a POSIX shell. */
export function curlSample({ url, method, name, idempotencyKey, accept }: SampledRequest): string {
  const { header, variable, prefix } = CREDENTIALS[method];
  return [
    `curl -i -X PATCH ${inShell(url)}`,
    `  -H "${header}: ${prefix}$${variable}"`,
    `  -H 'Content-Type: application/json' -H 'Accept: ${accept}'`,
    `  -H 'Idempotency-Key: "${idempotencyKey}"'`,
    `  --data-binary ${inShell(`{"name": ${asLiteral(name)}}`)}`,
  ].join(' \\\n');
}

/** For Node.js, as a module. */
export function javaScriptSample({ url, method, name, idempotencyKey, accept }: SampledRequest): string {
  const { header, variable, prefix } = CREDENTIALS[method];
  const value = prefix === '' ? `process.env.${variable}` : `\`${prefix}\${process.env.${variable}}\``;
  return `const response = await fetch(${asLiteral(url)}, {
  method: 'PATCH',
  headers: {
    '${header}': ${value},
    'Content-Type': 'application/json',
    Accept: '${accept}',
    'Idempotency-Key': '"${idempotencyKey}"',
  },
  body: JSON.stringify({ name: ${asLiteral(name)} }),
});
console.log(response.status, await response.text());`;
}

/** A string of JSON, which is one of JavaScript, too. */
function asLiteral(text: string): string {
  return JSON.stringify(text).replaceAll(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function inShell(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
