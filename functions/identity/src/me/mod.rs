//! Oneself.

pub mod confirm_email;
pub mod delete;
pub mod email;
pub mod get;
pub mod mfa;
pub mod password;
pub mod permissions;
pub mod update;

use crate::App;
use crate::accounts::AccountView;
use aws_dynamodb::{MailMark, Mfa};
use domain::account::Notices;
use domain::mail::MailState;
use domain::organization::{OrgStatus, Organization};
use domain::text::Name;
use domain::{OrgId, Role, UserId};
use http_api::Problem;
use jiff::Timestamp;
use serde::Serialize;

/// Oneself.
#[derive(Serialize, utoipa::ToSchema)]
pub struct MeView {
    #[serde(flatten)]
    account: AccountView,
    created_at: Timestamp,
    /// Which mails you want.
    notices: Notices,
    /// Whether mail reaches you.
    mail: MailView,
    /// Your second factor.
    mfa: MfaView,
    organizations: Vec<PlaceView>,
}

/// Whether signing in asks for a code beside the password.
#[derive(Serialize, utoipa::ToSchema)]
pub struct MfaView {
    enabled: bool,
    /// How many recovery codes are left.
    recovery_codes_left: usize,
}

/// Whether mail goes to an address: `ok`, or why not any more. `bounced`: a mail came back for good; `complained`: one was reported as unwanted.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailView {
    Ok,
    Bounced,
    Complained,
}

/// A place in an organisation.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PlaceView {
    id: OrgId,
    name: Name,
    status: OrgStatus,
    role: Role,
}

impl From<Option<MailMark>> for MailView {
    fn from(mark: Option<MailMark>) -> Self {
        match mark.map(|mark| mark.state) {
            None => Self::Ok,
            Some(MailState::Bounced) => Self::Bounced,
            Some(MailState::Complained) => Self::Complained,
        }
    }
}

impl From<Option<Mfa>> for MfaView {
    fn from(mfa: Option<Mfa>) -> Self {
        Self {
            enabled: mfa.is_some(),
            recovery_codes_left: mfa.map_or(0, |mfa| mfa.recovery_codes.len()),
        }
    }
}

impl From<(Organization, Role)> for PlaceView {
    fn from((org, role): (Organization, Role)) -> Self {
        Self {
            id: org.id,
            name: org.name,
            status: org.status,
            role,
        }
    }
}

/// A person as they see themselves.
async fn view(app: &App, person: UserId) -> Result<MeView, Problem> {
    let user = app.directory.user(person).await?.ok_or_else(no_account)?;
    let mail = app.directory.mail_stopped(&user.email).await?.into();
    let mfa = app.directory.mfa(person).await?.into();
    let places = app.directory.organizations_of(person).await?.into_iter();
    let organizations = places
        .filter(|(org, _)| org.status != OrgStatus::Deleted)
        .map(Into::into)
        .collect();
    Ok(MeView {
        created_at: user.created_at,
        notices: user.notices,
        mail,
        mfa,
        organizations,
        account: user.into(),
    })
}

fn no_account() -> Problem {
    Problem::not_found("account")
}
