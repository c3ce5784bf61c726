//! `notice.account`: tells somebody what was done with their account, so that they notice what they have not done themselves.
//!
//! Idempotency: the mail goes out once, as `mail.rs` says. Retry: what is throttled.

use super::{Effect, Step};
use crate::App;
use crate::mail::Mailed;
use domain::account::AccountEvent;
use domain::task::Task;
use domain::{ServiceError, UserId};

/// What every letter ends with.
const IF_NOT_YOU: &str = "If it was not you, reset your password now: that signs everybody else out.\n";

pub(super) async fn run(app: &App, task: &Task) -> Result<Step, ServiceError> {
    let event = serde_json::from_value(task.input["event"].clone());
    let (Ok(user), Ok(event)) = (task.requested_by.parse::<UserId>(), event) else {
        return Ok(Step::Fail(
            "the notice names no person or nothing that was done".to_owned(),
        ));
    };
    let Some(to) = app.address(user).await? else {
        return Ok(Step::Done(Effect::default()));
    };
    match app.mail(to, task.id.into(), letter(event)).await? {
        Mailed::Settled => Ok(Step::Done(Effect::default())),
        Mailed::Unknown(delay) => Ok(Step::wait(delay)),
    }
}

fn letter(event: AccountEvent) -> (&'static str, String) {
    let (subject, text) = match event {
        AccountEvent::MfaOn => (
            "Your account has a second factor",
            "From now on signing in to your account asks for a code of your authenticator.",
        ),
        AccountEvent::MfaOff => (
            "Your account has no second factor any more",
            "From now on the password alone signs in to your account.",
        ),
        AccountEvent::RecoveryCodesRenewed => (
            "Your account has other recovery codes",
            "Somebody who is signed in to your account has had other recovery codes shown. Those before are worth nothing any more.",
        ),
        AccountEvent::RecoveryCodeUsed => (
            "A recovery code of your account was used",
            "Somebody with your password has used a recovery code in the place of your authenticator. Your profile says how many are left.",
        ),
        AccountEvent::PasswordChanged => (
            "The password of your account was changed",
            "Somebody who is signed in to your account has changed its password. Every other sign-in has ended.",
        ),
    };
    (subject, format!("{text}\n\n{IF_NOT_YOU}"))
}
