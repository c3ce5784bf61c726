//! POST /v1/sessions/challenge: the second factor of a sign-in.

use super::SessionView;
use crate::App;
use crate::factors::{FirstFactor, SecondFactor};
use crate::network::From;
use crate::refusal::{self, second_factor};
use aws_cognito::{CHALLENGE_KEPT, Challenge};
use axum::extract::State;
use domain::UserId;
use domain::factor::{RecoveryCode, TotpCode};
use domain::mail::AddressHash;
use domain::seal::Purpose;
use domain::text::Email;
use http_api::{Created, Json, Problem, Refusals};
use serde::{Deserialize, Serialize};

/// A sign-in that waits for its second factor, as it is sealed into the `session` that the client keeps meanwhile. The password is in it since a
/// recovery code takes the place of the authenticator and of nothing else: Cognito wants the password again then.
#[derive(Serialize, Deserialize)]
pub struct Pending {
    user: UserId,
    email: Email,
    password: String,
    challenge: Challenge,
    /// When the password was right (milliseconds since the epoch).
    at: i64,
}

/// What a sign-in asks for beside the password.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ChallengeView {
    /// `totp`: the code of the authenticator.
    #[schema(example = "totp")]
    challenge: &'static str,
    /// Send it back with the code to `POST /v1/sessions/challenge`.
    session: String,
    /// How long there is time, in seconds.
    expires_in: i64,
}

/// The second factor: `code` or `recovery_code`, one of them.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChallengeAnswer {
    session: String,
    code: Option<TotpCode>,
    recovery_code: Option<RecoveryCode>,
}

/// Answer what a sign-in asks for beside the password: the code that the authenticator shows, or one of the recovery codes. Each is good once, and the owner is mailed when a recovery code is used. Wrong codes count like wrong passwords.
#[utoipa::path(
    post, path = "/v1/sessions/challenge", operation_id = "answerChallenge", tag = "identity", request_body = ChallengeAnswer,
    responses((status = 201, body = SessionView), Refusals),
    security(()),
)]
pub async fn handler(
    State(app): State<App>,
    From(network): From,
    Json(body): Json<ChallengeAnswer>,
) -> Result<Created<Json<SessionView>>, Problem> {
    let factor = SecondFactor::one_of(body.code, body.recovery_code)?;
    let factor = factor.ok_or_else(|| Problem::field("/code", "is needed, or a `recovery_code`"))?;
    let pending = app.pending_sign_in(&body.session).await?;
    let tried = app.reserve_try(&pending.email, network).await?;
    let first = FirstFactor {
        user: pending.user,
        email: &pending.email,
        password: &pending.password,
    };
    let tokens = match app.second_factor(&first, &pending.challenge, &factor).await {
        Ok(tokens) => tokens,
        Err(error) => return Err(app.refused(tried, error, second_factor).await),
    };
    // The password was a try as well.
    app.passed(tried, 2).await;
    if app.directory.mfa(pending.user).await?.is_none() {
        app.directory.note_mfa(pending.user, app.source.now()).await?;
    }
    app.signed_in(tokens).await
}

impl App {
    /// Has somebody whose password was right asked for the second factor.
    pub async fn ask_second_factor(
        &self,
        email: Email,
        password: &str,
        challenge: Challenge,
    ) -> Result<Json<ChallengeView>, Problem> {
        let owner = self.directory.owner(&AddressHash::of(&email)).await?;
        let user = owner.ok_or_else(|| Problem::internal("an account with a second factor has no owner"))?;
        let pending = Pending {
            user,
            email,
            password: password.to_owned(),
            challenge,
            at: self.source.now().as_millisecond(),
        };
        let sealer = self.pool.sealer().await.map_err(refusal::problem)?;
        let session = sealer.seal(Purpose::Challenge, &pending, &self.source);
        Ok(Json(ChallengeView {
            challenge: "totp",
            session: session.map_err(Problem::internal)?,
            expires_in: CHALLENGE_KEPT.as_secs(),
        }))
    }

    /// Reads back who waits for the second factor, while there is time and nobody has ended it by a new password or by signing out everywhere.
    async fn pending_sign_in(&self, session: &str) -> Result<Pending, Problem> {
        let sealer = self.pool.sealer().await.map_err(refusal::problem)?;
        let pending: Pending = sealer
            .open(Purpose::Challenge, session)
            .ok_or_else(refusal::wrong_factor)?;
        let late = self.source.now().as_millisecond() > pending.at + CHALLENGE_KEPT.as_secs() * 1000;
        let state = self.directory.account_state(pending.user).await?;
        let ended = state.and_then(|state| state.signed_out_at);
        match late || ended.is_some_and(|at| pending.at / 1000 <= at) {
            true => Err(refusal::wrong_factor()),
            false => Ok(pending),
        }
    }
}
