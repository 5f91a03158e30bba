export type SignInMethod = 'caller-key' | 'function-key' | 'entra';

/** The public client that signs people in, and what it asks a token for. */
export interface EntraSettings {
  readonly clientId: string;
  readonly authority: string;
  readonly scope: string;
  readonly readScope: string;
}

export interface ConsoleSettings {
  readonly signIn: readonly SignInMethod[];
  readonly entra?: EntraSettings;
}

const METHODS: readonly string[] = ['caller-key', 'function-key', 'entra'] satisfies SignInMethod[];

/** Reads what the proxy wrote into the page. Throws where that is not the page's settings. */
export function parseConsoleSettings(text: string): ConsoleSettings {
  const value: unknown = JSON.parse(text);
  if (!isSettings(value)) throw new TypeError('The settings of this page are not as it expects them.');
  return value;
}

function isSettings(value: unknown): value is ConsoleSettings {
  if (typeof value !== 'object' || value === null || !('signIn' in value)) return false;
  const { signIn } = value;
  if (!Array.isArray(signIn) || !signIn.every((method) => METHODS.includes(method))) return false;
  return !signIn.includes('entra') || ('entra' in value && typeof value.entra === 'object');
}
