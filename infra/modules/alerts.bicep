// One rule on what the app says, and two on what it cannot say any more. docs/operations.md lists the events.

param name string
param location string
param insightsId string
param email string
param tags object

var rules = [
  {
    name: 'trouble'
    about: 'The integration raised an alert: a pause, a standstill, a lag, missing webhooks. The sentence says what to do.'
    severity: 1
    // The app says each trouble once. So every event is told by itself, split by what it is about: an alert that stayed
    // open would swallow the next trouble, and would be called resolved when its window is over. The window is twice
    // the frequency, for logs arrive late: a trouble is mailed once or twice, never not at all.
    lasting: false
    dimensions: ['kind', 'target']
    within: 'PT10M'
    query: 'traces | where severityLevel >= 3 and message startswith "alert {" | extend facts = parse_json(substring(message, 6)) | project timestamp, kind = tostring(facts.alert), target = tostring(facts.target), why = tostring(facts.why)'
    every: 'PT5M'
    threshold: 0
    operator: 'GreaterThan'
  }
  {
    name: 'failures'
    about: 'Functions fail: more than ten within a quarter of an hour.'
    severity: 2
    lasting: true
    dimensions: []
    within: 'PT15M'
    query: 'requests | where success == false'
    every: 'PT15M'
    threshold: 10
    operator: 'GreaterThan'
  }
  {
    name: 'silence'
    about: 'Housekeeping has not run for an hour: the app is stopped, or cannot start.'
    severity: 1
    lasting: true
    dimensions: []
    within: 'PT1H'
    query: 'requests | where name == "housekeeping"'
    every: 'PT1H'
    threshold: 1
    operator: 'LessThan'
  }
]

resource group 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: '${name}-alerts'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: take(name, 12)
    emailReceivers: empty(email)
      ? []
      : [
          {
            name: 'operator'
            emailAddress: email
            useCommonAlertSchema: true
          }
        ]
  }
}

resource rule 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for each in rules: {
    name: '${name}-${each.name}'
    location: location
    tags: tags
    properties: {
      displayName: '${name}: ${each.about}'
      severity: each.severity
      enabled: true
      scopes: [insightsId]
      evaluationFrequency: each.every
      windowSize: each.within
      autoMitigate: each.lasting
      criteria: {
        allOf: [
          {
            query: each.query
            timeAggregation: 'Count'
            operator: each.operator
            threshold: each.threshold
            dimensions: map(each.dimensions, name => { name: name, operator: 'Include', values: ['*'] })
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: [group.id]
      }
    }
  }
]
