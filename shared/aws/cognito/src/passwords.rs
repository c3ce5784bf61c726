//! Forgotten passwords.

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
}
