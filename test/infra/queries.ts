import { isObject, type Json } from './compiled.ts';
import { kustoFaults } from './kusto.ts';

/** The names of the events that a query takes from the app's log. */
export function eventsOf(query: string): string[] {
  const one = [...query.matchAll(/tostring\(entry\.event\) == '([^']*)'/g)].map(([, event = '']) => event);
  const several = [...query.matchAll(/tostring\(entry\.event\) in \(([^)]*)\)/g)];
  return [
    ...one,
    ...several.flatMap(([, list = '']) => [...list.matchAll(/'([^']*)'/g)].map(([, event = '']) => event)),
  ];
}

/**
 * Why a query would fail, or find nothing: Kusto refuses it, or it asks for an event or a property that is
 * never written.
 */
export function faultsOf(query: string, logged: ReadonlyMap<unknown, Json>): string[] {
  const events = eventsOf(query);
  const mentions = query.match(/entry\.event\b/g)?.length ?? 0;
  const filters = query.match(/tostring\(entry\.event\) (==|in) /g)?.length ?? 0;
  const known = new Set(events.flatMap((event) => Object.keys(logged.get(event) ?? {})));
  const properties = [...query.matchAll(/\bentry\.(\w+)/g)].map(([, property = '']) => property);
  return [
    ...kustoFaults(withParameters(query)),
    ...(mentions === filters ? [] : ['an event is compared in another way']),
    ...events.filter((event) => !logged.has(event)).map((event) => `the event ${event}`),
    ...properties.filter((property) => !known.has(property)).map((property) => `the property ${property}`),
  ];
}

/** A workbook puts its time range around a query by itself, and nothing else. */
function withParameters(query: string): string {
  return query.replaceAll(/\{\{\w+\}\}/g, 'replaced');
}

/** Every query of a workbook, by the title that it stands under. */
export function workbookQueries(workbook: unknown): { title: string; query: string }[] {
  if (Array.isArray(workbook)) return workbook.flatMap(workbookQueries);
  if (!isObject(workbook)) return [];
  const { query, title } = workbook;
  if (typeof query === 'string') return [{ title: String(title), query }];
  return Object.values(workbook).flatMap(workbookQueries);
}
