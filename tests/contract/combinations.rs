//! Parameters that do not go together are refused, with words that say why, before anything is created.

use std::fs;

use reqwest::Method;
use tests::{Api, Emulator, answer, endpoint};
use yaml_serde::{Mapping, Value};

const BUCKET: &str = "combinations";

/// The template's parameters and rules with nothing to create behind them.
fn rules_alone() -> String {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml")).unwrap();
    let template: Value = yaml_serde::from_str(&text).unwrap();
    let mut alone = Mapping::new();
    for section in ["AWSTemplateFormatVersion", "Parameters", "Rules"] {
        alone.insert(section.into(), template[section].clone());
    }
    let nothing = "Nothing: { Type: AWS::CloudFormation::WaitConditionHandle }";
    alone.insert("Resources".into(), yaml_serde::from_str(nothing).unwrap());
    yaml_serde::to_string(&Value::Mapping(alone)).unwrap()
}

/// What CloudFormation answers to a stack with these parameters.
async fn create(stack: &str, given: &[(&str, &str)]) -> String {
    let mut request = vec![
        ("Action".to_owned(), "CreateStack".to_owned()),
        ("StackName".to_owned(), stack.to_owned()),
        ("TemplateURL".to_owned(), format!("{}/{BUCKET}/rules.yaml", endpoint())),
    ];
    for (n, (name, value)) in given.iter().enumerate() {
        let member = |part| format!("Parameters.member.{}.Parameter{part}", n + 1);
        request.push((member("Key"), (*name).to_owned()));
        request.push((member("Value"), (*value).to_owned()));
    }
    let body = reqwest::Url::parse_with_params("http://x/", &request).unwrap();
    let scope = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cloudformation/aws4_request";
    let sent = Api::at(endpoint())
        .request(Method::POST, "/")
        .header("authorization", scope);
    let sent = sent.header("content-type", "application/x-www-form-urlencoded");
    answer(sent.body(body.query().unwrap_or_default().to_owned()))
        .await
        .text
}

#[tokio::test]
async fn what_does_not_go_together_is_refused_in_words() {
    let emulator = Emulator::at(endpoint());
    emulator.create_bucket(BUCKET).await;
    emulator.put_object(BUCKET, "rules.yaml", rules_alone()).await;

    let subnets = ("SubnetIds", "subnet-0123456789abcdef0");
    let groups = ("SecurityGroupIds", "sg-0123456789abcdef0");
    let endpoints = ("VpcEndpointIds", "vpce-0123456789abcdef0");
    let domain = ("ApiDomainName", "api.example.com");
    let certificate = (
        "ApiCertificateArn",
        "arn:aws:acm:us-east-1:000000000000:certificate/0123",
    );
    let (vpc, waf) = (("Exposure", "vpc"), ("Waf", "enabled"));
    let refused: [(&[(&str, &str)], &str); 13] = [
        (&[vpc, subnets, groups], "Exposure=vpc needs VpcEndpointIds"),
        (&[vpc, endpoints], "Exposure=vpc needs SubnetIds"),
        (
            &[vpc, endpoints, subnets, groups, domain, certificate],
            "ApiDomainName needs Exposure=internet",
        ),
        (&[endpoints], "VpcEndpointIds needs Exposure=vpc"),
        (&[subnets], "SubnetIds needs SecurityGroupIds"),
        (&[groups], "SecurityGroupIds needs SubnetIds"),
        (&[domain], "ApiDomainName needs ApiCertificateArn"),
        (&[certificate], "ApiCertificateArn needs ApiDomainName"),
        (&[("SenderDomain", "example.com")], "SenderDomain needs SenderAddress"),
        (&[("WafCountries", "DE,FR")], "WafCountries needs Waf=enabled"),
        (&[("WafCaptcha", "enabled")], "WafCaptcha=enabled needs Waf=enabled"),
        (&[("HomeRegion", "eu-central-1")], "HomeRegion is another region"),
        (&[("OidcProviderName", "Keycloak")], "OidcProviderName needs OidcIssuer"),
    ];
    for (given, why) in refused {
        let said = create("combinations-refused", given).await;
        assert!(said.contains(why), "{given:?}: {said}");
    }
    for given in [
        ("Exposure", "intranet"),
        ("WafCountries", "Germany"),
        ("KmsKeyArn", "alias/mine"),
    ] {
        let said = create("combinations-misspelt", &[given]).await;
        assert!(
            said.contains("ValidationError") && said.contains(given.0),
            "{given:?}: {said}"
        );
    }

    let taken: [&[(&str, &str)]; 4] = [
        &[],
        &[vpc, endpoints, subnets, groups],
        &[
            domain,
            certificate,
            waf,
            ("WafCountries", "DE,FR"),
            ("WafCaptcha", "enabled"),
        ],
        &[("HomeRegion", "us-east-1"), subnets, groups],
    ];
    for (n, given) in taken.iter().enumerate() {
        let said = create(&format!("combinations-taken-{n}"), given).await;
        assert!(said.contains("StackId"), "{given:?}: {said}");
    }
}
