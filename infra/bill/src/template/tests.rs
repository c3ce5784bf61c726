use super::*;

#[test]
fn schedules_are_counted_by_the_hour() {
    for (schedule, times) in [
        ("rate(1 minute)", 60.0),
        ("rate(5 minutes)", 12.0),
        ("rate(1 hour)", 1.0),
        ("cron(10 3 * * ? *)", 1.0 / 24.0),
    ] {
        assert!((an_hour(schedule).unwrap() - times).abs() < 1e-9, "{schedule}");
    }
    for wrong in ["at(2026-01-01)", "rate(1 week)", "cron(0/5 * * * ? *)"] {
        assert!(an_hour(wrong).is_err(), "{wrong}");
    }
}

const TEMPLATE: &str = "
Parameters:
  Waf: { Default: disabled }
  Countries: { Default: '' }
  LogRetentionDays: { Default: 30 }
Conditions:
  HasWaf: !Equals [!Ref Waf, enabled]
  HasCountries: !Not [!Equals [!Ref Countries, '']]
  Both: !And [{ Condition: HasWaf }, { Condition: HasCountries }]
Globals: { Function: { MemorySize: 256, Tracing: Active } }
Resources:
  Queue: { Type: AWS::SQS::Queue, Properties: { FifoQueue: true } }
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub millwright-${Stage}-worker
      MemorySize: 512
      Events:
        Messages: { Type: SQS, Properties: { Queue: !GetAtt Queue.Arn } }
        Tick: { Type: Schedule, Properties: { Schedule: rate(30 minutes) } }
  Alarm: { Type: AWS::CloudWatch::Alarm, Properties: { MetricName: Errors, Period: 10 } }
  Quota: { Type: AWS::CloudWatch::Alarm, Properties: { Metrics: [{ Expression: a + b }, { MetricStat: {} }, { MetricStat: {} }] } }
  Wall:
    Type: AWS::WAFv2::WebACL
    Condition: HasWaf
    Properties:
      Rules:
        - { Name: rate }
        - !If [HasCountries, { Name: countries }, !Ref AWS::NoValue]
  Key: { Type: AWS::KMS::Key, Condition: Both }
";

#[test]
fn what_costs_something_is_counted_under_its_conditions() {
    let bare = read(TEMPLATE, &[]).unwrap();
    assert_eq!((bare.alarms, bare.keys, bare.web_acls.len()), ((3, 1), 0, 0));
    let worker = Function {
        name: "worker".to_owned(),
        memory: 512.0,
        traced: true,
        schedules: vec![("Tick".to_owned(), 2.0)],
        polled: (0, 1),
    };
    assert_eq!(bare.functions, [worker]);
    assert_eq!(read(TEMPLATE, &[("Waf", "enabled")]).unwrap().web_acls, [1]);
    let both = read(TEMPLATE, &[("Waf", "enabled"), ("Countries", "DE")]).unwrap();
    assert_eq!((both.keys, both.web_acls), (1, vec![2]));
}

#[test]
fn an_unknown_kind_of_resource_is_not_passed_over() {
    let unknown = TEMPLATE.replace("AWS::KMS::Key", "AWS::RDS::DBInstance");
    let why = read(&unknown, &[("Waf", "enabled"), ("Countries", "DE")]).unwrap_err();
    assert!(format!("{why:#}").contains("AWS::RDS::DBInstance"), "{why:#}");
}
