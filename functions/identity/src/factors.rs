//! The factors of a sign-in: a password, and for who has switched it on a code of their authenticator, or a recovery code in its place.
//!
//! Whether somebody has a second factor, their row says ([`aws_dynamodb::Mfa`]); Cognito is made to follow. It is told not to ask in one case
//! alone, for a moment: where a recovery code has taken the place of the authenticator's, which Cognito knows nothing of. Should a crash leave it
//! so, the next password mends it, and gets no tokens before.

use crate::App;
use crate::lockout::Try;
use crate::network::From as Network;
use crate::password::Password;
use crate::refusal;
use aws_cognito::{Challenge, CognitoError, SignIn, Tokens};
use domain::account::{AccountEvent, User};
use domain::factor::{RecoveryCode, TotpCode};
use domain::task::{Task, TaskKind};
use domain::text::Email;
use domain::{ServiceError, UserId};
use http_api::Problem;
use serde::Deserialize;
use serde_json::json;

/// How often a recovery code has Cognito not ask, where somebody else signs in at the same moment and has it ask again.
const ROUNDS: u32 = 3;

/// What comes beside a password.
pub enum SecondFactor {
    /// The digits of the authenticator.
    Totp(TotpCode),
    /// A code that is good once.
    Recovery(RecoveryCode),
}

/// Who somebody is that has signed in already: asked for again before what would hand the account to whoever has their access token. The password,
/// and with a second factor `code` or `recovery_code`.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    password: Password,
    code: Option<TotpCode>,
    recovery_code: Option<RecoveryCode>,
}

/// A sign-in as far as the password.
pub struct FirstFactor<'a> {
    /// Whose.
    pub user: UserId,
    /// Their address.
    pub email: &'a Email,
    /// Their password.
    pub password: &'a str,
}

impl SecondFactor {
    /// The one of the two that there is; none where there is none.
    pub fn one_of(code: Option<TotpCode>, recovery: Option<RecoveryCode>) -> Result<Option<Self>, Problem> {
        match (code, recovery) {
            (Some(_), Some(_)) => Err(Problem::field("/recovery_code", "must not be sent beside a code")),
            (code, recovery) => Ok(code.map(Self::Totp).or(recovery.map(Self::Recovery))),
        }
    }
}

impl App {
    /// Tries a password: tokens, or the question for the second factor.
    pub async fn first_factor(&self, email: &Email, password: &str) -> Result<SignIn, CognitoError> {
        let answer = self.pool.sign_in(email, password).await?;
        let SignIn::Tokens(tokens) = &answer else {
            return Ok(answer);
        };
        let user = tokens.profile.user;
        if self.directory.mfa(user).await?.is_none() {
            return Ok(answer);
        }
        tracing::warn!(%user, "Cognito did not ask for a second factor: it is told to");
        self.pool.ask_for_totp(user, true).await?;
        match self.pool.sign_in(email, password).await? {
            SignIn::Tokens(_) => Err(ServiceError::Busy("Cognito does not ask for a second factor".to_owned()).into()),
            asked => Ok(asked),
        }
    }

    /// Tries a second factor after the right password. A code of either kind is used up by it.
    pub async fn second_factor(
        &self,
        first: &FirstFactor<'_>,
        challenge: &Challenge,
        factor: &SecondFactor,
    ) -> Result<Tokens, CognitoError> {
        match factor {
            SecondFactor::Totp(code) => {
                let now = self.source.now();
                match self.directory.use_totp_code(first.user, code, now).await? {
                    true => self.pool.answer(challenge, code).await,
                    false => Err(CognitoError::WrongCode),
                }
            }
            SecondFactor::Recovery(code) => {
                self.use_recovery_code(first.user, code).await?;
                self.without_totp(first).await
            }
        }
    }

    async fn use_recovery_code(&self, user: UserId, code: &RecoveryCode) -> Result<(), CognitoError> {
        let notice = self.notice(user, AccountEvent::RecoveryCodeUsed);
        let hash = code.hash(user);
        if !self.directory.use_recovery_code(user, &hash, &notice).await? {
            return Err(CognitoError::WrongCode);
        }
        self.tasks.wake(&notice).await;
        Ok(())
    }

    /// Signs somebody in whose recovery code was right.
    async fn without_totp(&self, first: &FirstFactor<'_>) -> Result<Tokens, CognitoError> {
        for _ in 0..ROUNDS {
            self.pool.ask_for_totp(first.user, false).await?;
            let answer = self.pool.sign_in(first.email, first.password).await;
            if let Err(error) = self.pool.ask_for_totp(first.user, true).await {
                tracing::warn!(user = %first.user, %error, "Cognito asks for no second factor until the next sign-in");
            }
            if let SignIn::Tokens(tokens) = answer? {
                return Ok(*tokens);
            }
        }
        Err(ServiceError::Busy("others sign in with this account at the same moment".to_owned()).into())
    }

    /// Makes sure that somebody is who they say, within the tries that there are for their address.
    pub async fn prove(&self, user: &User, proof: Proof, Network(from): Network) -> Result<(), Problem> {
        let Proof {
            password,
            code,
            recovery_code,
        } = proof;
        let factor = SecondFactor::one_of(code, recovery_code)?;
        let tried = self.reserve_try(&user.email, from).await?;
        match self.proved(user, &password, factor.as_ref()).await {
            Ok(true) => {
                self.passed(tried, 1).await;
                Ok(())
            }
            Ok(false) => Err(self.asked_for_code(tried).await),
            Err(error) => Err(self.refused(tried, error, refusal::proof).await),
        }
    }

    /// Whether the proof is whole: false where the password is right and the second factor is left out.
    async fn proved(
        &self,
        user: &User,
        password: &Password,
        factor: Option<&SecondFactor>,
    ) -> Result<bool, CognitoError> {
        let SignIn::Challenge(challenge) = self.first_factor(&user.email, password.reveal()).await? else {
            return Ok(true);
        };
        let first = FirstFactor {
            user: user.id,
            email: &user.email,
            password: password.reveal(),
        };
        match factor {
            None => Ok(false),
            Some(SecondFactor::Recovery(code)) => self.use_recovery_code(user.id, code).await.map(|()| true),
            Some(totp) => self.second_factor(&first, &challenge, totp).await.map(|_| true),
        }
    }

    /// The password alone was right: it counts as a try, like any other without its code.
    async fn asked_for_code(&self, tried: Try) -> Problem {
        self.pending(tried).await;
        Problem::field(
            "/code",
            "is needed beside the password: the account has a second factor",
        )
    }

    /// Has somebody mailed what was done with their account. A notice that cannot be accepted is not worth failing for what is done.
    pub async fn accept_notice(&self, user: UserId, event: AccountEvent) {
        let notice = self.notice(user, event);
        match self.directory.accept_task(&notice).await {
            Ok(_) => self.tasks.wake(&notice).await,
            Err(error) => tracing::error!(%user, ?event, %error, "a notice is not sent"),
        }
    }

    /// The task that tells somebody what was done with their account.
    pub fn notice(&self, user: UserId, event: AccountEvent) -> Task {
        let (id, now) = (self.source.id(), self.source.now());
        Task::queued(id, None, TaskKind::TellAccount, user.to_string(), now).with_input(json!({ "event": event }))
    }
}
