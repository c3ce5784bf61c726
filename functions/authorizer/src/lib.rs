//! The authorizer: says who sends a request, and what their place is in the organisation of its path. Whether they may do what they ask
//! is for the function behind it to say.
//!
//! It takes a Cognito access token, an API key or a session of a device or machine, checks what can be checked without a look into the directory, then reads all that
//! it needs with one strongly consistent call, so that what was revoked a moment ago opens nothing. Nobody's answer is cached.
//! To add a kind of credential: an arm in `request.rs`, a file beside `api_key.rs`, and the directory's side in `directory.rs`.

mod answer;
mod api_key;
mod directory;
mod jwt;
mod refusal;
mod request;
mod session;

pub use answer::Answer;
pub use directory::Credentials;
pub use jwt::TokenRules;
pub use refusal::{Reason, Refusal};
pub use session::Sessions;

use aws_lambda_events::event::apigw::ApiGatewayCustomAuthorizerRequestTypeRequest;
use aws_tokens::Unverified;
pub use aws_tokens::{FetchKeys, HttpKeys, KeySet};
use domain::access::Rights;
use domain::access::decision::Act;
use domain::credential::{Token, TokenKind};
use domain::journal::{Origin, PseudonymKey};
use domain::session::{Holder, is_session};
use domain::{Caller, KeyId, OrgId, Principal, Scopes, Source};
use futures::FutureExt;
use request::Credential;
use serde_json::Value;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

/// The time for one answer: less than the function's time-out of 5 s, after which nobody would count the fault.
const BUDGET: Duration = Duration::from_millis(4_500);

/// What the authorizer works with.
pub struct Authorizer<C, F> {
    /// Where people, keys and organisations are looked up.
    pub directory: C,
    /// The keys that access tokens are signed with.
    pub keys: KeySet<F>,
    /// Whose access tokens are taken.
    pub rules: TokenRules,
    /// Whose sessions of devices and machines are taken.
    pub sessions: Sessions,
    /// The time.
    pub source: Source,
}

impl<C: Credentials, F: FetchKeys> Authorizer<C, F> {
    /// Answers one event of API Gateway. Logs a refusal with its reason, which never holds any part of a credential: a caller's
    /// fault at level INFO, ours at ERROR. The runtime's own line, ERROR for both, is switched off in the template.
    pub async fn handle(&self, event: Value) -> Result<Answer, Refusal> {
        // Boxed: the AWS SDK's futures are nested deeper than the compiler likes to lay out.
        let work = AssertUnwindSafe(Box::pin(self.answer(event))).catch_unwind();
        let answer = match tokio::time::timeout(BUDGET, work).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(panic)) => Err(Refusal::Outage(format!("panic: {}", lambda::panic_text(&*panic)))),
            Err(_) => Err(Refusal::Outage("no decision in time".to_owned())),
        };
        match &answer {
            Ok(_) => {}
            Err(Refusal::Unauthorized(reason)) => tracing::info!(%reason, "refused"),
            Err(Refusal::Outage(cause)) => {
                tracing::error!(cause, "the authorizer cannot tell who calls");
                refusal::count_fault(self.source.now());
            }
        }
        answer
    }

    async fn answer(&self, event: Value) -> Result<Answer, Refusal> {
        let event: ApiGatewayCustomAuthorizerRequestTypeRequest =
            serde_json::from_value(event).map_err(|_| Reason::UnreadableEvent)?;
        let (org, address) = (request::org(&event), request::address(&event));
        let caller = match request::credential(&event)? {
            Credential::Bearer(token) if is_session(token) => self.machine(token, address, org).await?,
            Credential::Bearer(token) => self.person(token, org, address).await?,
            Credential::ApiKey(key) => self.program(key, address, org).await?,
        };
        answer::allow(&caller, event.method_arn)
    }

    async fn person(&self, token: &str, org: Option<OrgId>, address: Option<IpAddr>) -> Result<Caller, Refusal> {
        let token = Unverified::parse(token).map_err(Reason::from)?;
        let key = self.keys.key(token.kid()).await?;
        let signed_in = jwt::check(token, &key, &self.rules, self.source.now())?;
        let found = self.directory.user(signed_in.user, &signed_in.session, org).await?;
        if !found.known {
            return Err(Reason::UnknownPerson.into());
        }
        if found.is_over(signed_in.at) {
            return Err(Reason::SignedOut.into());
        }
        let rights = found.role.map(|role| Rights::Role {
            role,
            extra: found.extra,
        });
        Ok(Caller {
            principal: Principal::User(signed_in.user),
            session: Some(signed_in.session),
            staff: signed_in.staff,
            membership: answer::membership(found.org, rights),
            maintenance: found.maintenance,
            act: Act::Change,
            origin: origin(address, found.pseudonym_key.as_ref()),
        })
    }

    /// A device or machine in a session. Its organisation is its own, unless the path names another.
    async fn machine(&self, token: &str, from: Option<IpAddr>, path: Option<OrgId>) -> Result<Caller, Refusal> {
        let session = self.sessions.verify(token, &self.directory, self.source.now()).await?;
        let (principal, series, home, rights, maintenance) = match session.holder {
            Holder::Device(device, series) => {
                let found = self.directory.device(device, series.project, session.org).await?;
                let home = found.org.filter(|_| !series.is_over(found.of_device, found.of_project));
                (
                    Principal::Device(device),
                    Some(series.to_string()),
                    home,
                    Rights::Device,
                    found.maintenance,
                )
            }
            Holder::Machine(id) => {
                let found = self.directory.machine(id, session.org).await?;
                let machine = found.machine.filter(|machine| machine.org == session.org);
                let scopes = Scopes::from(machine.ok_or(Reason::SessionEnded)?.scopes);
                let rights = Rights::Scopes(scopes);
                (Principal::Machine(id), None, found.org, rights, found.maintenance)
            }
        };
        let home = home.ok_or(Reason::SessionEnded)?;
        let origin = origin(from, home.machine_key.as_ref());
        let here = path.is_none_or(|path| path == home.id).then_some(home);
        Ok(Caller {
            principal,
            session: series,
            staff: false,
            membership: answer::membership(here, Some(rights)),
            maintenance,
            act: Act::Change,
            origin,
        })
    }

    async fn program(&self, key: &str, from: Option<IpAddr>, org: Option<OrgId>) -> Result<Caller, Refusal> {
        let token = Token::parse(TokenKind::ApiKey, key).map_err(|_| Reason::MalformedKey)?;
        let id: KeyId = token.id(0);
        let found = self.directory.key(id, org).await?;
        let now = self.source.now();
        let key = api_key::check(&token, from, found.key, now)?;
        api_key::note_use(&self.directory, id, &key, now).await;
        let home = found.org.filter(|org| org.id == key.org);
        let machine_key = home.as_ref().and_then(|org| org.machine_key.clone());
        Ok(Caller {
            principal: Principal::ApiKey(id),
            session: None,
            staff: false,
            membership: answer::membership(home, Some(Rights::Scopes(Scopes::from(key.scopes)))),
            maintenance: found.maintenance,
            act: Act::Change,
            origin: origin(from, machine_key.as_ref()),
        })
    }
}

/// Where a request came from, as the journal tells it: under the key of the person who sent it, or of their organisation's machines. No function
/// behind the authorizer is handed the address for the journal.
fn origin(address: Option<IpAddr>, key: Option<&PseudonymKey>) -> Origin {
    Origin {
        address: address.zip(key).map(|(address, key)| key.address(address)),
        reason: None,
    }
}
