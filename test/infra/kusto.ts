/// <reference types="@kusto/language-service-next" />
import { createRequire } from 'node:module';

// The package has no exports: it makes the global Kusto, on top of a runtime that it needs first.
const load = createRequire(import.meta.url);
load('@kusto/language-service-next/bridge.min.js');
load('@kusto/language-service-next/Kusto.Language.Bridge.min.js');

/**
 * What the workspace has, as far as queries here read it; the columns as Azure Monitor's reference lists
 * them.
 */
const SCHEMA = `
let AppTraces = datatable(TimeGenerated: datetime, Message: string, SeverityLevel: int, AppRoleName: string, Properties: dynamic)[];
let AppRequests = datatable(TimeGenerated: datetime, ResultCode: string, ItemCount: int, AppRoleName: string)[];
let StorageTableLogs = datatable(TimeGenerated: datetime, OperationName: string, RequesterObjectId: string, Uri: string, StatusCode: string)[];
`;

/** Why Kusto's own compiler refuses a query; a table or column that the workspace has not counts too. */
export function kustoFaults(query: string): string[] {
  const code = Kusto.Language.KustoCode.ParseAndAnalyze(SCHEMA + query);
  const diagnostics = code?.GetDiagnostics() ?? null;
  const faults: string[] = [];
  for (let index = 0; index < (diagnostics?.Count ?? 0); index += 1) {
    const { Severity, Message } = diagnostics?.getItem(index) ?? {};
    if (Severity === 'Error') faults.push(Message ?? '');
  }
  return faults;
}
