//! Signing in, staying signed in, and ending it.

use crate::error::{failed, incomplete};
use crate::{Challenge, CognitoError, Tokens, UserPool};
use aws_sdk_cognitoidentityprovider::types::{AuthFlowType, AuthenticationResultType, ChallengeNameType};
use domain::text::Email;

/// What Cognito answers to the right password.
#[derive(Debug)]
pub enum SignIn {
    /// The sign-in's tokens.
    Tokens(Box<Tokens>),
    /// Or the question for the code of an authenticator.
    Challenge(Challenge),
}

impl UserPool {
    /// Signs a person in by their password, as far as it goes.
    pub async fn sign_in(&self, email: &Email, password: &str) -> Result<SignIn, CognitoError> {
        let call = self.client.admin_initiate_auth();
        let call = call.user_pool_id(&self.pool).client_id(&self.client_id);
        // The flow needs AWS credentials beside the password: nobody can try passwords around the API.
        let call = call.auth_flow(AuthFlowType::AdminUserPasswordAuth);
        let call = call.auth_parameters("USERNAME", email.as_str());
        let call = call.auth_parameters("PASSWORD", password);
        let call = call.auth_parameters("SECRET_HASH", self.proof(email).await?);
        let answer = call.send().await.map_err(failed)?;
        if answer.challenge_name == Some(ChallengeNameType::SoftwareTokenMfa) {
            let challenge = Challenge::new(answer.challenge_parameters.as_ref(), answer.session);
            return challenge
                .map(SignIn::Challenge)
                .ok_or_else(|| incomplete("a challenge without a session or a name"));
        }
        tokens(answer.authentication_result).map(|tokens| SignIn::Tokens(Box::new(tokens)))
    }

    /// Gets a new access token of the same sign-in.
    pub async fn refresh(&self, refresh_token: &str) -> Result<Tokens, CognitoError> {
        let call = self.client.get_tokens_from_refresh_token();
        let call = call.client_id(&self.client_id).refresh_token(refresh_token);
        let call = call.client_secret(self.secret().await?.reveal());
        tokens(call.send().await.map_err(failed)?.authentication_result)
    }

    /// Ends every refresh token of a person in Cognito's own eyes; the authorizer reads the directory instead.
    /// `username` is what Cognito calls the person: their `sub`, but for those of an identity provider.
    pub async fn end_sessions(&self, username: &str) -> Result<(), CognitoError> {
        let call = self.client.admin_user_global_sign_out();
        let call = call.user_pool_id(&self.pool).username(username);
        call.send().await.map_err(failed)?;
        Ok(())
    }

    /// Ends a refresh token, and with it every access token in Cognito's own eyes; the authorizer reads the directory instead.
    pub async fn revoke(&self, refresh_token: &str) -> Result<(), CognitoError> {
        let call = self.client.revoke_token();
        let call = call.client_id(&self.client_id).token(refresh_token);
        let call = call.client_secret(self.secret().await?.reveal());
        call.send().await.map_err(failed)?;
        Ok(())
    }
}

/// Cognito answers with tokens, or with a question that the API has no route for.
fn tokens(result: Option<AuthenticationResultType>) -> Result<Tokens, CognitoError> {
    Tokens::from_result(result.ok_or(CognitoError::ChallengeRequired)?)
}
