// What someone must be told of. The queries read the app's log events by their names, which src/observability/log-event.ts keeps.

import * as types from '../types.bicep'

@description('Required. Prefix of the rules\' names.')
param name string

@description('Required. Region.')
param location string

@description('Required. Tags.')
param tags types.tags

@description('Required. Workspace that the events are in.')
param workspaceId string

@description('Required. Name of the function app: the workspace may hold the logs of others too.')
param appName string

@description('Required. Who is told; without a receiver, alerts are only shown.')
param emails string[]

@description('Required. Resource ids of action groups that exist, which are told as well.')
param actionGroupIds string[]

@description('What each rule says; a look-back where it must see further than its window.')
type rule = {
  name: string
  severity: int
  description: string
  query: string
  window: string
  lookBack: string?
  threshold: int
}

var rules rule[] = [
  {
    name: 'rename-unresolved'
    severity: 1
    description: 'A rename\'s outcome can be proved neither way. Read the audit record, look at the iteration, and decide.'
    query: events(appName, 'rename_unresolved')
    window: 'PT15M'
    threshold: 0
  }
  {
    name: 'unfinished-rename-is-old'
    severity: 1
    description: 'A rename has been pending for more than 15 minutes, though one that was cut off is settled within two.'
    query: '${events(appName, 'sweep_completed')} | where tolong(entry.oldestAgeMs) > 900000'
    window: 'PT15M'
    threshold: 0
  }
  {
    name: 'sweep-is-silent'
    severity: 2
    description: 'No sweep has completed for 30 minutes, though one runs each minute: the app is down, or cannot send telemetry.'
    // An app that was never deployed has no last sweep, and is not silent; one that is down is told of for two days.
    query: '${events(appName, 'sweep_completed')} | summarize lastSweep = max(TimeGenerated) | where lastSweep < ago(30m)'
    window: 'PT30M'
    lookBack: 'P2D'
    threshold: 0
  }
  {
    name: 'app-has-no-functions'
    severity: 1
    description: 'The app has started without its functions: a setting is wrong, or no package is deployed. Everything is answered with 404.'
    // The host stays "Running" and throws nothing; this is what it says.
    query: '${hostSays(appName)} | where Message startswith \'0 functions loaded\' or Message startswith \'No job functions found\' or Message has \'Worker failed to index functions\''
    window: 'PT15M'
    threshold: 0
  }
  {
    name: 'message-poisoned'
    severity: 1
    description: 'A queued rename, or a notification of training, failed at every try. The event has the whole message.'
    query: events(appName, 'message_poisoned')
    window: 'PT15M'
    threshold: 0
  }
  {
    name: 'message-dropped'
    severity: 2
    description: 'A message of the queue of renames was none of the app\'s, and nothing was renamed by it: something else writes into the queue.'
    query: events(appName, 'message_dropped')
    window: 'PT15M'
    threshold: 0
  }
  {
    name: 'iteration-not-named'
    severity: 2
    description: 'A notification of training was refused: no grant, no such iteration, or an expression that yields no name.'
    query: events(appName, 'notification_refused')
    window: 'PT15M'
    threshold: 0
  }
  {
    name: 'expressions-failing'
    severity: 2
    description: 'An expression takes too much time or memory, or the process that evaluates expressions keeps dying. Deliveries are answered with 503, and trained iterations stay without their name.'
    query: 'union (${events(appName, 'expression_over_bounds')}), (${events(appName, 'evaluator_failing')})'
    window: 'PT15M'
    threshold: 0
  }
  {
    name: 'upstream-access-refused'
    severity: 1
    description: 'Custom Vision, or a gateway before it, refuses the app itself: its key, its network or its quota. No rename succeeds on that resource.'
    query: events(appName, 'upstream_access_refused')
    window: 'PT15M'
    threshold: 0
  }
  {
    name: 'server-errors'
    severity: 2
    description: 'More than 5 % of the requests, and at least 5, were answered with 5xx.'
    query: 'AppRequests | where AppRoleName =~ \'${appName}\' | extend status = toint(ResultCode) | where status >= 100 | summarize failed = sumif(ItemCount, status >= 500), total = sum(ItemCount) | where failed >= 5 and failed * 20 > total'
    window: 'PT15M'
    threshold: 0
  }
  {
    name: 'key-vault-failed'
    severity: 2
    description: 'Training keys or webhook secrets cannot be read. Keys fetched before still serve for up to 24 hours.'
    query: events(appName, 'key_vault_failed')
    window: 'PT15M'
    threshold: 2
  }
  {
    name: 'callers-denied'
    severity: 2
    description: 'More than 20 requests in 15 minutes came without a good credential or without a grant.'
    // The host turns a wrong function key away before the app could log it, and makes no AppRequests row of it: only this line of ASP.NET Core's.
    query: 'union (${events(appName, 'caller_denied')}), (${events(appName, 'caller_unauthenticated')}), (${hostSays(appName)} | where Message == \'Executing StatusCodeResult, setting HTTP status code 401\')'
    window: 'PT15M'
    threshold: 20
  }
]

@description('Every line of the log of the app and its host.')
func hostSays(appName string) string => 'AppTraces | where AppRoleName =~ \'${appName}\''

@description('The app\'s own events of one name.')
func events(appName string, event string) string =>
  '${hostSays(appName)} | where Message has \'"event":\' | extend entry = parse_json(Message) | where tostring(entry.event) == \'${event}\''

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(emails)) {
  name: '${name}-operators'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'renames'
    emailReceivers: [
      for email in emails: { name: email, emailAddress: email, useCommonAlertSchema: true }
    ]
  }
}

resource alert 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for rule in rules: {
    name: '${name}-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: '${name}: ${rule.name}'
      description: rule.description
      severity: rule.severity
      enabled: true
      autoMitigate: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: rule.window
      overrideQueryTimeRange: rule.?lookBack
      skipQueryValidation: true // a workspace has none of these tables before their first row
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: rule.threshold
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: concat(empty(emails) ? [] : [people.id], actionGroupIds) }
    }
  }
]
