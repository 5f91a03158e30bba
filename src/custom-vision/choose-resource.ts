/** Where a resource's requests go. */
export interface RoutedResource {
  readonly endpoint: URL;
}

/**
 * Chooses by name, in any case; without a name the only resource, else the one called `default`. Null where
 * there is none.
 */
export function chooseResource(
  name: string | null,
  resources: ReadonlyMap<string, RoutedResource>,
): { readonly resource: string; readonly endpoint: URL } | null {
  const [first, ...others] = resources.keys();
  const resource = name?.toLowerCase() ?? (others.length === 0 ? first : 'default') ?? '';
  const found = resources.get(resource);
  return found === undefined ? null : { resource, endpoint: found.endpoint };
}
