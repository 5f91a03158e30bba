import { isObject, type Json } from './compiled.ts';

/** Of the tables that are not the app's own, the columns that queries read. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  AppRequests: ['ResultCode', 'ItemCount'],
};

/** The names of the events that a query takes from the app's log. */
export function eventsOf(query: string): string[] {
  const one = [...query.matchAll(/tostring\(entry\.event\) == '([^']*)'/g)].map(([, event = '']) => event);
  const several = [...query.matchAll(/tostring\(entry\.event\) in \(([^)]*)\)/g)];
  return [
    ...one,
    ...several.flatMap(([, list = '']) => [...list.matchAll(/'([^']*)'/g)].map(([, event = '']) => event)),
  ];
}

/** Why a query would find nothing: it asks for an event, a property or a table that nobody writes. */
export function faultsOf(query: string, logged: ReadonlyMap<unknown, Json>): string[] {
  const events = eventsOf(query);
  const mentions = query.match(/entry\.event\b/g)?.length ?? 0;
  const filters = query.match(/tostring\(entry\.event\) (==|in) /g)?.length ?? 0;
  const known = new Set(events.flatMap((event) => Object.keys(logged.get(event) ?? {})));
  const properties = [...query.matchAll(/\bentry\.(\w+)/g)].map(([, property = '']) => property);
  const tables = [...query.matchAll(/(?:^|[(|]\s*)([A-Z]\w+)(?= \||\n\|)/g)].map(([, table = '']) => table);
  return [
    ...(tables.length === 0 ? ['it reads no table'] : []),
    ...tables
      .filter((table) => table !== 'AppTraces' && !(table in COLUMNS))
      .map((table) => `the table ${table}`),
    ...(tables.includes('AppTraces') && events.length === 0 ? ['it takes no event'] : []),
    ...(mentions === filters ? [] : ['an event is compared in another way']),
    ...events.filter((event) => !logged.has(event)).map((event) => `the event ${event}`),
    ...properties.filter((property) => !known.has(property)).map((property) => `the property ${property}`),
  ];
}

/** Every query of a workbook, by the title that it stands under. */
export function workbookQueries(workbook: unknown): { title: string; query: string }[] {
  if (Array.isArray(workbook)) return workbook.flatMap(workbookQueries);
  if (!isObject(workbook)) return [];
  const { query, title } = workbook;
  if (typeof query === 'string') return [{ title: String(title), query }];
  return Object.values(workbook).flatMap(workbookQueries);
}
