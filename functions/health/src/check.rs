//! Which check a rule is of.

use domain::health::Check;

/// The check of a rule of this stage, by the rule's ARN; none for any other rule.
pub fn of_rule(arn: &str, stage: &str) -> Option<Check> {
    let rule = arn.rsplit('/').next()?;
    let name = rule
        .strip_prefix("millwright-")?
        .strip_prefix(stage)?
        .strip_prefix('-')?;
    Check::ALL.iter().copied().find(|check| check.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lambda_events::event::eventbridge::EventBridgeEvent;

    #[test]
    fn every_sample_is_of_the_check_that_it_is_named_after() {
        for check in Check::ALL {
            let path = format!(
                "{}/../../events/health/{}.json",
                env!("CARGO_MANIFEST_DIR"),
                check.name()
            );
            let sample = std::fs::read_to_string(path).unwrap();
            let event: EventBridgeEvent = serde_json::from_str(&sample).unwrap();
            assert_eq!(of_rule(&event.resources.unwrap()[0], "dev"), Some(*check));
            assert!(event.time.is_some());
        }
    }

    #[test]
    fn every_check_has_a_rule_in_the_template_that_runs_as_often() {
        let template = include_str!("../../../template.yaml");
        for check in Check::ALL {
            let name = format!("Name: !Sub 'millwright-${{Stage}}-{}'", check.name());
            let schedule = template.split(&name).nth(1).unwrap().lines().nth(1).unwrap().trim();
            let expected = match check.period().as_mins() {
                1 => "rate(1 minute)".to_owned(),
                60 => "rate(1 hour)".to_owned(),
                minutes if minutes < 60 => format!("rate({minutes} minutes)"),
                _ => "* * ? *)".to_owned(),
            };
            assert!(schedule.contains(&expected), "{name}: {schedule}");
        }
    }

    #[test]
    fn a_rule_of_another_name_or_stage_is_none() {
        let rule = |name: &str| of_rule(&format!("arn:aws:events:eu-west-1:1:rule/{name}"), "dev");
        assert_eq!(rule("millwright-dev-heartbeat"), Some(Check::Heartbeat));
        for other in [
            "",
            "heartbeat",
            "millwright-prod-heartbeat",
            "millwright-dev-sweep",
            "millwright-dev2-heartbeat",
        ] {
            assert_eq!(rule(other), None, "{other}");
        }
    }
}
