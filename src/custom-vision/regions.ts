/** The regions of the Custom Vision training service, as Azure Resource Manager names them. */
export const REGIONS = [
  'australiaeast',
  'centralindia',
  'centraluseuap',
  'eastus',
  'eastus2',
  'japaneast',
  'northcentralus',
  'northeurope',
  'southcentralus',
  'southeastasia',
  'uksouth',
  'westeurope',
  'westus2',
] as const;

export type Region = (typeof REGIONS)[number];

export function regionalEndpoint(region: Region): URL {
  return new URL(`https://${region}.api.cognitive.microsoft.com`);
}
