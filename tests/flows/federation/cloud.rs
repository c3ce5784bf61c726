//! The cloud that the stories are told in, and what they all do in it.

use super::browser::{Browser, Return};
use super::provider::{Provider, Who};
use local::{Cloud, CloudOptions};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::{Answer, Api, Emulator, Organization, Person, state_dir};

/// What the provider of OpenID Connect is called.
pub const OIDC: &str = "Plant-ID";
/// What the provider of SAML is called.
pub const SAML: &str = "Works";
/// Where browsers come back to.
pub const CALLBACK: &str = "https://app.example.com/callback";
/// The pool's pages, as a browser in the world would reach them.
pub const PAGES: &str = "https://millwright-local-000000000000.auth.us-east-1.amazoncognito.com";

/// The cloud and the provider.
pub struct Ground {
    pub api: Api,
    pub emulator: Emulator,
    pub provider: Provider,
}

/// A sign-in that has begun.
pub struct Begun {
    pub url: String,
    pub state: String,
    pub ticket: String,
}

impl Ground {
    pub async fn start() -> (Self, Cloud) {
        let provider = Provider::start(&format!("{PAGES}/oauth2/idpresponse")).await;
        let options = CloudOptions {
            reset: true,
            parameters: parameters(&provider),
            ..CloudOptions::new(state_dir("federation"))
        };
        let cloud = Cloud::start(options).await.unwrap();
        let ground = Self {
            api: Api::at(&cloud.base_url()),
            emulator: Emulator::at(&cloud.endpoint()),
            provider,
        };
        (ground, cloud)
    }

    /// Begins to sign in.
    pub async fn begin(&self, provider: &str) -> Begun {
        let start = json!({ "provider": provider, "redirect_uri": CALLBACK });
        let begun = self.api.post("/v1/sessions/federated/start", &start).await;
        assert_eq!(begun.body["expires_in"], 600, "{}", begun.text);
        let text = |name| begun.text_of(name);
        Begun {
            url: text("authorization_url"),
            state: text("state"),
            ticket: text("ticket"),
        }
    }

    /// Follows the browser to the provider and back, with somebody at its keyboard.
    pub async fn browse(&self, begun: &Begun, who: &Who) -> Return {
        self.provider.at_the_keyboard(who);
        Browser::new(self.emulator.endpoint()).follow(&begun.url).await
    }

    /// Finishes to sign in.
    pub async fn finish(&self, code: &str, state: &str, ticket: &str) -> Answer {
        let finish = json!({ "code": code, "state": state, "ticket": ticket });
        self.api.post("/v1/sessions/federated", &finish).await
    }

    /// All of it, whatever is answered in the end.
    pub async fn try_sign_in(&self, who: &Who) -> Answer {
        let begun = self.begin(OIDC).await;
        let back = self.browse(&begun, who).await;
        self.finish(&back.code, &back.state, &begun.ticket).await
    }

    /// All of it.
    pub async fn sign_in(&self, who: &Who) -> Person {
        let session = self.try_sign_in(who).await.expect(201);
        self.person(session).await
    }

    /// Whoever has that session.
    pub async fn person(&self, session: Value) -> Person {
        let api = self.api.bearer(session["access_token"].as_str().unwrap());
        let me = api.get("/v1/me").await;
        Person {
            id: me.text_of("id"),
            email: me.text_of("email"),
            api,
            session,
        }
    }

    /// The role that somebody comes to have in an organisation; none where it does not exist for them.
    pub async fn until_role(&self, person: &Person, org: &Organization, role: Option<&str>) {
        let begun = std::time::Instant::now();
        loop {
            let me = person.api.get("/v1/me").await.expect(200);
            let mut places = me["organizations"].as_array().unwrap().iter();
            let place = places.find(|place| place["id"] == org.id.as_str());
            if place.map(|place| place["role"].as_str().unwrap()) == role {
                return;
            }
            assert!(begun.elapsed() < tests::PATIENCE, "not yet {role:?}: {me}");
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    }

    /// Waits until nothing of what sign-ins brought about is under way any more.
    pub async fn until_settled(&self) {
        let begun = std::time::Instant::now();
        while !self.emulator.rows("millwright-local-outbox").await.is_empty() {
            assert!(begun.elapsed() < tests::PATIENCE, "tasks are under way still");
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    }
}

fn parameters(provider: &Provider) -> BTreeMap<String, String> {
    let saml = format!("{}/saml", provider.issuer);
    let both = format!("{CALLBACK},http://localhost:3000/callback");
    let dns = tests::dns::address();
    let named = [
        ("OidcProviderName", OIDC),
        ("OidcIssuer", &provider.issuer),
        ("OidcClientId", super::provider::CLIENT),
        ("OidcClientSecret", super::provider::SECRET),
        ("SamlProviderName", SAML),
        ("SamlMetadataUrl", &saml),
        ("SamlEmailAttribute", "mail"),
        ("SamlNameAttribute", "cn"),
        ("SamlGroupsAttribute", "memberOf"),
        ("FederationReturnUrls", &both),
        ("DnsServers", &dns),
    ];
    named
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}
