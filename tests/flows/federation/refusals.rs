//! What brings nobody in.

use super::cloud::{CALLBACK, Ground, OIDC};
use super::provider::Who;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Api, Person, answer, aws, sign_in};

pub async fn what_cannot_begin(ground: &Ground) {
    let start = async |provider: &str, redirect_uri: &str| {
        let body = json!({ "provider": provider, "redirect_uri": redirect_uri });
        ground
            .api
            .post("/v1/sessions/federated/start", &body)
            .await
            .problem(422)
    };
    assert!(start("Nobody", CALLBACK).await.contains("/provider"));
    assert!(start("no such name", CALLBACK).await.contains("/provider"));
    for elsewhere in [
        "https://evil.example/callback",
        "https://app.example.com/callback/",
        "https://app.example.com/callback?x=1",
        "http://app.example.com/callback",
        "javascript:alert(1)",
    ] {
        assert!(start(OIDC, elsewhere).await.contains("/redirect_uri"), "{elsewhere}");
    }
}

pub async fn what_cannot_be_finished(ground: &Ground) {
    let who = Who::new("cleo", &[]);
    let begun = ground.begin(OIDC).await;
    let back = ground.browse(&begun, &who).await;
    let other = ground.begin(OIDC).await;
    let refused = async |code: &str, state: &str, ticket: &str| {
        let detail = ground.finish(code, state, ticket).await.problem(401);
        assert!(detail.contains("Begin again"), "{detail}");
    };
    // Whoever reads the address that the browser came back to lacks the ticket.
    refused(&back.code, &back.state, &other.ticket).await;
    refused(&back.code, &back.state, "mws_nonsense").await;
    refused(&back.code, &other.state, &begun.ticket).await;
    refused(&back.code, "made-up", &begun.ticket).await;
    // None of that used the sign-in up.
    ground.finish(&back.code, &back.state, &begun.ticket).await.expect(201);
    refused(&back.code, &back.state, &begun.ticket).await;
    // The code of one sign-in, slipped into another.
    let victim = ground.begin(OIDC).await;
    let back = ground.browse(&other, &who).await;
    refused(&back.code, &victim.state, &victim.ticket).await;
    refused("made-up", &other.state, &other.ticket).await;
    for (name, body) in [
        ("/code", json!({ "code": "", "state": "s", "ticket": "t" })),
        (
            "/state",
            json!({ "code": "c", "state": "s".repeat(2049), "ticket": "t" }),
        ),
        ("/ticket", json!({ "code": "c", "state": "s", "ticket": 7 })),
    ] {
        let detail = ground.api.post("/v1/sessions/federated", &body).await.problem(422);
        assert!(detail.contains(name), "{detail}");
    }
    let late = ground.begin(OIDC).await;
    let back = ground.browse(&late, &who).await;
    ground.age(&late.state).await;
    refused(&back.code, &back.state, &late.ticket).await;
}

pub async fn a_code_is_worth_nothing_by_itself(ground: &Ground) {
    let begun = ground.begin(OIDC).await;
    let back = ground.browse(&begun, &Who::new("dora", &[])).await;
    let sent = back.seen.iter().map(ToString::to_string).collect::<String>();
    assert!(!sent.contains(&begun.ticket), "the ticket travels: {sent}");
    let rows = ground.emulator.rows(aws::DIRECTORY).await;
    let row = rows
        .iter()
        .find(|row| row["pk"] == format!("FEDERATION#{}", begun.state));
    let row = row.unwrap_or_else(|| panic!("the sign-in is not noted")).to_string();
    assert!(!rows.iter().any(|row| row.to_string().contains(&begun.ticket)), "{row}");

    // With the client's secret even, but without the verifier.
    let (client, secret) = ground.client().await;
    for verifier in ["", "&code_verifier=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let form = format!(
            "grant_type=authorization_code&code={}&redirect_uri={CALLBACK}&client_id={client}&client_secret={secret}{verifier}",
            back.code,
        );
        let request = Api::at(ground.emulator.endpoint()).request(Method::POST, "/oauth2/token");
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        assert_eq!(answer(request).await.expect(400)["error"], "invalid_grant");
    }
    ground.finish(&back.code, &back.state, &begun.ticket).await.expect(201);
}

