//! The second factor: software tokens (TOTP), and the question for their code at sign-in.

use crate::error::{failed, incomplete};
use crate::{CognitoError, Tokens, UserPool};
use aws_sdk_cognitoidentityprovider::types::{
    ChallengeNameType, SoftwareTokenMfaSettingsType, VerifySoftwareTokenResponseType,
};
use domain::UserId;
use domain::factor::TotpCode;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;

/// How long Cognito waits for the code after the password: `AuthSessionValidity` in `template.yaml`.
pub const CHALLENGE_KEPT: jiff::SignedDuration = jiff::SignedDuration::from_mins(3);

/// Cognito's question for a code. `Debug` does not show it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Challenge {
    /// The person as Cognito calls them (`USER_ID_FOR_SRP`), which the answer must repeat.
    username: String,
    /// Cognito's session.
    session: String,
}

impl Challenge {
    pub(crate) fn new(parameters: Option<&HashMap<String, String>>, session: Option<String>) -> Option<Self> {
        Some(Self {
            username: parameters?.get("USER_ID_FOR_SRP")?.clone(),
            session: session?,
        })
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Challenge(..)")
    }
}

impl UserPool {
    /// A new secret for somebody's authenticator, in base 32. It counts once a code of it is verified.
    pub async fn associate_totp(&self, access_token: &str) -> Result<String, CognitoError> {
        let call = self.client.associate_software_token().access_token(access_token);
        let secret = call.send().await.map_err(failed)?.secret_code;
        secret.ok_or_else(|| incomplete("no secret of a software token came"))
    }

    /// Whether the authenticator has the secret: from now on its codes are this person's.
    pub async fn verify_totp(&self, access_token: &str, code: &TotpCode) -> Result<(), CognitoError> {
        let call = self.client.verify_software_token().access_token(access_token);
        let status = call.user_code(code.as_str()).send().await.map_err(failed)?.status;
        match status {
            Some(VerifySoftwareTokenResponseType::Success) => Ok(()),
            _ => Err(CognitoError::WrongCode),
        }
    }

    /// Has Cognito ask for a code at sign-in, or not any more. The secret stays either way.
    pub async fn ask_for_totp(&self, user: UserId, on: bool) -> Result<(), CognitoError> {
        let settings = SoftwareTokenMfaSettingsType::builder().enabled(on).preferred_mfa(on);
        let call = self.client.admin_set_user_mfa_preference();
        let call = call.user_pool_id(&self.pool).username(user.sub());
        let call = call.software_token_mfa_settings(settings.build());
        call.send().await.map_err(failed)?;
        Ok(())
    }

    /// Answers the question with a code.
    pub async fn answer(&self, challenge: &Challenge, code: &TotpCode) -> Result<Tokens, CognitoError> {
        let call = self.client.admin_respond_to_auth_challenge();
        let call = call.user_pool_id(&self.pool).client_id(&self.client_id);
        let call = call.challenge_name(ChallengeNameType::SoftwareTokenMfa);
        let call = call.session(&challenge.session);
        let call = call.challenge_responses("USERNAME", &challenge.username);
        let call = call.challenge_responses("SOFTWARE_TOKEN_MFA_CODE", code.as_str());
        let proof = self.secret().await?.hash(&challenge.username, &self.client_id);
        let call = call.challenge_responses("SECRET_HASH", proof);
        let result = call.send().await.map_err(failed)?.authentication_result;
        Tokens::from_result(result.ok_or(CognitoError::ChallengeRequired)?)
    }
}
