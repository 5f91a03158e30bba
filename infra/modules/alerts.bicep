// What someone must be told of. The queries read the app's log events by their names, which src/log-events.ts keeps.

import * as types from '../types.bicep'

@description('Required. Prefix of the rules\' names.')
param name string

@description('Required. Region.')
param location string

@description('Required. Tags.')
param tags types.tags

@description('Required. Workspace that the events are in.')
param workspaceId string

@description('Required. Who is told; where it is empty, alerts are only shown.')
param emails string[]

var rules = [
  {
    name: 'rename-unresolved'
    severity: 1
    description: 'A rename\'s outcome can be proved neither way. Read the audit record, look at the iteration, and decide.'
    query: events('rename_unresolved')
    window: 'PT15M'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'unfinished-rename-is-old'
    severity: 1
    description: 'A rename has been pending for more than 15 minutes, though one that was cut off is settled within two.'
    query: '${events('sweep_completed')} | where tolong(entry.oldestAgeMs) > 900000'
    window: 'PT15M'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'sweep-is-silent'
    severity: 2
    description: 'No sweep has completed for 30 minutes, though one runs each minute: the app is down, or cannot send telemetry.'
    query: events('sweep_completed')
    window: 'PT30M'
    operator: 'LessThan'
    threshold: 1
  }
  {
    name: 'message-poisoned'
    severity: 1
    description: 'A queued rename, or a notification of training, failed at every try. The event has the whole message.'
    query: events('message_poisoned')
    window: 'PT15M'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'iteration-not-named'
    severity: 2
    description: 'A notification of training was refused: no grant, no such iteration, or an expression that yields no name.'
    query: events('notification_refused')
    window: 'PT15M'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'server-errors'
    severity: 2
    description: 'More than 5 % of the requests, and at least 5, were answered with 5xx.'
    query: 'AppRequests | extend status = toint(ResultCode) | where status >= 100 | summarize failed = sumif(ItemCount, status >= 500), total = sum(ItemCount) | where failed >= 5 and failed * 20 > total'
    window: 'PT15M'
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'key-vault-failed'
    severity: 2
    description: 'Training keys or webhook secrets cannot be read. Keys fetched before still serve for up to 24 hours.'
    query: events('key_vault_failed')
    window: 'PT15M'
    operator: 'GreaterThan'
    threshold: 2
  }
  {
    name: 'callers-denied'
    severity: 2
    description: 'More than 20 requests in 15 minutes came without a good credential or without a grant.'
    // The requests, since a bad function key is turned away by the host, before the app could log it; fuzzy, since a table is missing until its first row.
    query: 'union isfuzzy=true (${events('caller_denied')}), (AppRequests | where ResultCode == \'401\')'
    window: 'PT15M'
    operator: 'GreaterThan'
    threshold: 20
  }
]

@description('The app\'s log lines that are events.')
func traces() string => 'AppTraces | where Message has \'"event":\' | extend entry = parse_json(Message)'

@description('The events of one name.')
func events(event string) string => '${traces()} | where tostring(entry.event) == \'${event}\''

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
      skipQueryValidation: true // a workspace has none of these tables before their first row
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: rule.operator
            threshold: rule.threshold
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: empty(emails) ? [] : [people.id] }
    }
  }
]
