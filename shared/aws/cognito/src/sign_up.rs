//! Making an account, confirming its address, and its end.

use crate::error::{failed, incomplete};
use crate::{CognitoError, UserPool};
use aws_sdk_cognitoidentityprovider::error::ProvideErrorMetadata;
use aws_sdk_cognitoidentityprovider::types::AttributeType;
use domain::UserId;
use domain::text::{Email, Name};

impl UserPool {
    /// Makes an account and sends a confirmation code to its address; the new person's id.
    pub async fn sign_up(&self, email: &Email, password: &str, name: &Name) -> Result<UserId, CognitoError> {
        let call = self.client.sign_up().client_id(&self.client_id);
        let call = call.secret_hash(self.proof(email).await?);
        let call = call.username(email.as_str()).password(password);
        let call = call.user_attributes(attribute("email", email.as_str())?);
        let call = call.user_attributes(attribute("name", name.as_str())?);
        let answer = call.send().await.map_err(failed)?;
        UserId::from_sub(answer.user_sub()).ok_or_else(|| incomplete("the new sub is no UUID"))
    }

    /// Confirms an address with the code that was sent there.
    pub async fn confirm(&self, email: &Email, code: &str) -> Result<(), CognitoError> {
        let call = self.client.confirm_sign_up().client_id(&self.client_id);
        let call = call.secret_hash(self.proof(email).await?);
        let call = call.username(email.as_str()).confirmation_code(code);
        call.send().await.map_err(failed)?;
        Ok(())
    }

    /// Gives a person another address, which they have proved to be theirs: they sign in with it from now on.
    pub async fn change_email(&self, user: UserId, email: &Email) -> Result<(), CognitoError> {
        let call = self.client.admin_update_user_attributes();
        let call = call.user_pool_id(&self.pool).username(user.sub());
        let call = call.user_attributes(attribute("email", email.as_str())?);
        let call = call.user_attributes(attribute("email_verified", "true")?);
        call.send().await.map_err(failed)?;
        Ok(())
    }

    /// Deletes an account: its address can be signed up with again. One that is not there is deleted already.
    /// `username` is what Cognito calls the person: their `sub`, but for those of an identity provider.
    pub async fn delete(&self, username: &str) -> Result<(), CognitoError> {
        let call = self.client.admin_delete_user();
        let call = call.user_pool_id(&self.pool).username(username);
        match call.send().await {
            Err(error) if error.code() != Some("UserNotFoundException") => Err(failed(error)),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Sends another confirmation code.
    pub async fn resend_confirmation(&self, email: &Email) -> Result<(), CognitoError> {
        let call = self.client.resend_confirmation_code().client_id(&self.client_id);
        let call = call.secret_hash(self.proof(email).await?).username(email.as_str());
        call.send().await.map_err(failed)?;
        Ok(())
    }
}

fn attribute(name: &str, value: &str) -> Result<AttributeType, CognitoError> {
    let attribute = AttributeType::builder().name(name).value(value).build();
    attribute.map_err(|_| incomplete("an attribute has no name"))
}
