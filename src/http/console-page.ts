import type { HttpResponseInit } from '@azure/functions';
import { isObject } from '../json/is-object.ts';
import { tryParseJson } from '../json/try-parse-json.ts';
import { consolePolicy } from './console-policy.ts';

/** What the page must know of this app. It is public: it names no caller, resource or project. */
export interface ConsoleSettings {
  /** In the order in which the page offers them. */
  readonly signIn: readonly ('entra' | 'caller-key' | 'function-key')[];
  /** Null where people sign in by a key only. */
  readonly entra: {
    readonly clientId: string;
    readonly authority: string;
    readonly scope: string;
    readonly readScope: string;
  } | null;
}

/** The page as the build wrote it, with the hashes of what may run and style it. */
interface BuiltPage {
  readonly html: string;
  readonly scriptHashes: readonly string[];
  readonly styleHashes: readonly string[];
}

export class ConsolePageUnreadable extends Error {
  override readonly name = 'ConsolePageUnreadable';
}

const SETTINGS_PLACE = '__CONSOLE_SETTINGS__';

/**
 * Makes the function that answers with the page. It reads the page when it is first asked for, since the app
 * must start as fast as without it, and keeps it from then on.
 */
export function createShowConsole({
  settings,
  readPage,
}: {
  readonly settings: ConsoleSettings;
  /** Of the page with Entra's library, or of the one without. */
  readonly readPage: (page: 'console' | 'console-entra') => Promise<string>;
}): () => Promise<HttpResponseInit> {
  let shown: Promise<HttpResponseInit> | null = null;

  return async function showConsole() {
    shown ??= composeAnswer();
    try {
      return await shown;
    } catch (error) {
      shown = null; // the next request tries again
      throw error;
    }
  };

  async function composeAnswer(): Promise<HttpResponseInit> {
    const page = settings.entra === null ? 'console' : 'console-entra';
    try {
      return answerPage(parsePage(await readPage(page)), settings);
    } catch (error) {
      throw new ConsolePageUnreadable('The console page is not in this package.', { cause: error });
    }
  }
}

function parsePage(text: string): BuiltPage {
  const page = tryParseJson(text);
  if (!isObject(page)) throw new TypeError('the page is no JSON object');
  const { html, scriptHashes, styleHashes } = page;
  if (typeof html !== 'string' || !isTexts(scriptHashes) || !isTexts(styleHashes)) {
    throw new TypeError('the page has no html, scriptHashes and styleHashes');
  }
  return { html, scriptHashes, styleHashes };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function answerPage({ html, ...hashes }: BuiltPage, settings: ConsoleSettings): HttpResponseInit {
  const { signIn, entra } = settings;
  const content = escapeHtml(JSON.stringify({ signIn, ...(entra === null ? {} : { entra }) }));
  const authority = entra === null ? null : new URL(entra.authority).origin;
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': consolePolicy({ ...hashes, authority }),
      // A sign-in opens a window of another origin, which must be able to tell this one that it has ended.
      'cross-origin-opener-policy': entra === null ? 'same-origin' : 'same-origin-allow-popups',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy':
        'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
    // A function: a replacement text would have meanings of its own for `$`.
    body: html.replace(SETTINGS_PLACE, () => content),
  };
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}
