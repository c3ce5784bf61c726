//! An identity provider: OpenID Connect with discovery, code flow and signed id tokens, and the browser's side of SAML. It checks what it is sent as a
//! provider would.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// What the provider knows the deployment by.
pub const CLIENT: &str = "millwright";
/// The secret that goes with it.
pub const SECRET: &str = "between/us+two=";

type Pairs = HashMap<String, String>;

/// A provider that runs.
pub struct Provider {
    pub issuer: String,
    desk: Arc<Desk>,
}

/// Somebody whom the provider knows.
#[derive(Debug, Clone)]
pub struct Who {
    pub sub: String,
    pub email: String,
    pub verified: bool,
    pub groups: Vec<&'static str>,
}

struct Desk {
    issuer: String,
    back_to: String,
    key: KeyPair,
    keyboard: Mutex<Option<Who>>,
    codes: Mutex<HashMap<String, Who>>,
}

impl Who {
    /// Somebody new.
    pub fn new(name: &str, groups: &[&'static str]) -> Self {
        let sub = tests::unique(name);
        Self {
            email: format!("{sub}@plant.example"),
            sub,
            verified: true,
            groups: groups.to_vec(),
        }
    }

    /// The same person in other groups.
    pub fn in_groups(&self, groups: &[&'static str]) -> Self {
        Self {
            groups: groups.to_vec(),
            ..self.clone()
        }
    }
}

impl Provider {
    /// Starts one that lets sign-ins return to that address.
    pub async fn start(back_to: &str) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let desk = Arc::new(Desk {
            issuer: issuer.clone(),
            back_to: back_to.to_owned(),
            key: KeyPair::generate(KeySize::Rsa2048).unwrap(),
            keyboard: Mutex::default(),
            codes: Mutex::default(),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .route("/saml", get(saml))
            .with_state(Arc::clone(&desk));
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        Self { issuer, desk }
    }

    /// Who signs in next.
    pub fn at_the_keyboard(&self, who: &Who) {
        *self.desk.keyboard.lock().unwrap() = Some(who.clone());
    }
}

impl Desk {
    fn present(&self) -> Who {
        self.keyboard.lock().unwrap().clone().unwrap()
    }

    fn claims(&self, who: &Who) -> Value {
        let now = tests::now().as_second();
        json!({
            "iss": self.issuer, "aud": CLIENT, "sub": who.sub, "iat": now, "exp": now + 300,
            "email": who.email, "email_verified": who.verified, "name": "Ada Lovelace", "groups": who.groups,
        })
    }

    fn signed(&self, claims: &Value) -> String {
        let header = json!({ "alg": "RS256", "kid": "plant" }).to_string();
        let parts = [header, claims.to_string()].map(|part| URL_SAFE_NO_PAD.encode(part));
        let message = parts.join(".");
        let mut signature = vec![0; self.key.public_modulus_len()];
        let random = SystemRandom::new();
        self.key
            .sign(&RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature)
            .unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

async fn discovery(State(desk): State<Arc<Desk>>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", desk.issuer);
    Json(json!({
        "issuer": desk.issuer, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"), "jwks_uri": at("/jwks"), "response_types_supported": ["code"],
        "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"],
    }))
}

async fn jwks(State(desk): State<Arc<Desk>>) -> Json<Value> {
    let public = PublicKeyComponents::<Vec<u8>>::from(desk.key.public_key());
    let [n, e] = [public.n, public.e].map(|number| URL_SAFE_NO_PAD.encode(number));
    Json(json!({ "keys": [{ "kty": "RSA", "alg": "RS256", "use": "sig", "kid": "plant", "n": n, "e": e }] }))
}

/// The sign-in page, with somebody at the keyboard who knows their password.
async fn authorize(State(desk): State<Arc<Desk>>, Query(asked): Query<Pairs>) -> Response {
    let says = |name: &str, value: &str| asked.get(name).is_some_and(|said| said == value);
    let openid = asked
        .get("scope")
        .is_some_and(|scopes| scopes.split(' ').any(|scope| scope == "openid"));
    if !(says("client_id", CLIENT) && says("response_type", "code") && says("redirect_uri", &desk.back_to) && openid) {
        return (StatusCode::BAD_REQUEST, format!("{asked:?}")).into_response();
    }
    let code = tests::unique("code");
    desk.codes.lock().unwrap().insert(code.clone(), desk.present());
    let query = [("code", code.as_str()), ("state", &asked["state"])];
    let back = reqwest::Url::parse_with_params(&desk.back_to, &query).unwrap();
    (StatusCode::FOUND, [(header::LOCATION, back.to_string())]).into_response()
}

/// Takes each code once, from the client that has the secret.
async fn token(State(desk): State<Arc<Desk>>, body: String) -> Response {
    let form = reqwest::Url::parse(&format!("http://x/?{body}")).unwrap();
    let form: Pairs = form.query_pairs().into_owned().collect();
    let says = |name: &str, value: &str| form.get(name).is_some_and(|said| said == value);
    if !(says("client_id", CLIENT) && says("client_secret", SECRET)) {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_client" }))).into_response();
    }
    let who = form
        .get("code")
        .and_then(|code| desk.codes.lock().unwrap().remove(code));
    let asked = says("grant_type", "authorization_code") && says("redirect_uri", &desk.back_to);
    let Some(who) = who.filter(|_| asked) else {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    };
    let id_token = desk.signed(&desk.claims(&who));
    Json(json!({ "access_token": who.sub, "token_type": "Bearer", "expires_in": 300, "id_token": id_token }))
        .into_response()
}

async fn userinfo(State(desk): State<Arc<Desk>>, headers: HeaderMap) -> Response {
    let who = desk.present();
    match headers
        .get(header::AUTHORIZATION)
        .is_some_and(|sent| *sent == format!("Bearer {}", who.sub))
    {
        true => Json(desk.claims(&who)).into_response(),
        false => StatusCode::UNAUTHORIZED.into_response(),
    }
}

/// The form that carries an assertion to the pool (SAML 2.0 bindings, section 3.5). It is not signed: the emulator would not look.
async fn saml(State(desk): State<Arc<Desk>>, Query(asked): Query<Pairs>) -> Html<String> {
    assert!(!asked["SAMLRequest"].is_empty());
    let who = desk.present();
    let groups: String = who
        .groups
        .iter()
        .map(|group| format!("<AttributeValue>{group}</AttributeValue>"))
        .collect();
    let response = format!(
        r#"<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"><Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion">
        <Subject><NameID>{sub}</NameID></Subject><AttributeStatement>
        <Attribute Name="mail"><AttributeValue>{email}</AttributeValue></Attribute>
        <Attribute Name="cn"><AttributeValue>Ada Lovelace</AttributeValue></Attribute>
        <Attribute Name="memberOf">{groups}</Attribute></AttributeStatement></Assertion></samlp:Response>"#,
        sub = who.sub,
        email = who.email,
    );
    let consumer = desk.back_to.replace("/oauth2/", "/saml2/");
    Html(format!(
        r#"<form method="post" action="{consumer}"><input name="SAMLResponse" value="{}"><input name="RelayState" value="{}"></form>"#,
        STANDARD.encode(response),
        asked["RelayState"],
    ))
}
