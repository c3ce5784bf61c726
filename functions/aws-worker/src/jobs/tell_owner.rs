//! `notice.locked_out`, `notice.sign_up`: tells the owner of an address what was tried with it. Who that is, and whether there is anybody,
//! is found out here: whoever asked must not know, nor be seen to take longer.
//!
//! Idempotency: the mail goes out once, as `mail.rs` says. Its token is made when it is about to go, and only the token's hash is stored: the
//! latest mail's is good. Retry: what is throttled.

use super::{Effect, Step};
use crate::App;
use crate::mail::Mailed;
use domain::credential::Token;
use domain::mail::AddressHash;
use domain::task::{Task, TaskKind};
use domain::{ServiceError, UserId};

pub(super) async fn run(app: &App, kind: TaskKind, task: &Task) -> Result<Step, ServiceError> {
    let Some(address) = task.input["address"].as_str().and_then(AddressHash::parse) else {
        return Ok(Step::Fail("the notice names no address".to_owned()));
    };
    let Some(owner) = app.directory.owner(&address).await? else {
        return Ok(Step::Done(Effect::default()));
    };
    let to = app.address(owner).await?.filter(|to| AddressHash::of(to) == address);
    let Some(to) = to else {
        return Ok(Step::Done(Effect::default()));
    };
    let letter = async || match kind {
        TaskKind::TellLockout => locked_out(app, owner).await,
        _ => Ok(signed_up()),
    };
    match app.mail_with(to, task.id.into(), letter).await? {
        Mailed::Settled => Ok(Step::Done(Effect::default())),
        Mailed::Unknown(delay) => Ok(Step::wait(delay)),
    }
}

/// After the `#` a token stays in the browser: no server's log holds it.
async fn locked_out(app: &App, owner: UserId) -> Result<(&'static str, String), ServiceError> {
    let token = Token::unlock(owner, &app.source);
    app.directory.put_unlock_link(owner, &token, app.source.now()).await?;
    let text = format!(
        "Somebody has tried several wrong passwords or codes for your account. Signing in has to wait for a while now, longer with each further try.\n\n\
         If it was you, end the wait with this link, which is good once and for a day:\n{}\n\
         (Without a browser: POST {{\"token\": \"{}\"}} to {}.)\n\n\
         If it was not you, there is nothing that you have to do: nobody got in.\n",
        app.deployment.link(&format!("/unlock#{}", token.reveal())),
        token.reveal(),
        app.deployment.link("/v1/accounts/unlock"),
    );
    Ok(("Too many wrong passwords for your account", text))
}

fn signed_up() -> (&'static str, String) {
    let text = "Somebody has signed up with your address, which has an account already.\n\n\
                If it was you: sign in, or reset your password if you have forgotten it.\n\
                If it was not you, there is nothing that you have to do: nothing has changed.\n";
    ("You have an account already", text.to_owned())
}
