import { SaxesParser } from 'saxes';
import { iterationSchema } from './iteration.schema.ts';

/**
 * Parses `<Iteration><name>...</name></Iteration>` into its properties, each a string. Throws a `SyntaxError`
 * with the reason.
 */
export function parseIterationXml(text: string): Record<string, string> {
  const properties = new Map<string, string>();
  const path: string[] = [];
  let content = '';
  const parser = new SaxesParser({ fragment: false });
  parser.on('error', (error) => refuse(error.message));
  parser.on('doctype', () => refuse('a document type declaration is not allowed'));
  parser.on('processinginstruction', () => refuse('a processing instruction is not allowed'));
  parser.on('opentag', ({ name }) => {
    if (path.length === 0 && name !== 'Iteration') refuse(`the root element must be Iteration, not ${name}`);
    // A read-only list such as exportableTo may repeat its element: it is dropped. A second name contradicts
    // the first.
    if (path.length === 1 && name === 'name' && properties.has(name)) refuse('the element name occurs twice');
    if (path.length > 1 && path[1] === 'name') refuse('the element name must hold text only');
    if (path.length >= MAX_DEPTH) refuse('the elements are nested too deeply');
    path.push(name);
    content = '';
  });
  const append = (more: string) => {
    if (path.length === 1 && more.trim() !== '') refuse('the element Iteration must hold elements, not text');
    content += more;
  };
  parser.on('text', (more) => {
    if (path.length > 0) append(more);
  });
  parser.on('cdata', append);
  parser.on('closetag', ({ name }) => {
    path.pop();
    if (path.length === 1) properties.set(name, content);
    content = '';
  });
  parser.write(text).close();
  return Object.fromEntries(properties);
}

function refuse(message: string): never {
  throw new SyntaxError(message);
}

/** Enough for the items of a list inside a property. */
const MAX_DEPTH = 4;

/** Writes an iteration as XML, in the schema's order. */
export function formatIterationXml(iteration: Readonly<Record<string, unknown>>): string {
  return formatDocument('Iteration', formatProperties(iteration, Object.keys(iterationSchema.properties)));
}

/** Writes properties as elements, in the order of those that are known; others come last. */
export function formatProperties(
  properties: Readonly<Record<string, unknown>>,
  known: readonly string[],
): string {
  const others = Object.keys(properties).filter((key) => !known.includes(key));
  return [...known, ...others].map((key) => formatElement(key, properties[key])).join('');
}

/** Writes `<root>` around elements that are XML already. */
export function formatDocument(root: string, elements: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><${root}>${elements}</${root}>`;
}

/**
 * Writes a JSON value as an element. A list repeats it; null, undefined and names that XML forbids are left
 * out.
 */
export function formatElement(name: string, value: unknown): string {
  if (value === null || value === undefined || !ELEMENT_NAME.test(name)) return '';
  if (Array.isArray(value)) return value.map((item) => formatElement(name, item)).join('');
  if (typeof value === 'object') {
    const children = Object.entries(value).map(([key, child]) => formatElement(key, child));
    return `<${name}>${children.join('')}</${name}>`;
  }
  return `<${name}>${escapeText(textOf(value))}</${name}>`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const ELEMENT_NAME = /^(?!xml)[A-Za-z_][A-Za-z0-9_.-]*$/i;
const NOT_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;
const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };

/** Characters that XML 1.0 cannot express become U+FFFD. */
function escapeText(text: string): string {
  return text
    .replace(NOT_XML, '\u{FFFD}')
    .replace(/[&<>\r]/g, (character) => ESCAPES[character] ?? character);
}
