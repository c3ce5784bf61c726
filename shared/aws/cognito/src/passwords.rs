//! Passwords that are forgotten or changed.

use crate::error::failed;
use crate::{CognitoError, UserPool};
use domain::text::Email;

impl UserPool {
    /// Sends a code with which a new password can be set. An address without an account is answered as if it had one.
    pub async fn request_password_reset(&self, email: &Email) -> Result<(), CognitoError> {
        let call = self.client.forgot_password().client_id(&self.client_id);
        let call = call.secret_hash(self.proof(email).await?).username(email.as_str());
        call.send().await.map_err(failed)?;
        Ok(())
    }

    /// Sets a new password with the code that was sent.
    pub async fn confirm_password_reset(&self, email: &Email, code: &str, password: &str) -> Result<(), CognitoError> {
        let call = self.client.confirm_forgot_password().client_id(&self.client_id);
        let call = call.secret_hash(self.proof(email).await?).username(email.as_str());
        let call = call.confirmation_code(code).password(password);
        call.send().await.map_err(failed)?;
        Ok(())
    }

    /// Gives somebody who is signed in another password, in the place of the present one.
    pub async fn change_password(&self, access_token: &str, current: &str, new: &str) -> Result<(), CognitoError> {
        let call = self.client.change_password().access_token(access_token);
        let call = call.previous_password(current).proposed_password(new);
        call.send().await.map_err(failed)?;
        Ok(())
    }
}
