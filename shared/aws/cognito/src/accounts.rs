//! Accounts: sign-up, confirmation, password reset.

use crate::UserPool;
use crate::error::{CognitoError, refused};
use aws_sdk_cognitoidentityprovider::types::AttributeType;
use domain::text::{Email, Name};
use domain::{ServiceError, UserId};

impl UserPool {
    /// Makes an account, not confirmed yet; Cognito mails a code.
    pub async fn sign_up(&self, email: &Email, password: &str, name: &Name) -> Result<UserId, CognitoError> {
        let hash = self.secret_hash(email.as_str()).await?;
        let call = self
            .client
            .sign_up()
            .client_id(&self.app)
            .secret_hash(hash)
            .username(email.as_str())
            .password(password);
        let call = call.user_attributes(attribute("email", email.as_str())?);
        let call = call.user_attributes(attribute("name", name.as_str())?);
        let made = call.send().await.map_err(refused)?;
        let strange = || ServiceError::Failed("Cognito's sub is no UUID".to_owned());
        Ok(UserId::from_sub(&made.user_sub).ok_or_else(strange)?)
    }

    /// Confirms an address with the code that was mailed there.
    pub async fn confirm(&self, email: &Email, code: &str) -> Result<(), CognitoError> {
        let hash = self.secret_hash(email.as_str()).await?;
        let call = self
            .client
            .confirm_sign_up()
            .client_id(&self.app)
            .secret_hash(hash)
            .username(email.as_str());
        call.confirmation_code(code).send().await.map_err(refused)?;
        Ok(())
    }

    /// Mails another confirmation code.
    pub async fn resend_confirmation(&self, email: &Email) -> Result<(), CognitoError> {
        let hash = self.secret_hash(email.as_str()).await?;
        let call = self
            .client
            .resend_confirmation_code()
            .client_id(&self.app)
            .secret_hash(hash);
        call.username(email.as_str()).send().await.map_err(refused)?;
        Ok(())
    }

    /// Mails a code with which a new password can be set.
    pub async fn request_password_reset(&self, email: &Email) -> Result<(), CognitoError> {
        let hash = self.secret_hash(email.as_str()).await?;
        let call = self
            .client
            .forgot_password()
            .client_id(&self.app)
            .secret_hash(hash)
            .username(email.as_str());
        call.send().await.map_err(refused)?;
        Ok(())
    }

    /// Sets a new password with a code.
    pub async fn confirm_password_reset(&self, email: &Email, code: &str, password: &str) -> Result<(), CognitoError> {
        let hash = self.secret_hash(email.as_str()).await?;
        let call = self
            .client
            .confirm_forgot_password()
            .client_id(&self.app)
            .secret_hash(hash);
        let call = call.username(email.as_str()).confirmation_code(code).password(password);
        call.send().await.map_err(refused)?;
        Ok(())
    }

    /// The name that somebody signed up with.
    pub async fn name_of(&self, email: &Email) -> Result<Option<Name>, CognitoError> {
        let call = self
            .client
            .admin_get_user()
            .user_pool_id(&self.pool)
            .username(email.as_str());
        let attributes = call.send().await.map_err(refused)?.user_attributes.unwrap_or_default();
        let name = attributes
            .into_iter()
            .find(|attribute| attribute.name == "name")
            .and_then(|name| name.value);
        Ok(name.and_then(|name| Name::parse(&name).ok()))
    }
}

fn attribute(name: &str, value: &str) -> Result<AttributeType, ServiceError> {
    let attribute = AttributeType::builder().name(name).value(value).build();
    attribute.map_err(|error| ServiceError::Failed(error.to_string()))
}
