/** A resource of `bicep snapshot`, as far as settings are read from it. */
interface AppResource {
  readonly type: string;
  readonly properties: { readonly [name: string]: unknown };
}

/**
 * What the host reads. Flex Consumption takes its runtime from the app's configuration, not from settings.
 */
export const HOST_SETTINGS = [
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'AzureWebJobsDisableHomepage',
  'AzureWebJobsStorage__blobServiceUri',
  'AzureWebJobsStorage__clientId',
  'AzureWebJobsStorage__credential',
  'AzureWebJobsStorage__queueServiceUri',
  'AzureWebJobsStorage__tableServiceUri',
  'FUNCTIONS_NODE_BLOCK_ON_ENTRY_POINT_ERROR',
];

export const STAND_IN_CLIENT_ID = '66666666-6666-6666-6666-666666666666';
/** What the cloud would make of the expressions that a snapshot leaves. */
const IN_THE_CLOUD: readonly (readonly [RegExp, string])[] = [
  [/^\[reference\('[^']*\/userAssignedIdentities\/[^']*', '[^']*'\)\.clientId\]$/, STAND_IN_CLIENT_ID],
  [/^\[reference\(.*\)\.outputs\.vaultUri\.value\]$/, 'https://kv-renames.vault.azure.net/'],
  [/^\[reference\(.*\)\.outputs\.tableServiceUri\.value\]$/, 'https://strenames.table.core.windows.net/'],
  [/^\[reference\(.*\)\.outputs\.queueServiceUri\.value\]$/, 'https://strenames.queue.core.windows.net/'],
  [/^\[environment\(\)\.authentication\.loginEndpoint\]$/, 'https://login.microsoftonline.com/'],
];
/**
 * The resources, whose endpoints are read from their accounts: the template replaces stand-ins, which are
 * endpoints themselves.
 */
const WITH_ENDPOINTS_OF_ACCOUNTS =
  /^\[reduce\(reference\(.*\)\.outputs\.endpoints\.value, '(.*)', lambda\('setting', 'account', replace\(.*\)\)\)\]$/s;

/** Every setting of the function app by its name, as the snapshot has it. */
export function appSettings(resources: readonly AppResource[]): Record<string, string> {
  const app = resources.find(({ type }) => type === 'Microsoft.Web/sites');
  const settings: Record<string, string> = {};
  for (const { name, value } of namedValues(app?.properties['siteConfig'])) settings[name] = value;
  return settings;
}

function namedValues(siteConfig: unknown): { name: string; value: string }[] {
  if (typeof siteConfig !== 'object' || siteConfig === null || !('appSettings' in siteConfig)) return [];
  const { appSettings: settings } = siteConfig;
  return Array.isArray(settings)
    ? settings.map(({ name, value }) => ({ name: String(name), value: String(value) }))
    : [];
}

/** The app's own settings, as the running app would find them in its environment. */
export function deployedSettings(resources: readonly AppResource[]): Record<string, string> {
  const own = Object.entries(appSettings(resources)).filter(([name]) => !HOST_SETTINGS.includes(name));
  return Object.fromEntries(own.map(([name, value]) => [name, inTheCloud(value)]));
}

function inTheCloud(value: string): string {
  const [, resources] = WITH_ENDPOINTS_OF_ACCOUNTS.exec(value) ?? [];
  if (resources !== undefined) return resources.replaceAll("''", "'");
  const [, replacement = value] = IN_THE_CLOUD.find(([expression]) => expression.test(value)) ?? [];
  return replacement;
}
