import { render } from 'preact';
import { ConsoleApp, type ConsoleAppOptions } from './console-app.ts';
import { parseConsoleSettings, type EntraSettings } from './console-settings.ts';
import { html } from './html-template.ts';

/** Shows the page. Only the larger of its two forms knows how to sign in with Entra. */
export function startConsole(
  createEntraSignIn: ((settings: EntraSettings) => ConsoleAppOptions['signInWithEntra']) | null,
): void {
  const place = document.getElementById('console');
  const content = document.querySelector('meta[name="console-settings"]')?.getAttribute('content');
  if (place === null || content === null || content === undefined) return;
  const settings = parseConsoleSettings(content);
  const { entra } = settings;
  const signInWithEntra = entra === undefined || createEntraSignIn === null ? null : createEntraSignIn(entra);
  render(html`<${ConsoleApp} settings=${settings} signInWithEntra=${signInWithEntra} />`, place);
}
