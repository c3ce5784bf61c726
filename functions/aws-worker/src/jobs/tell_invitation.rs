//! `notice.invitation`: mails an invitation's link to the address that is invited.
//!
//! Idempotency: the mail goes out once, as `mail.rs` says. Its token is made when it is about to go, and only the token's hash is stored: the
//! latest mail's is good. An invitation that was accepted, taken back or is over is nothing to mail. Retry: what is throttled.

use super::{Effect, Step};
use crate::App;
use crate::mail::Mailed;
use aws_dynamodb::Invitation;
use domain::credential::Token;
use domain::task::Task;
use domain::{InvitationId, OrgId, ServiceError};

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let id = task.input["invitation"].as_str().and_then(|id| id.parse().ok());
    let Some((org, id)) = task.org.zip(id) else {
        return Ok(Step::Fail("the notice names no invitation".to_owned()));
    };
    let Some(invitation) = open(app, org, id).await? else {
        return Ok(Step::Done(Effect::default()));
    };
    if app.directory.mail_stopped(&invitation.email).await?.is_some() {
        return Ok(Step::Done(Effect::default()));
    }
    let to = invitation.email.clone();
    let letter = async || letter(app, org, &invitation).await;
    match app.mail_with(to, task.id.into(), letter).await? {
        Mailed::Settled => Ok(Step::Done(Effect::default())),
        Mailed::Unknown(delay) => Ok(Step::wait(delay)),
    }
}

async fn open(app: &App, org: OrgId, id: InvitationId) -> Result<Option<Invitation>, ServiceError> {
    let found = app.directory.invitation(org, id).await?;
    Ok(found.filter(|invitation| invitation.expires > app.source.now()))
}

/// After the `#` a token stays in the browser: no server's log holds it. The organisation's name is left out: whoever invites has chosen it,
/// and could have anything sent in our name.
async fn letter(app: &App, org: OrgId, invitation: &Invitation) -> Result<(&'static str, String), ServiceError> {
    let token = Token::invitation(org, invitation.id, &app.source);
    app.directory.put_invitation_link(org, invitation.id, &token).await?;
    let text = format!(
        "You are invited to an organisation, as {}.\n\n\
         Sign in with this address, or sign up with it first, and accept with this link, which is good once, until {}:\n{}\n\
         (Without a browser: POST to {}.)\n\n\
         If you do not know of it, there is nothing that you have to do.\n",
        invitation.role.as_str(),
        invitation.expires.strftime("%Y-%m-%d at %H:%M UTC"),
        app.deployment.link(&format!("/invitation#{}", token.reveal())),
        app.deployment
            .link(&format!("/v1/invitations/{}/accept", token.reveal())),
    );
    Ok(("You are invited to an organisation", text))
}
