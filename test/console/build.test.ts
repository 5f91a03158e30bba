import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const dist = path.join(path.dirname(path.dirname(import.meta.dirname)), 'dist');

interface BuiltPage {
  html: string;
  scriptHashes: string[];
  styleHashes: string[];
}

function readPage(name: string): BuiltPage {
  return JSON.parse(readFileSync(path.join(dist, `${name}.json`), 'utf8')) satisfies BuiltPage;
}

const hashesOf = (html: string, element: string): string[] =>
  [...html.matchAll(new RegExp(`<${element}(?: [^>]*)?>(.*?)</${element}>`, 'gs'))].map(
    ([, text = '']) => `sha256-${createHash('sha256').update(text).digest('base64')}`,
  );

describe.each(['console', 'console-entra'])('%s.json', (name) => {
  const { html, scriptHashes, styleHashes } = readPage(name);

  it('lists the hash of each script and style that it has', () => {
    expect(hashesOf(html, 'script')).toEqual(scriptHashes);
    expect(hashesOf(html, 'style')).toEqual(styleHashes);
    expect([scriptHashes.length, styleHashes.length]).toEqual([1, 1]);
  });

  it('has one place for the settings', () => {
    expect(html.split('__CONSOLE_SETTINGS__')).toHaveLength(2);
    expect(html).toContain('<meta name="console-settings" content="__CONSOLE_SETTINGS__" />');
  });

  it('loads nothing: no source, no link but its icon, no import', () => {
    const markup = html.replaceAll(/<(script|style)(?: [^>]*)?>.*?<\/\1>/gs, '');
    expect(markup).not.toMatch(/ src=|@import/);
    expect([...markup.matchAll(/href="([^"]{0,10})/g)].map(([, start]) => start)).toEqual(['data:image']);
  });

  it('has no attribute that the policy would refuse', () => {
    const markup = html.replaceAll(/<(script|style)(?: [^>]*)?>.*?<\/\1>/gs, '');
    expect(markup).not.toMatch(/ (style|on\w+)=/);
  });
});

it('is at most 120 KB without the library for Entra, which is in the other one only', () => {
  const { html } = readPage('console');
  expect(Buffer.byteLength(html)).toBeLessThan(120 * 1024);
  expect(html).not.toContain('msal');
  expect(readPage('console-entra').html).toContain('msal');
});
