/** Each name as it was first written, with all its values: the host takes names without regard to case. */
export type Query = { readonly name: string; readonly values: string[] }[];

export function parseQuery(search: string): Query {
  if (search === '') return [];
  const query = new Map<string, Query[number]>();
  for (const [name, value] of new URLSearchParams(search)) {
    const seen = query.get(name.toLowerCase());
    if (seen === undefined) query.set(name.toLowerCase(), { name, values: [value] });
    else seen.values.push(value);
  }
  return [...query.values()];
}