pub async fn an_address_makes_no_two_accounts_one(ground: &Ground) {
    let native = Person::at(&ground.api, "Eve").await;
    let mut who = Who::new("eve", &[]);
    who.email.clone_from(&native.email);
    let detail = ground.try_sign_in(&who).await.problem(409);
    assert!(detail.contains("another way"), "{detail}");
    let me = native.again().await.api.get("/v1/me").await.expect(200);
    assert_eq!((&me["id"], &me["email"]), (&json!(native.id), &json!(native.email)));

    // The other way round: whoever has signed up with an address, and not confirmed it, does not keep its owner out, who then has it.
    let who = Who::new("flo", &[]);
    let account = json!({ "email": who.email, "password": "Correct-Horse-1", "name": "Flo" });
    ground.api.post("/v1/accounts", &account).await.expect(201);
    let flo = ground.sign_in(&who).await;
    let confirm = json!({ "email": who.email, "code": "123456" });
    ground.api.post("/v1/accounts/confirm", &confirm).await.expect(204);
    sign_in(&ground.api, &who.email).await.problem(409);
    assert_eq!(ground.sign_in(&who).await.id, flo.id);

    // Nobody has seen this one read mail there.
    let mut unseen = Who::new("gil", &[]);
    unseen.verified = false;
    let detail = ground.try_sign_in(&unseen).await.problem(403);
    assert!(detail.contains("verified"), "{detail}");
}

/// A provider that is described by half is refused before anything is made.
pub async fn incomplete_parameters(ground: &Ground) {
    let templates = ground.emulator.objects("millwright-artifacts").await;
    let template = templates.iter().find(|key| key.starts_with("templates/")).unwrap();
    let url = format!("{}/millwright-artifacts/{template}", ground.emulator.endpoint());
    for (given, missing) in [
        (vec![("OidcProviderName", "Half")], "OidcIssuer"),
        (vec![("OidcIssuer", "https://id.example.com")], "OidcProviderName"),
        (vec![("SamlProviderName", "Half")], "SamlMetadataUrl"),
        (
            vec![("SamlMetadataUrl", "https://id.example.com/m")],
            "SamlProviderName",
        ),
    ] {
        let refused = ground.create_stack(&url, &given).await;
        assert!(
            refused.contains(missing) && refused.contains("ValidationError"),
            "{given:?}: {refused}"
        );
    }
}

impl Ground {
    /// Ten minutes pass for a sign-in.
    async fn age(&self, state: &str) {
        let update = json!({
            "TableName": aws::DIRECTORY,
            "Key": { "pk": { "S": format!("FEDERATION#{state}") }, "sk": { "S": "META" } },
            "UpdateExpression": "SET expires_at = :past", "ConditionExpression": "attribute_exists(pk)",
            "ExpressionAttributeValues": { ":past": { "N": (tests::now().as_second() - 1).to_string() } },
        });
        self.emulator.call("DynamoDB_20120810.UpdateItem", &update).await;
    }

    /// The id and the secret of the client of such sign-ins.
    async fn client(&self) -> (String, String) {
        let call = async |action: &str, body: Value| {
            self.emulator
                .call(&format!("AWSCognitoIdentityProviderService.{action}"), &body)
                .await
        };
        let pools = call("ListUserPools", json!({ "MaxResults": 10 })).await;
        let pool = &pools["UserPools"][0]["Id"];
        let clients = call("ListUserPoolClients", json!({ "UserPoolId": pool, "MaxResults": 10 })).await;
        let mut clients = clients["UserPoolClients"].as_array().unwrap().iter();
        let client = clients
            .find(|client| client["ClientName"] == "millwright-local-federation")
            .unwrap();
        let asked = json!({ "UserPoolId": pool, "ClientId": client["ClientId"] });
        let found = call("DescribeUserPoolClient", asked).await;
        let text = |name: &str| found["UserPoolClient"][name].as_str().unwrap().to_owned();
        (text("ClientId"), text("ClientSecret"))
    }

    async fn create_stack(&self, template: &str, given: &[(&str, &str)]) -> String {
        let mut parameters = vec![
            ("Action".to_owned(), "CreateStack"),
            ("StackName".to_owned(), "half"),
            ("TemplateURL".to_owned(), template),
            ("Capabilities.member.1".to_owned(), "CAPABILITY_NAMED_IAM"),
            ("Capabilities.member.2".to_owned(), "CAPABILITY_AUTO_EXPAND"),
        ];
        for (n, (name, value)) in given.iter().enumerate() {
            parameters.push((format!("Parameters.member.{}.ParameterKey", n + 1), name));
            parameters.push((format!("Parameters.member.{}.ParameterValue", n + 1), value));
        }
        let body = reqwest::Url::parse_with_params("http://x/", &parameters).unwrap();
        let scope = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cloudformation/aws4_request";
        let request = Api::at(self.emulator.endpoint())
            .request(Method::POST, "/")
            .header("authorization", scope);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        answer(request.body(body.query().unwrap().to_owned())).await.text
    }
}
