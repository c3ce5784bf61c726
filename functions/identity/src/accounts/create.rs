//! POST /v1/accounts: sign up.

use super::AccountView;
use crate::App;
use crate::password::ChosenPassword;
use crate::refusal::problem;
use aws_cognito::CognitoError;
use axum::extract::State;
use domain::account::{AccountStatus, Notices, User};
use domain::mail::AddressHash;
use domain::task::TaskKind;
use domain::text::{Email, Name};
use domain::{Source, UserId};
use http_api::{Created, Json, Problem, Refusals};
use serde::Deserialize;
use ulid::Ulid;

/// A new account.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    email: Email,
    password: ChosenPassword,
    name: Name,
}

/// Sign up. The answer is the same whether the address has an account already or not; the owner of one that has is mailed. The password must have 12 to 256 characters, no control characters and no white space at its beginning or end, and must be neither the address nor one character again and again. A code is mailed to the address; the account is good once it is confirmed.
#[utoipa::path(
    post, path = "/v1/accounts", operation_id = "createAccount", tag = "identity", request_body = NewAccount,
    responses((status = 201, body = AccountView), Refusals),
    security(()),
)]
pub async fn handler(
    State(app): State<App>,
    Json(body): Json<NewAccount>,
) -> Result<Created<Json<AccountView>>, Problem> {
    let NewAccount { email, password, name } = body;
    let password = password.checked("/password", &email)?;
    let signed_up = app.pool.sign_up(&email, password.reveal(), &name).await;
    let user = |id| User {
        id,
        email: email.clone(),
        name,
        status: AccountStatus::Unconfirmed,
        created_at: app.source.now(),
        notices: Notices::default(),
    };
    let user = match signed_up {
        Ok(id) => made(&app, user(id)).await,
        Err(CognitoError::EmailTaken) => {
            app.tell(TaskKind::TellSignUp, &AddressHash::of(&email)).await;
            user(nobody(&app.source))
        }
        // Cognito is stricter about an address than we are.
        Err(CognitoError::NotPossible(why)) => return Err(Problem::field("/email", format!("cannot be used: {why}"))),
        Err(error) => return Err(problem(error)),
    };
    Ok(Created {
        location: None,
        body: Json(user.into()),
    })
}

/// Writes the row of an account that is made. An error would have the caller try again, and nothing would come of it: the first sign-in writes
/// the row where it is missing.
async fn made(app: &App, user: User) -> User {
    if let Err(error) = app.directory.put_new_user(&user).await {
        tracing::warn!(user = %user.id, %error, "the account has no row yet");
    }
    user
}

/// An id of nobody, in the pattern of a random UUID (RFC 9562 section 5.4), since ids are UUIDs of Cognito's.
fn nobody(source: &Source) -> UserId {
    let random = u128::from_be_bytes(source.bytes());
    let version = random & !(0xf << 76) | 4 << 76;
    UserId::from(Ulid(version & !(0b11 << 62) | 0b10 << 62))
}
