//! `notice.email_change`: mails a token to the address that somebody wants for theirs, and tells the one they have.
//!
//! Idempotency: each mail goes out once, as `mail.rs` says. The token is made when its mail is about to go, and only its hash is stored: the
//! latest mail's is good. Retry: what is throttled.

use super::{Effect, Step};
use crate::App;
use crate::mail::Mailed;
use aws_dynamodb::EmailWish;
use domain::credential::Token;
use domain::mail::AddressHash;
use domain::task::Task;
use domain::{ServiceError, UserId};

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let Ok(user) = task.requested_by.parse::<UserId>() else {
        return Ok(Step::Fail("the notice names no person".to_owned()));
    };
    let Some(wish) = app.directory.email_wish(user, app.source.now()).await? else {
        return Ok(Step::Done(Effect::default()));
    };
    if app.directory.mail_stopped(&wish.email).await?.is_none() {
        let letter = async || to_wanted(app, user, &wish).await;
        if let Mailed::Unknown(delay) = app.mail_with(wish.email.clone(), task.id.into(), letter).await? {
            return Ok(Step::wait(delay));
        }
    }
    let (Some(old), Ok(notice)) = (app.address(user).await?, format!("{}-old", task.id).parse()) else {
        return Ok(Step::Done(Effect::default()));
    };
    match app.mail(old, notice, to_old()).await? {
        Mailed::Settled => Ok(Step::Done(Effect::default())),
        Mailed::Unknown(delay) => Ok(Step::wait(delay)),
    }
}

/// A token for the address, unless somebody has it: they are told instead.
async fn to_wanted(app: &App, user: UserId, wish: &EmailWish) -> Result<(&'static str, String), ServiceError> {
    if app.directory.owner(&AddressHash::of(&wish.email)).await?.is_some() {
        return Ok(to_taken());
    }
    let token = Token::email(user, &app.source);
    app.directory.put_email_link(user, &token, wish).await?;
    Ok(to_new(app, &token))
}

/// After the `#` a token stays in the browser: no server's log holds it.
fn to_new(app: &App, token: &Token) -> (&'static str, String) {
    let text = format!(
        "Somebody with an account wants to use this address for it from now on.\n\n\
         If it was you, sign in and confirm it within a day:\n{}\n\
         (Without a browser: POST {{\"code\": \"{}\"}} to {}.)\n\n\
         If it was not you, there is nothing that you have to do.\n",
        app.deployment.link(&format!("/email#{}", token.reveal())),
        token.reveal(),
        app.deployment.link("/v1/me/email/confirm"),
    );
    ("Confirm your new address", text)
}

fn to_taken() -> (&'static str, String) {
    let text = "Somebody with another account wants to use this address, which has an account already, for it.\n\n\
                There is nothing that you have to do: nothing has changed.\n";
    ("Your address stays yours", text.to_owned())
}

fn to_old() -> (&'static str, String) {
    let text = "Somebody who is signed in to your account wants to use another address for it. It changes once the new address is confirmed.\n\n\
                If it was not you, reset your password now: that signs everybody else out.\n";
    ("The address of your account is about to change", text.to_owned())
}
